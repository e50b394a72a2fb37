"""How what the provider reports becomes rows: each thing once, whoever tells it, how often and in which order."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.utils import timezone

from django_ding.backends.base import (
    AttemptEvent,
    BalanceUpdateEvent,
    DeliveryStatus,
    DeliveryStatusEvent,
    StatusEvent,
)
from django_ding.backends.callbacks import Report
from django_ding.models import Authentication, Event
from django_ding.services.records import event_of, write, write_alias
from django_ding.services.statements import Merging
from django_ding.services.summary import summarize
from django_ding.signals import delivery_updated

#: The ``provider_event_id`` of the event that begins a timeline, so that the answer to a send and a callback share it.
BEGINNING = "authentication"
ONE_BEGINNING = Merging(columns=("status",), unique=("authentication_id", "provider_event_id"))

#: Two reports this near are of one message. The answer to a retry is there by then, and the next retry is not.
_NEAR = timedelta(seconds=15)


def beginning(authentication: Authentication, status: str) -> Event:
    """Return the event of the answer to a send. It is merged with the one that a callback may have made already."""
    return event_of(authentication, Event.Type.AUTHENTICATION, status, provider_event_id=BEGINNING)


def take_over(authentication: Authentication, reports: Iterable[Report]) -> bool:
    """Write what is new, and sum it up in the row. Tell whether the delivery status has changed.

    :param authentication: as locked in a transaction of the caller's, in which the sums are those of all the events.
    """
    rows = list(Event.objects.using(write_alias()).filter(authentication=authentication))
    for report in reports:
        if _is_for_the_timeline(report.event):
            _merge(report, rows, authentication)
    Event.objects.using(write_alias()).bulk_create([row for row in rows if row.pk is None])
    told = summarize(rows).items()
    changed = {name: value for name, value in told if value != getattr(authentication, name)}
    if changed:
        write(authentication, **changed)
    return "delivery_status" in changed


def announce(authentication: Authentication) -> None:
    """Tell the project of a changed delivery status, after the commit."""
    delivery_updated.send_robust(
        Authentication, authentication=authentication, delivery_status=DeliveryStatus(authentication.delivery_status)
    )


def _is_for_the_timeline(event: StatusEvent) -> bool:
    """Leave out checks, each of which was recorded when it was made, and what is not known yet."""
    return event.type == BEGINNING or isinstance(event, AttemptEvent | DeliveryStatusEvent | BalanceUpdateEvent)


def _merge(report: Report, rows: list[Event], authentication: Authentication) -> None:
    key = _key(report)
    if key is None:
        return  # Nothing tells it from a repetition.
    row = _same(report, key, rows, authentication)
    if row is None:
        rows.append(_new(report, key, authentication))
    elif row.type == report.event.type and _complete(row, report, key) and row.pk:
        row.save(using=write_alias(), update_fields=["provider_event_id", "attempt_number", "channel", "facts"])


def _key(report: Report) -> str | None:
    """Return the ``provider_event_id``: that of the thing itself, else the callback's own, else one made of facts."""
    event = report.event
    match event:
        case AttemptEvent(id=str()):
            return event.id
        case DeliveryStatusEvent(attempt_id=str()):
            return f"{event.attempt_id}:{event.status}"
    if event.type == BEGINNING:
        return BEGINNING
    dated = f"{event.type}:{status_of(event)}:{event.created_at.isoformat()}" if event.created_at else None
    return report.id or dated


def _same(report: Report, key: str, rows: list[Event], authentication: Authentication) -> Event | None:
    """Find the row that tells this already: known by an id, or recorded by another source at nearly the same time."""
    for row in rows:
        if row.provider_event_id == key or (report.id and row.facts.get("event_id") == report.id):
            return row
    others = [row for row in rows if _may_be(row, report)]
    if report.event.created_at is None:
        number = getattr(report.event, "attempt_number", None)
        return next((row for row in others if number and row.attempt_number == number), None)
    return _nearest(report.event.created_at, others, authentication)


def _nearest(moment: datetime, rows: list[Event], authentication: Authentication) -> Event | None:
    """Find the row of about this moment.

    The numbers of attempts would not do: they differ when a crash cut a retry short before the provider heard of it.
    """
    near = [(abs(row.occurred_at - moment), row) for row in rows]
    distance, row = min(near, key=itemgetter(0), default=(_NEAR, None))
    if row is None or distance > _NEAR:
        return None
    # We record retries only, so what is nearer to the beginning is the first message.
    is_first = not row.provider_event_id and abs(authentication.created_at - moment) < distance
    return None if is_first else row


def _may_be(row: Event, report: Report) -> bool:
    """Tell whether the row lacks just what the report is known by: the attempt's id, or else the callback's."""
    match report.event:
        case AttemptEvent():
            fits = bool(row.attempt_number or row.provider_event_id)  # A retry that was refused is no attempt.
        case DeliveryStatusEvent():
            fits = row.status == report.event.status
        case _:
            return False
    lacking = "attempt_id" if _attempt_id(report.event) else "event_id"
    return fits and row.type == report.event.type and lacking not in row.facts


def _new(report: Report, key: str, authentication: Authentication) -> Event:
    event = report.event
    return Event(
        authentication=authentication,
        type=Event.Type(event.type),
        status=status_of(event),
        occurred_at=event.created_at or timezone.now(),
        provider_event_id=key,
        attempt_number=getattr(event, "attempt_number", None),
        channel=getattr(event, "capability", None) or "",
        facts=dict(_facts(report)),
    )


def _complete(row: Event, report: Report, key: str) -> bool:
    """Add to a row what it lacks. Tell whether there was anything."""
    event, before = report.event, (row.provider_event_id, row.attempt_number, row.channel, row.facts)
    if row.provider_event_id is None or _attempt_id(event):
        row.provider_event_id = key
    row.attempt_number = getattr(event, "attempt_number", None) or row.attempt_number
    row.channel = row.channel or getattr(event, "capability", None) or ""
    row.facts = {**dict(_facts(report)), **row.facts}
    return before != (row.provider_event_id, row.attempt_number, row.channel, row.facts)


def _facts(report: Report) -> Iterator[tuple[str, Any]]:
    event = report.event
    if attempt_id := _attempt_id(event):
        yield "attempt_id", attempt_id
    if isinstance(event, AttemptEvent) and event.sender_id:
        yield "sender_id", event.sender_id
    if isinstance(event, BalanceUpdateEvent):
        yield "amount", event.amount
    if report.id:
        yield "event_id", report.id
    if report.price:
        yield "price", {"amount": str(report.price.amount), "currency": report.price.currency}


def _attempt_id(event: StatusEvent) -> str | None:
    match event:
        case AttemptEvent():
            return event.id
        case DeliveryStatusEvent():
            return event.attempt_id
    return None


def status_of(event: StatusEvent) -> str:
    """Return the word for where it stands, ``""`` where there is none."""
    match event:
        case AttemptEvent() | DeliveryStatusEvent():
            return event.status
        case BalanceUpdateEvent():
            return event.balance_update_type
    return ""
