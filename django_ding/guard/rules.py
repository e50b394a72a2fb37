"""The shares of codes that must be entered, as projects write them: ``"20%/20/d/prefix,10%/100/h/country"``."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured

from django_ding.guard.rates import PERIOD, Scope, parts, period

#: Seconds that people have to enter a code before it counts against the others: they read the message and type.
PATIENCE = 120


@dataclass(frozen=True, kw_only=True)
class Rule:
    """At least ``percent`` of the last ``sends`` codes of ``seconds`` to one prefix or country must be entered."""

    percent: int
    sends: int
    seconds: int
    scope: Scope

    def is_due(self, count: int) -> bool:
        """Tell whether to judge at this count of sends: four times per sample, so that the cost is small."""
        return count % max(self.sends // 4, 1) == 0

    def is_broken(self, validated: int) -> bool:
        """Tell whether so many of ``sends`` are too few."""
        return validated * 100 < self.percent * self.sends


_RULE = re.compile(rf"([0-9]{{1,3}})%/([0-9]{{1,4}})/{PERIOD}/(prefix|country)", re.ASCII)


@lru_cache(maxsize=64)
def parse(rules: str) -> tuple[Rule, ...]:
    """Return the rules of a text such as ``"20%/20/d/prefix"``; none for an empty one.

    :raises ImproperlyConfigured: naming the part that can't be read.
    """
    return tuple(_rule(part) for part in parts(rules))


def _rule(text: str) -> Rule:
    match = _RULE.fullmatch(text)
    if match:
        percent, sends, seconds = int(match[1]), int(match[2]), period(match[3], match[4])
        if 1 <= percent <= 100 and sends >= 1 and seconds > PATIENCE:
            return Rule(percent=percent, sends=sends, seconds=seconds, scope=Scope(match[5]))
    raise ImproperlyConfigured(
        'A share is written as in "20%/20/d/prefix": 1% to 100%, of how many codes (1 to 9999), a period of more than '
        f"{PATIENCE} seconds in s, m, h or d, and prefix or country. {text!r} can't be read."
    )
