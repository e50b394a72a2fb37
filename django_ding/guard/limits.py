"""The limits of the settings, as Django projects write them.

Rates of messages (``RATE_LIMITS``): ``"1/30s/phone,5/h/phone,20/h/ip"``. Wrong codes in a row: ``"75/phone,75/user"``.
Conversion rules (``MIN_CONVERSION``): the share of codes
that users must enter, ``"20%/20/d/prefix,10%/100/h/country"``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from django.core.exceptions import ImproperlyConfigured

#: Seconds before an unused code counts as not entered: users need time to read the message and type.
GRACE_SECONDS = 120

_PERIOD = r"([0-9]{0,6})([smhd])"
_RATE = re.compile(rf"([0-9]{{1,9}})/{_PERIOD}/([a-z]+)", re.ASCII)
_CHECK_LIMIT = re.compile(r"([0-9]{1,9})/(phone|user)", re.ASCII)
_CONVERSION_RULE = re.compile(rf"([0-9]{{1,3}})%/([0-9]{{1,4}})/{_PERIOD}/(prefix|country)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Scope(StrEnum):
    """What a limit counts by. A prefix is a number without its last four digits."""

    PHONE = "phone"
    USER = "user"
    IP = "ip"
    PREFIX = "prefix"
    COUNTRY = "country"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most ``limit`` messages in a window of ``seconds``, which begins with the first of them."""

    limit: int
    seconds: int
    scope: Scope

    @cached_property
    def name(self) -> str:
        """The name of its counters, which no other rate has: ``phone:5:3600``."""
        return f"{self.scope}:{self.limit}:{self.seconds}"


@dataclass(frozen=True, kw_only=True)
class ConversionRule:
    """At least ``percent`` of the last ``sends`` codes sent within ``seconds`` to one ``scope`` must be entered."""

    percent: int
    sends: int
    seconds: int
    scope: Scope

    def is_due(self, count: int) -> bool:
        """Return whether to evaluate at this count of sends: four times per sample, so that it costs little."""
        return count % max(self.sends // 4, 1) == 0

    @property
    def required(self) -> int:
        """How many codes out of ``sends`` must be entered."""
        return -(-self.percent * self.sends // 100)  # Rounded up.


# The same text is parsed for each message: hence the caches.
@lru_cache(maxsize=64)
def parse_rates(text: str) -> tuple[Rate, ...]:
    """Return the rates of a text such as ``"1/30s/phone,5/h/phone"``.

    :raises ImproperlyConfigured: naming the part that can't be parsed.
    """
    return tuple(map(_parse_rate, _parts(text)))


@lru_cache(maxsize=64)
def parse_check_limits(text: str) -> Mapping[str, int]:
    """Return how many wrong codes in a row each scope may have: ``{"phone": 75}`` of ``"75/phone"``.

    :raises ImproperlyConfigured: naming the part that can't be parsed.
    """
    return dict(map(_parse_check_limit, _parts(text)))


@lru_cache(maxsize=64)
def parse_conversion(text: str) -> tuple[ConversionRule, ...]:
    """Return the rules of a text such as ``"20%/20/d/prefix"``.

    :raises ImproperlyConfigured: naming the part that can't be parsed.
    """
    return tuple(map(_parse_conversion_rule, _parts(text)))


def _parse_rate(text: str) -> Rate:
    if (match := _RATE.fullmatch(text)) and match[4] in set(Scope) and (seconds := _seconds(match[2], match[3])):
        return Rate(limit=int(match[1]), seconds=seconds, scope=Scope(match[4]))
    raise ImproperlyConfigured(
        f"{text!r} isn't a rate. Write a number, a period in s, m, h or d, and one of {', '.join(Scope)}, "
        'such as "5/h/phone" or "1/30s/phone".'
    )


def _parse_check_limit(text: str) -> tuple[str, int]:
    if (match := _CHECK_LIMIT.fullmatch(text)) and int(match[1]):
        return match[2], int(match[1])
    raise ImproperlyConfigured(
        f"{text!r} isn't a limit of wrong codes in a row. Write a number of at least 1, and phone or user, "
        'such as "75/phone".'
    )


def _parse_conversion_rule(text: str) -> ConversionRule:
    if match := _CONVERSION_RULE.fullmatch(text):
        percent, sends, seconds = int(match[1]), int(match[2]), _seconds(match[3], match[4])
        if 1 <= percent <= 100 and sends >= 1 and seconds > GRACE_SECONDS:
            return ConversionRule(percent=percent, sends=sends, seconds=seconds, scope=Scope(match[5]))
    raise ImproperlyConfigured(
        f"{text!r} isn't a minimum conversion. Write a share from 1% to 100%, a number of codes from 1 to 9999, a "
        f"period of more than {GRACE_SECONDS} seconds in s, m, h or d, and prefix or country, "
        'such as "20%/20/d/prefix".'
    )


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())


def _seconds(count: str, unit: str) -> int:
    return int(count or 1) * _SECONDS[unit]
