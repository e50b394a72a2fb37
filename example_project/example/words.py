"""Counts and durations in words."""

import math
from datetime import datetime

from django.utils import timezone

_UNITS = ((2 * 3600, 3600, "hour"), (2 * 60, 60, "minute"), (0, 1, "second"))


def count(number: int, one: str, many: str) -> str:
    """Return ``"1 try"`` or ``"2 tries"``."""
    return f"{number} {one if number == 1 else many}"


def seconds_until(moment: datetime | None) -> int:
    """Return the seconds until a moment, rounded up; 0 for one that is past and for none."""
    return max(math.ceil((moment - timezone.now()).total_seconds()), 0) if moment else 0


def time_until(moment: datetime | None) -> str:
    """Return ``"25 seconds"``, ``"10 minutes"`` or ``"24 hours"``."""
    seconds = seconds_until(moment)
    size, unit = next((size, unit) for least, size, unit in _UNITS if seconds >= least)
    return count(math.ceil(seconds / size), unit, f"{unit}s")
