"""How a provider's reports become rows: each event once, whatever its source, however often and in whatever order."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from django_ding import clock
from django_ding.backends.types import AttemptStatus, DeliveryStatus, WebhookEvent
from django_ding.conf import ding_settings
from django_ding.flows._events import MAX_EVENTS, add_event, build_event, lock, update
from django_ding.flows._provider import is_same_id
from django_ding.flows.summary import is_amount, summarize
from django_ding.models import Authentication, Event
from django_ding.models.base import write_alias
from django_ding.signals import delivery_updated
from django_ding.sql import Insert, fetch
from django_ding.statements import Parameter
from django_ding.transactions import atomic

#: The ``provider_event_id`` of a timeline's first event, so that the response to a send and a webhook share it.
OPENING = "authentication"
#: The unique constraint of events, by which the two are merged.
ONE_OPENING = ("authentication", "provider_event_id")

#: Where an opening keeps the provider's id.
_UUID = "authentication_uuid"
#: The status of an opening that a retry led to.
RENEWED = "renewed"

#: How far the provider's clock may be behind this site's.
_CLOCK_SKEW = timedelta(seconds=2)
#: Two reports this close are about one message: by then the response to a retry is there, and the next retry isn't.
_CLOSE = timedelta(seconds=15)

#: After this long, the state of a message no longer matters. Some providers repeat a webhook for two weeks.
_LONGEST = timedelta(weeks=4)

_ATTEMPT, _DELIVERY = Event.Type.ATTEMPT, Event.Type.DELIVERY_STATUS
#: Checks are left out: each was recorded when it was made.
_RECORDED_TYPES = {OPENING, _ATTEMPT, _DELIVERY, Event.Type.BALANCE_UPDATE}


def opening_event(authentication: Authentication, status: str, *, uuid: str | None, **data: Any) -> Insert:
    """Return the event of the response to a send. It is merged with the one that a webhook may have made already.

    :param uuid: the provider's id.
    """
    data |= {_UUID: uuid} if uuid else {}
    return build_event(authentication, Event.Type.AUTHENTICATION, status, provider_event_id=OPENING, data=data)


def complete_opening(authentication: Authentication, details: Mapping[str, Any]) -> None:
    """Add to a timeline's first event what only the response to the send says, if a webhook made the event before."""
    with atomic(savepoint=False):
        lock(pk=authentication.pk)  # A webhook locks the row as well.
        opening = Event.write_db.filter(authentication=authentication, provider_event_id=OPENING).first()
        if opening and not details.keys() <= opening.data.keys():
            Event.write_db.filter(pk=opening.pk).update(data={**opening.data, **details})


def add_opening(authentication: Authentication, uuid: str | None) -> None:
    """Add the event of another opening, to which a retry led, unless a webhook has made it already.

    :param uuid: the provider's new id.
    """
    lock(pk=authentication.pk)  # A webhook locks the row as well, so one of the two comes first.
    key = _renewal_key(uuid)
    if not Event.write_db.filter(authentication=authentication, provider_event_id=key).exists():
        data = {_UUID: uuid} if uuid else {}
        add_event(authentication, Event.Type.AUTHENTICATION, RENEWED, provider_event_id=key, data=data)


def complete_attempt(authentication: Authentication, status: str, *, since: datetime, **columns: Any) -> bool:
    """Complete the event of a retry's message that a webhook has made already. Return whether there was one.

    :param authentication: changed in the caller's transaction, which a webhook waits for.
    :param status: the provider's own word, where it says more than that the message was sent.
    :param since: when the retry was requested.
    """
    known = {"authentication": authentication.pk, "since": since - _CLOCK_SKEW}
    reported = fetch(_reported_attempt, using=write_alias(), **known)
    if not reported:
        return False
    ((pk, channel, reported_status, data),) = reported
    columns |= {"channel": channel or columns["channel"], "data": {**columns["data"], **data}}
    if status and reported_status != AttemptStatus.FAILED:
        columns["status"] = status
    Event.write_db.filter(pk=pk).update(**columns)
    return True


