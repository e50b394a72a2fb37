"""The destinations of the messages: about eighty prefixes in each of sixty countries, the busiest first."""

from dataclasses import dataclass
from operator import itemgetter

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

#: Ordered by their number of messages.
COUNTRIES = (
    "FR US GB DE ES IT IN BR MX NG MA DZ TN EG TR PL NL BE CH AT PT SE NO DK FI IE CZ HU RO GR "
    "BG UA IL SA AE QA KW JO LB PK BD LK ID MY SG TH VN PH JP KR CN HK TW AU NZ ZA KE GH SN VU"
)
PREFIXES = 84

_DOLLARS = {"US", "IN", "BR", "MX", "NG", "PK", "BD", "LK", "ID", "MY", "SG", "TH", "VN", "PH", "HK", "TW", "AU", "VU"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A prefix, its country, and the price of a message."""

    prefix: str
    country: str
    price: str
    currency: str


def places() -> list[Place]:
    """Return all places, the busiest first: the first countries and their first prefixes get the most."""
    ranked = [
        ((rank + 1) ** 2 * (index + 1), _place(rank, country, prefix))
        for rank, country in enumerate(COUNTRIES.split())
        for index, prefix in enumerate(_prefixes(country))
    ]
    return [place for _, place in sorted(ranked, key=itemgetter(0))]


def _place(rank: int, country: str, prefix: str) -> Place:
    currency = "USD" if country in _DOLLARS else "EUR"
    return Place(prefix=prefix, country=country, price=f"0.0{20 + rank}", currency=currency)


def _prefixes(country: str) -> list[str]:
    """Return prefixes with valid numbers, because the admin's search needs them."""
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    stem = phonenumbers.format_number(example, PhoneNumberFormat.E164)[:-7]
    valid = [prefix for prefix in (f"{stem}{index:03}" for index in range(1000)) if _is_valid(f"{prefix}5000")]
    return valid[:: len(valid) // PREFIXES][:PREFIXES]


def _is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))
