"""When codes are asked for: more by day than by night, more from Monday to Friday, and more from week to week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

DAYS = 90

#: How busy the hours are, in UTC.
_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 13, 14, 15, 15, 14, 14, 15, 16, 14, 11, 8, 4)
_WEEKEND = 0.6
_GROWTH = 1.5


def moments(count: int, *, now: datetime, chance: Random) -> list[datetime]:
    """Return so many moments of the last days in order."""
    return sorted(next(_busy_moments(now, chance)) for _ in range(count))


def during(begin: datetime, minutes: float, count: int, chance: Random) -> list[datetime]:
    """Return so many moments of a few minutes in order."""
    return sorted(begin + timedelta(minutes=chance.uniform(0, minutes)) for _ in range(count))


def ago(days: int, hour: int, *, now: datetime, minute: int = 0) -> datetime:
    """Return this time of the day so many days ago, in UTC."""
    return (now - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def _busy_moments(now: datetime, chance: Random) -> Iterator[datetime]:
    """Yield moments without end: any of them, but of the quiet ones only some."""
    while True:
        moment = now - timedelta(days=chance.uniform(0, DAYS))
        if chance.random() < _busyness(moment, now):
            yield moment


def _busyness(moment: datetime, now: datetime) -> float:
    """Return a share of the busiest hour's."""
    age = (now - moment) / timedelta(days=DAYS)
    weekday = _WEEKEND if moment.weekday() >= 5 else 1.0
    return _HOURS[moment.hour] / max(_HOURS) * weekday * _GROWTH**-age
