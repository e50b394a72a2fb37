"""Learn from the provider what became of an authentication."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.utils import timezone

from django_ding.backends import get_backend
from django_ding.backends.base import (
    AttemptEvent,
    BalanceUpdateEvent,
    DeliveryStatus,
    DeliveryStatusEvent,
    StatusEvent,
    StatusResult,
)
from django_ding.models import Authentication, Event
from django_ding.services.records import (
    errors_recorded,
    expire,
    outside_transaction,
    short_transaction,
    write,
    write_alias,
)

_PROGRESS = [
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.SUBMITTED,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.UNDELIVERABLE,
    DeliveryStatus.DELIVERED,
]


@outside_transaction
def sync(authentication: Authentication) -> Authentication:
    """Close an authentication that is past its time, and fill its timeline and delivery summary from the provider.

    Doing it again adds nothing twice. Checks are not taken over: each was recorded when it was made.

    :raises UnsupportedOperation: when the backend can't tell.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage.
    """
    if authentication.expires_at <= timezone.now():
        expire(authentication)
    if authentication.authentication_uuid:
        result = _ask(authentication)
        with short_transaction():
            take_over(authentication, result)
    return authentication


def take_over(authentication: Authentication, result: StatusResult) -> None:
    """Write what the provider told, inside a transaction of the caller's."""
    _merge(authentication, result)
    _summarize(authentication, result)


def _ask(authentication: Authentication) -> StatusResult:
    provider = get_backend(authentication.backend)
    if not provider.supports_status:
        return provider.status(authentication.authentication_uuid)  # Says that it can't.
    with errors_recorded(authentication, "status"):
        return provider.status(authentication.authentication_uuid)


def _merge(authentication: Authentication, result: StatusResult) -> None:
    timeline = Event.objects.using(write_alias())
    _complete(authentication, [event for event in result.events if isinstance(event, AttemptEvent) and event.id])
    rows = (_row(authentication, event) for event in result.events)
    timeline.bulk_create(filter(None, rows), ignore_conflicts=True)


def _complete(authentication: Authentication, attempts: list[AttemptEvent]) -> None:
    """Give the retries that were recorded when they were made the provider's ids and numbers."""
    recorded = list(Event.objects.using(write_alias()).filter(authentication=authentication, type=Event.Type.ATTEMPT))
    known = {event.provider_event_id for event in recorded}
    unknown = [attempt for attempt in attempts if attempt.id not in known]
    for event in recorded:
        attempt = _same(event, unknown)
        if attempt:
            unknown.remove(attempt)
            Event.objects.using(write_alias()).filter(pk=event.pk).update(
                provider_event_id=attempt.id,
                attempt_number=attempt.attempt_number or event.attempt_number,
                channel=attempt.capability or "",
            )


def _same(event: Event, attempts: list[AttemptEvent]) -> AttemptEvent | None:
    """Find a recorded retry among the provider's attempts.

    The nearest in time is the one: the numbers differ when a crash cut a retry short before the provider heard of it.
    """
    if event.provider_event_id or not event.attempt_number:
        return None
    dated = [(abs(attempt.created_at - event.occurred_at), attempt) for attempt in attempts if attempt.created_at]
    if dated:
        return min(dated, key=itemgetter(0))[1]
    return next((attempt for attempt in attempts if attempt.attempt_number == event.attempt_number), None)


def _row(authentication: Authentication, event: StatusEvent) -> Event | None:
    facts = _facts(event, authentication.authentication_uuid)
    if facts is None:
        return None
    return Event(
        authentication=authentication,
        type=Event.Type(event.type),
        occurred_at=event.created_at or timezone.now(),
        **facts,
    )


def _facts(event: StatusEvent, authentication_uuid: str) -> dict[str, Any] | None:
    """Return the columns of an event that is taken over. One without an id of its own gets one made of its facts."""
    match event:
        case AttemptEvent(id=str()):
            return {
                "provider_event_id": event.id,
                "status": event.status,
                "attempt_number": event.attempt_number,
                "channel": event.capability or "",
                "facts": {"sender_id": event.sender_id} if event.sender_id else {},
            }
        case DeliveryStatusEvent(attempt_id=str()):
            return {
                "provider_event_id": f"{event.attempt_id}:{event.status}",
                "status": event.status,
                "attempt_number": event.attempt_number,
            }
        case BalanceUpdateEvent(created_at=datetime() as moment):
            return {
                "provider_event_id": f"{authentication_uuid}:{event.balance_update_type}:{moment.isoformat()}",
                "status": event.balance_update_type,
                "facts": {"amount": event.amount},
            }
    return None


def _summarize(authentication: Authentication, result: StatusResult) -> None:
    """Keep how the newest message travels and how far it has come; a later report never takes it backwards."""
    attempts = {event.id: event for event in result.events if isinstance(event, AttemptEvent)}
    channels = [attempt.capability for attempt in attempts.values() if attempt.capability]
    reached = max(_reports_on_newest(result, attempts), key=_PROGRESS.index, default=None)
    write(
        authentication,
        channel=channels[-1] if channels else authentication.channel,
        delivery_status=reached or authentication.delivery_status,
    )


def _reports_on_newest(result: StatusResult, attempts: Mapping[str | None, AttemptEvent]) -> Iterator[DeliveryStatus]:
    newest = max((attempt.attempt_number or 0 for attempt in attempts.values()), default=0)
    for event in result.events:
        if isinstance(event, DeliveryStatusEvent):
            attempt = attempts.get(event.attempt_id)
            number = event.attempt_number or (attempt and attempt.attempt_number) or 0
            if number >= newest:
                yield event.status
