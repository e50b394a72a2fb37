"""Record what a provider reports by webhook."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from django_ding import log
from django_ding.backends.types import WebhookEvent
from django_ding.flows._events import lock, update
from django_ding.flows._provider import is_same_id
from django_ding.flows.timeline import merge_events, provider_ids, send_delivery_signal
from django_ding.models import Authentication, Event
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict


@sensitive_variables()
@outside_transaction
def record_webhook(backend: str, events: Sequence[WebhookEvent], *, public_id: UUID | None = None) -> bool:
    """Record what a provider reports, each event once: repetitions and any order change nothing.

    Events of unknown types and about unknown or deleted authentications are ignored.

    :param backend: the backend's alias.
    :param public_id: the authentication that the URL names; without one each event's own ids find it.
    :return: ``False`` when an event is about another authentication than the URL names; nothing is recorded of it.
    """
    outcomes = [_record(backend, event, public_id) for event in events]  # All of them, whatever the first one is.
    return all(outcomes)


@dataclass(frozen=True, kw_only=True)
class _Recorded:
    authentication: Authentication | None = None
    is_expected: bool = True
    has_new_status: bool = False


def _record(backend: str, event: WebhookEvent, public_id: UUID | None) -> bool:
    recorded = retry_on_conflict(partial(_merge, backend, event, public_id))
    if recorded.is_expected:
        _log(event, recorded.authentication, public_id)
    if recorded.authentication and recorded.has_new_status:
        send_delivery_signal(recorded.authentication)
    return recorded.is_expected


def _merge(backend: str, event: WebhookEvent, public_id: UUID | None) -> _Recorded:
    with atomic(savepoint=False):
        authentication = lock(public_id=public_id) if public_id else _find(backend, event)
        if authentication is None:
            return _Recorded()
        if authentication.backend != backend or not _is_about(event, authentication):
            return _Recorded(is_expected=False)
        _learn_id(authentication, event)
        return _Recorded(authentication=authentication, has_new_status=merge_events(authentication, [event]))


def _find(backend: str, event: WebhookEvent) -> Authentication | None:
    """Return the authentication that the event's ids name, locked. Ours comes first: only we choose it.

    Two requesters of one number may share the provider's id. An event without ours is always recorded for the older
    one, so that its repetition is recognized.
    """
    if event.correlation_id and (public_id := _as_uuid(event.correlation_id)):
        return lock(public_id=public_id, backend=backend)
    if not event.authentication_uuid:
        return None
    sharing = Authentication.write_db.with_provider_id(event.authentication_uuid, backend=backend)
    return sharing.order_by("pk").select_for_update().first()


def _is_about(event: WebhookEvent, authentication: Authentication) -> bool:
    """Return whether one of the ids fits. Two requesters of one number may share the provider's id, but not ours.

    An event with only the provider's id doesn't fit a row that has none yet. Its repetition will.
    """
    ours = event.correlation_id and _as_uuid(event.correlation_id)
    if ours == authentication.public_id or not (event.correlation_id or event.authentication_uuid):
        return True
    uuid = event.authentication_uuid
    if not uuid:
        return False
    if is_same_id(uuid, authentication.authentication_uuid):
        return True
    # A retry may have led to another id than the one that the row began with.
    return any(is_same_id(uuid, known) for known in provider_ids(authentication))


def _learn_id(authentication: Authentication, event: WebhookEvent) -> None:
    """Store the provider's id when the response to the send was lost, or hasn't come yet. ``refresh`` needs it.

    Status and dedup key stay: they follow from what the requester was answered, and hold a second message back. The id
    of a window that a retry opened is believed without this, since no other number has it.
    """
    is_certain = event.correlation_id == str(authentication.public_id)
    if is_certain and event.authentication_uuid and not authentication.authentication_uuid:
        update(authentication, authentication_uuid=event.authentication_uuid)


def _log(event: WebhookEvent, authentication: Authentication | None, public_id: UUID | None) -> None:
    """Log an event that was recorded or ignored. A type that isn't known may be any text, so it isn't logged."""
    event_type = event.type if event.type in Event.Type.values else "unknown"
    values: dict[str, Any] = {"type": event_type, "status": event.status or None}
    if authentication is None:
        named = public_id or (event.correlation_id and _as_uuid(event.correlation_id))
        values["correlation_id"] = str(named) if named else None
    log.write(log.WEBHOOK, authentication, **values)


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
