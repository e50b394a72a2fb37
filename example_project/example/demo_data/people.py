"""The people who request codes: each has a number and a device, and most have an account."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth import get_user_model

from example.demo_data.places import Place, carrier, places

_FIRST = (
    "ada amina bastien chloe david elif fatou gabriel hana ines jonas kofi lea mateo nadia omar paula quentin rania "
    "sofia tariq ursula victor yusuf"
)
_LAST = (
    "adeyemi bauer costa dubois evans fontaine garcia haddad ivanov jensen keller lopez moreau nguyen okafor petit "
    "rossi silva tanaka ueda vargas weber"
)

#: The support agent who creates recovery codes.
AGENT = "support"

#: Address ranges for documentation only (RFC 5737, RFC 3849): no visitor can have one, so they mark demo data.
ADDRESSES = ("203.0.113.", "198.51.100.", "2001:db8:")

_DEVICES = (
    {"device_type": "IOS", "device_model": "iPhone15,3", "os_version": "18.1"},
    {"device_type": "ANDROID", "device_model": "Pixel 8", "os_version": "15"},
    {"device_type": "ANDROID", "device_model": "SM-S911B", "os_version": "14"},
    {"device_type": "WEB"},
)


@dataclass(kw_only=True, eq=False)
class Person:
    """A person with a number; ``user`` is ``None`` without an account."""

    place: Place
    phone_number: str
    ip: str
    device_signals: dict[str, str]
    user: Any = None

    @property
    def carrier(self) -> str:
        return carrier(self.place.country, self.phone_number)


def people(rng: Random) -> list[Person]:
    """Return all people. Their users are not saved yet."""
    names = usernames()
    return [
        _person(place, number, rng, names) for place in places() for number in rng.sample(place.numbers, place.people)
    ]


def stranger(place: Place, rng: Random, number: str | None = None) -> Person:
    """Return a person without an account, with any of the numbers of a place."""
    number = number or rng.choice(place.numbers)
    return Person(place=place, phone_number=number, ip=address(rng), device_signals=device(rng))


def usernames() -> Iterator[str]:
    """Yield the names of users in order, each once."""
    first, last = _FIRST.split(), _LAST.split()
    for turn in range(len(last)):
        for index, name in enumerate(first):
            yield f"{name}.{last[(index + turn) % len(last)]}"


def device(rng: Random) -> dict[str, str]:
    """Return the device signals that an app sends."""
    model = rng.choices(_DEVICES, weights=(40, 25, 25, 10))[0]
    return {**model, "device_id": f"{rng.getrandbits(64):016x}", "app_version": f"4.{rng.randrange(7)}"}


def address(rng: Random) -> str:
    """Return an IP address in one of the ranges of :data:`ADDRESSES`."""
    net, *others = ADDRESSES
    if rng.random() < 0.2:
        net = rng.choice(others)
    return f"{net}{rng.randrange(1, 255)}" if net.endswith(".") else f"{net}:{rng.randrange(1, 255):x}"


def _person(place: Place, phone_number: str, rng: Random, names: Iterator[str]) -> Person:
    # A number that libphonenumber gives as an example stands for many people, so no account owns it.
    has_account = len(place.numbers) > 1 and rng.random() < 0.8
    user = new_user(next(names)) if has_account else None
    return Person(place=place, phone_number=phone_number, ip=address(rng), device_signals=device(rng), user=user)


def new_user(name: str) -> Any:
    """Return a user who can't log in with a password, not saved yet."""
    return get_user_model()(username=name, email=f"{name}@example.org", password="!")  # noqa: S106 - no password matches it