def _reported_attempt() -> QuerySet[Event, Any]:
    """Return the first message of the parameter ``authentication`` that a webhook has made an event of ``since``."""
    field = Event._meta.get_field
    events = Event.objects.filter(
        authentication=Parameter("authentication", field("authentication")),
        occurred_at__gte=Parameter("since", field("occurred_at")),
        type=_ATTEMPT,
        attempt_number=None,
    )
    made = events.exclude(provider_event_id=None).order_by("occurred_at")
    return made.values_list("pk", "channel", "status", "data")[:1]


def provider_ids(authentication: Authentication) -> set[str]:
    """Return the ids that the provider has had for an authentication, as far as its timeline has them."""
    openings = Event.write_db.filter(authentication=authentication, type=Event.Type.AUTHENTICATION)
    return {data[_UUID] for data in openings.values_list("data", flat=True) if _UUID in data}


def merge_events(authentication: Authentication, events: Iterable[WebhookEvent]) -> bool:
    """Write what is new, and update the row's delivery summary. Return whether the delivery status has changed.

    :param authentication: locked in a transaction of the caller's, in which the summary includes all the events.
    """
    rows = list(Event.write_db.filter(authentication=authentication))
    for event in events:
        if event.type in _RECORDED_TYPES:
            _merge(_plausible(event, authentication), rows, authentication)
    Event.write_db.bulk_create([row for row in rows if row.pk is None])
    summary = summarize(rows).items()
    changed = {name: value for name, value in summary if value != getattr(authentication, name)}
    if changed:
        update(authentication, **changed)
    return "delivery_status" in changed


def send_delivery_signal(authentication: Authentication) -> None:
    """Send ``delivery_updated``, after the commit."""
    delivery_updated.send_robust(
        Authentication, authentication=authentication, delivery_status=DeliveryStatus(authentication.delivery_status)
    )


def _plausible(event: WebhookEvent, authentication: Authentication) -> WebhookEvent:
    """Return the event without what can't be, whatever a backend passes on: a time or a price out of bounds.

    Another request for the number may have opened the provider's window, at most a code's life before.
    """
    if event.created_at:
        age = event.created_at - authentication.created_at
        if not -timedelta(seconds=ding_settings.CODE_TIMEOUT) <= age <= _LONGEST:
            event = replace(event, created_at=None)
    if event.price and not (is_amount(event.price.amount) and len(event.price.currency) == 3):
        event = replace(event, price=None)
    if event.amount is not None and not math.isfinite(event.amount):
        event = replace(event, amount=None)
    return event


def _merge(event: WebhookEvent, rows: list[Event], authentication: Authentication) -> None:
    key = _key(event, rows)
    if key is None:
        return  # Nothing distinguishes it from a repetition.
    row, data = _find(event, key, rows, authentication), _without_repetition(dict(_data(event)), rows)
    if row is None and len(rows) < MAX_EVENTS:
        rows.append(_build(event, key, authentication, data))
    elif row and row.type == event.type and _complete(row, event, key, data) and row.pk:
        row.save(update_fields=["provider_event_id", "attempt_number", "channel", "data"], using=row._state.db)


def _renewal_key(uuid: str | None) -> str:
    return f"{OPENING}:{uuid.lower() if uuid else None}"


def _opening_key(event: WebhookEvent, rows: list[Event]) -> str:
    """Return the key of an opening: the timeline's first one, or another one that a retry led to."""
    uuid = event.authentication_uuid
    ids = {row.data[_UUID] for row in rows if row.provider_event_id == OPENING and _UUID in row.data}
    is_first = not uuid or all(is_same_id(uuid, known) for known in ids)
    return OPENING if is_first else _renewal_key(uuid)


def _key(event: WebhookEvent, rows: list[Event]) -> str | None:
    """Return the ``provider_event_id``: made of the id of the thing itself, else the report's own, else the time."""
    if event.type == OPENING:
        return _opening_key(event, rows)
    if event.attempt_id and event.type == _ATTEMPT:
        return event.attempt_id
    if event.attempt_id and event.type == _DELIVERY:
        return f"{event.attempt_id}:{event.status}"
    dated = f"{event.type}:{event.status}:{event.created_at.isoformat()}" if event.created_at else None
    return event.id or dated


