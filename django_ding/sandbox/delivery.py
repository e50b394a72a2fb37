"""How a message travels: its reports, computed from when it was sent, and when they are told. No timers."""

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


def due(at: datetime, *, since: datetime, options: Options) -> datetime:
    """Return when the webhook goes out of something that is to happen at ``at``, for a call made at ``since``.

    Reversed, the last thing is told at once, before it happens, and the first when all is over.
    """
    if options.webhook_order != "reversed":
        return at
    return since + timedelta(seconds=options.delivered_after) - (at - since)
