"""Rates as Django projects write them: ``"1/30s/phone,5/h/phone,20/h/ip"``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from django.core.exceptions import ImproperlyConfigured


class Scope(StrEnum):
    """What a rate counts by. A prefix is a number without its last four digits."""

    PHONE = "phone"
    USER = "user"
    IP = "ip"
    PREFIX = "prefix"
    COUNTRY = "country"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most ``limit`` in any window of ``seconds``, which begins with its first one."""

    limit: int
    seconds: int
    scope: Scope

    @cached_property
    def name(self) -> str:
        """What tells its counters from those of other rates: ``phone:5:3600``."""
        return f"{self.scope}:{self.limit}:{self.seconds}"


#: A period, in two groups that :func:`period` reads.
PERIOD = r"([0-9]{0,6})([smhd])"

_RATE = re.compile(rf"([0-9]{{1,9}})/{PERIOD}/([a-z]+)", re.ASCII)
_SCOPES = frozenset(scope.value for scope in Scope)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@lru_cache(maxsize=64)
def parse(rates: str) -> tuple[Rate, ...]:
    """Return the rates of a text such as ``"1/30s/phone,5/h/phone"``; none for an empty one.

    :raises ImproperlyConfigured: naming the part that can't be read.
    """
    return tuple(_rate(part) for part in parts(rates))


def parts(text: str) -> Iterator[str]:
    """Yield what stands between the commas."""
    return (part.strip() for part in text.split(",") if part.strip())


def period(count: str, unit: str) -> int:
    """Return the seconds of a period: ``period("30", "s")`` is 30, ``period("", "h")`` is 3600."""
    return int(count or 1) * _SECONDS[unit]


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None or match[4] not in _SCOPES or period(match[2], match[3]) == 0:
        raise ImproperlyConfigured(
            f'{text!r} can\'t be read. A rate is written as in "5/h/phone" or "1/30s/phone": a number, a period in s, '
            f"m, h or d, and one of {', '.join(Scope)}."
        )
    return Rate(limit=int(match[1]), seconds=period(match[2], match[3]), scope=Scope(match[4]))
