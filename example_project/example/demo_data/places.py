"""Fictional phone numbers, and the countries they are in.

They come from the ranges that a country reserves for films and books: 555-0100 to 555-0199 of every area in North
America and the Caribbean, 07700 900000 to 900999 in Britain, 06 39 98 in France and so on. A country without such a
range has the one mobile number that libphonenumber gives as its example.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

_AMERICAN = (202, 206, 212, 213, 303, 305, 312, 404, 415, 512, 602, 617, 702, 718)
_CANADIAN = (403, 416, 514, 604)
_AUSTRALIAN = (
    "570006 570110 570156 570157 570158 570159 570313 570737 571266 571491 571804 572549 572665 572983 573087 573770 "
    "574118 574632 575254 575789 576398 576801 577426 577644 578148 578888 578957 579212 579455 579760"
)

#: Country, price of an SMS in euros, and conversion rate.
_EXAMPLES = (
    ("BE", "0.0710", 0.84),
    ("BR", "0.0240", 0.71),
    ("CH", "0.0580", 0.86),
    ("DZ", "0.1640", 0.58),
    ("ES", "0.0620", 0.83),
    ("ID", "0.2010", 0.61),
    ("IN", "0.0350", 0.66),
    ("IT", "0.0680", 0.82),
    ("MA", "0.0880", 0.63),
    ("MX", "0.0450", 0.73),
    ("NG", "0.1790", 0.52),
    ("NL", "0.0830", 0.85),
    ("PT", "0.0360", 0.8),
    ("SN", "0.1390", 0.55),
    ("TN", "0.1830", 0.57),
)

#: Mobile country codes (ITU-T E.212). Each country has two networks here, whose codes and names are invented.
_CODES = """
AU 505 BE 206 BR 724 CA 302 CH 228 DE 262 DO 370 DZ 603 ES 214 FR 208 GB 234 ID 510 IE 272 IN 404 IT 222 JM 338 MA 604
MX 334 NG 621 NL 204 PT 268 SE 240 SN 608 TN 605 US 310
""".split()  # noqa: SIM905 - a literal of one code a line would be longer than the rest of this file.
_MOBILE_COUNTRY_CODES = dict(zip(_CODES[::2], _CODES[1::2], strict=True))
_NETWORK_CODES = ("70", "71")

#: The carrier that delivers little today, and the other one of its country.
FAILING_CARRIER, OTHER_CARRIER = (f"{_MOBILE_COUNTRY_CODES['FR']}{code}" for code in _NETWORK_CODES)

#: Where the SMS pumping took place.
JAMAICA = tuple(f"+187655501{digits:02}" for digits in range(100))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Numbers of a country with the same behavior and price.

    :ivar people: how many people there are; each has one of the numbers.
    :ivar busy: how often each of them requests a code, compared with others.
    :ivar conversion: the share of codes that are entered.
    :ivar price: the price of an SMS, in ``currency``.
    :ivar apps: the share of messages sent through a messaging app.
    """

    country: str
    numbers: tuple[str, ...]
    people: int = 1
    busy: float = 1
    conversion: float = 0.8
    price: str
    currency: str = "EUR"
    apps: float = 0.15


def carrier(country: str, phone_number: str) -> str:
    """Return the code of a number's network, always the same one."""
    return _MOBILE_COUNTRY_CODES[country] + _NETWORK_CODES[sum(map(int, phone_number[1:])) % len(_NETWORK_CODES)]


def places() -> Iterator[Place]:
    """Yield all places."""
    yield Place(country="FR", numbers=_numbers("+3363998", 10_000, 4), people=120, conversion=0.86, price="0.0440")
    yield Place(country="GB", numbers=_numbers("+447700900", 1000, 3), people=60, conversion=0.84, price="0.0390")
    yield Place(country="DE", numbers=_numbers("+4917139200", 100, 2), people=30, conversion=0.82, price="0.0760")
    yield Place(country="DE", numbers=_numbers("+4917604069", 1000, 3), people=30, conversion=0.79, price="0.0760")
    yield Place(country="SE", numbers=_numbers("+467017406", 100, 2)[5:], people=18, conversion=0.88, price="0.0510")
    yield Place(country="IE", numbers=_numbers("+3532091", 1000, 5), people=16, conversion=0.81, price="0.0640")
    yield Place(country="AU", numbers=_australian(), people=16, conversion=0.78, price="0.0330", apps=0.3)
    yield from _north_american()
    for country, price, conversion in _EXAMPLES:
        yield Place(
            country=country, numbers=(_example(country),), busy=5, conversion=conversion, price=price, apps=0.45
        )


def _north_american() -> Iterator[Place]:
    for index, code in enumerate(_AMERICAN):
        conversion = 0.84 - index * 0.012
        yield Place(country="US", numbers=_area(code), people=12, conversion=conversion, price="0.0079", currency="USD")
    for code in _CANADIAN:
        yield Place(country="CA", numbers=_area(code), people=10, conversion=0.83, price="0.0085", currency="USD")
    yield Place(country="DO", numbers=_area(809), people=6, conversion=0.62, price="0.0750", currency="USD", apps=0.4)
    yield Place(country="JM", numbers=JAMAICA, people=5, conversion=0.64, price="0.1480", currency="USD", apps=0.4)


def _numbers(begin: str, count: int, width: int) -> tuple[str, ...]:
    return tuple(f"{begin}{number:0{width}}" for number in range(count))


def _area(code: int) -> tuple[str, ...]:
    return _numbers(f"+1{code}55501", 100, 2)


def _australian() -> tuple[str, ...]:
    return tuple(f"+61491{number}" for number in _AUSTRALIAN.split())


def _example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
