"""The time, as an aware moment in UTC whatever ``USE_TZ`` is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC. Django's own ``now()`` is naive without ``USE_TZ``."""
    return datetime.now(UTC)
