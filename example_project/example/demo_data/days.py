"""When codes are requested: more by day than by night, more from Monday to Friday, and more from week to week."""

from datetime import datetime, timedelta
from random import Random

DAYS = 90

#: How busy each hour is, in UTC.
_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 13, 14, 15, 15, 14, 14, 15, 16, 14, 11, 8, 4)
_WEEKEND = 0.6
_GROWTH = 1.5


def moments(count: int, *, now: datetime, rng: Random, since: int = DAYS) -> list[datetime]:
    """Return ``count`` moments of the last days in order."""
    return sorted(_moment(now, rng, since) for _ in range(count))


def during(begin: datetime, minutes: float, count: int, rng: Random) -> list[datetime]:
    """Return ``count`` moments of the ``minutes`` after ``begin`` in order."""
    return sorted(begin + timedelta(minutes=rng.uniform(0, minutes)) for _ in range(count))


def ago(days: int, hour: int, *, now: datetime, minute: int = 0) -> datetime:
    """Return a time of the day that many days ago, in UTC."""
    return (now - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def _moment(now: datetime, rng: Random, since: int) -> datetime:
    # Rejection sampling: every moment is drawn with the same probability, and those of quiet hours are often dropped.
    while True:
        moment = now - timedelta(days=rng.uniform(0, since))
        if rng.random() < _busyness(moment, now):
            return moment


def _busyness(moment: datetime, now: datetime) -> float:
    """Return how busy a moment is, as a share of the busiest hour."""
    age = (now - moment) / timedelta(days=DAYS)
    weekday = _WEEKEND if moment.weekday() >= 5 else 1.0
    return _HOURS[moment.hour] / max(_HOURS) * weekday * _GROWTH**-age