def _find(event: WebhookEvent, key: str, rows: list[Event], authentication: Authentication) -> Event | None:
    """Return the row of this event, known by an id or recorded by another source at nearly the same time."""
    for row in rows:
        if row.provider_event_id == key or (event.id and row.data.get("event_id") == event.id):
            return row
    candidates = [row for row in rows if _may_be(row, event)]
    if event.created_at is None:
        return next(
            (row for row in candidates if row.attempt_number and row.attempt_number == event.attempt_number), None
        )
    return _closest(event.created_at, candidates, authentication)


def _closest(moment: datetime, rows: list[Event], authentication: Authentication) -> Event | None:
    """Return the row of about this moment.

    The attempt numbers can't decide: they differ when a crash ended a retry before the provider received it.
    """
    distances = [(abs(row.occurred_at - moment), row) for row in rows]
    distance, row = min(distances, key=itemgetter(0), default=(_CLOSE, None))
    if row is None or distance > _CLOSE:
        return None
    # Only retries have a row of our own, so a report closer to the start is about the first message.
    is_first = not row.provider_event_id and abs(authentication.created_at - moment) < distance
    return None if is_first else row


def _may_be(row: Event, event: WebhookEvent) -> bool:
    """Return whether the row lacks just what identifies the report: the attempt's id, or else the report's own."""
    if event.type == _ATTEMPT:
        fits = bool(row.attempt_number or row.provider_event_id)  # A refused retry isn't an attempt.
    elif event.type == _DELIVERY:
        fits = row.status == event.status
    else:
        return False
    missing = "attempt_id" if event.attempt_id else "event_id"
    return fits and row.type == event.type and missing not in row.data


def _build(event: WebhookEvent, key: str, authentication: Authentication, data: dict[str, Any]) -> Event:
    return Event(
        authentication=authentication,
        type=Event.Type(event.type),
        status=_status(event),
        occurred_at=event.created_at or clock.now(),
        provider_event_id=key,
        attempt_number=event.attempt_number,
        channel=event.channel or "",
        data=data,
    )


def _status(event: WebhookEvent) -> str:
    """Return a status that the summary and the column can hold, whatever a third-party backend passes on."""
    if event.type == _DELIVERY and event.status not in DeliveryStatus.values:
        return DeliveryStatus.UNKNOWN
    return event.status[:64]


def _complete(row: Event, event: WebhookEvent, key: str, data: dict[str, Any]) -> bool:
    """Add to a row what it lacks. Return whether there was anything."""
    before = (row.provider_event_id, row.attempt_number, row.channel, row.data)
    if row.provider_event_id is None or event.attempt_id:
        row.provider_event_id = key
    row.attempt_number = event.attempt_number or row.attempt_number
    row.channel = row.channel or event.channel or ""
    row.data = {**data, **row.data}
    return before != (row.provider_event_id, row.attempt_number, row.channel, row.data)


def _data(event: WebhookEvent) -> Iterator[tuple[str, Any]]:
    if event.type == OPENING and event.authentication_uuid:
        yield _UUID, event.authentication_uuid
    if event.attempt_id:
        yield "attempt_id", event.attempt_id
    if event.sender_id:
        yield "sender_id", event.sender_id
    if event.type == Event.Type.BALANCE_UPDATE:
        yield "amount", event.amount
    if event.id and not (event.attempt_id or event.type == OPENING):  # The key of these is the same in a repetition.
        yield "event_id", event.id
    yield from event.details.items()
    if event.price:
        yield "price", {"amount": str(event.price.amount), "currency": event.price.currency}


def _without_repetition(data: dict[str, Any], rows: list[Event]) -> dict[str, Any]:
    """Return the data without what all other events of the message say as well.

    Providers repeat the price and the carrier in each report. Timelines are most of what this app stores.
    """
    if "attempt_id" not in data:
        return data
    others = [row.data for row in rows if row.data.get("attempt_id") == data["attempt_id"]]

    def is_known(name: str) -> bool:
        values = [other[name] for other in others if name in other]
        return name != "attempt_id" and bool(values) and all(value == data[name] for value in values)

    return {name: value for name, value in data.items() if not is_known(name)}
