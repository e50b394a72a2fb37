"""Who asks for codes: each with a number and a device, most of them with an account."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth import get_user_model

from example.demo_data.places import Place, places

_FIRST = (
    "ada amina bastien chloe david elif fatou gabriel hana ines jonas kofi lea mateo nadia omar paula quentin rania "
    "sofia tariq ursula victor yusuf"
)
_LAST = (
    "adeyemi bauer costa dubois evans fontaine garcia haddad ivanov jensen keller lopez moreau nguyen okafor petit "
    "rossi silva tanaka ueda vargas weber"
)

#: Addresses that are for documentation only (RFC 5737, RFC 3849), so that no visitor has one.
ADDRESSES = ("203.0.113.", "198.51.100.", "2001:db8:")

_DEVICES = (
    {"device_type": "IOS", "device_model": "iPhone15,3", "os_version": "18.1"},
    {"device_type": "ANDROID", "device_model": "Pixel 8", "os_version": "15"},
    {"device_type": "ANDROID", "device_model": "SM-S911B", "os_version": "14"},
    {"device_type": "WEB"},
)


@dataclass(kw_only=True, eq=False)
class Person:
    """Somebody with a number; ``user`` is ``None`` for who has no account."""

    place: Place
    phone_number: str
    ip: str
    signals: dict[str, str]
    user: Any


def people(chance: Random) -> list[Person]:
    """Return everybody. Their users are not saved yet."""
    names = usernames()
    return [_person(place, number, chance, names) for place in places() for number in _some(place, chance)]


def usernames() -> Iterator[str]:
    """Yield the names that users get, one after the other."""
    first, last = _FIRST.split(), _LAST.split()
    for turn in range(len(last)):
        for index, name in enumerate(first):
            yield f"{name}.{last[(index + turn) % len(last)]}"


def device(chance: Random) -> dict[str, str]:
    """Return what an app tells of the device it runs on."""
    model = chance.choices(_DEVICES, weights=(40, 25, 25, 10))[0]
    return {**model, "device_id": f"{chance.getrandbits(64):016x}", "app_version": f"4.{chance.randrange(7)}"}


def address(chance: Random) -> str:
    """Return one of the :data:`ADDRESSES`."""
    net, *others = ADDRESSES
    if chance.random() < 0.2:
        net = chance.choice(others)
    return f"{net}{chance.randrange(1, 255)}" if net.endswith(".") else f"{net}:{chance.randrange(1, 255):x}"


def _some(place: Place, chance: Random) -> list[str]:
    return chance.sample(place.numbers, place.people)


def _person(place: Place, phone_number: str, chance: Random, names: Iterator[str]) -> Person:
    has_account = len(place.numbers) > 1 and chance.random() < 0.8
    user = _user(next(names)) if has_account else None
    return Person(place=place, phone_number=phone_number, ip=address(chance), signals=device(chance), user=user)


def _user(name: str) -> Any:
    return get_user_model()(username=name, email=f"{name}@example.org", password="!")  # noqa: S106 - none fits it
