"""How a message travels: its reports, computed from when it was sent. No timers."""

from datetime import datetime, timedelta

from .options import Options
from .records import Report

_STEPS = ("submitted", "in_transit")


def reports(sent_at: datetime, *, last: str, options: Options) -> tuple[Report, ...]:
    """Return the delivery reports of a message sent at a moment.

    :param last: the state it ends in: ``in_transit`` is never followed by another report.
    """
    delays = (options.submitted_after, options.in_transit_after, options.delivered_after)
    statuses = _STEPS if last in _STEPS else (*_STEPS, last)
    return tuple(
        Report(status=status, at=sent_at + timedelta(seconds=delay))
        for status, delay in zip(statuses, delays, strict=False)
    )
