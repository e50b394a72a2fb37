"""Refresh an authentication from the provider's record, or end it there."""

from functools import partial

from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.backends import get_backend
from django_ding.backends.types import StatusResponse
from django_ding.flows._events import add_event, bound_expiry, expire, lock, set_fields, update
from django_ding.flows._provider import build_sent, check_same_record, record_errors
from django_ding.flows._windows import own_events
from django_ding.flows.timeline import merge_events, send_delivery_signal
from django_ding.models import Authentication, Event
from django_ding.steps import Steps, in_steps
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict

_SUMMARY = ("channel", "delivery_status", "carrier", "price_amount", "price_currency")
_WRITTEN = (*_SUMMARY, "status", "expires_at", "dedup_key")

#: What the provider's record may say of a code that can still be entered.
_OPEN = ("", "pending", "unknown")


@sensitive_variables()
@in_steps
@outside_transaction
def refresh(authentication: Authentication) -> Steps[Authentication]:
    """Close an expired authentication, and complete its timeline and delivery summary from the provider's record.

    Doing it again adds nothing twice, nor does what webhooks reported. Checks are left out: each was recorded when it
    was made.

    :raises UnsupportedOperation: when the backend has no status operation.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage.
    """
    if authentication.expires_at <= clock.now():
        expire(authentication)
    if authentication.authentication_uuid:
        response = yield from _call(authentication)
        if retry_on_conflict(partial(_write, authentication, response)):
            send_delivery_signal(authentication)
    return authentication


@sensitive_variables()
@in_steps
@outside_transaction
def cancel(authentication: Authentication) -> Steps[Authentication]:
    """End a live authentication at the provider and here, so that its code is worthless. Others are left unchanged.

    :raises UnsupportedOperation: when the backend can't cancel.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage. The authentication stays live.
    """
    provider = get_backend(authentication.backend)
    if not authentication.is_live(clock.now()):
        return authentication
    sent = build_sent(authentication)
    if not provider.supports_cancel:
        provider.cancel(sent)  # Raises UnsupportedOperation, which isn't a failure of the provider.
    with record_errors(authentication, "cancel"):
        yield partial(provider.cancel, sent)
    with atomic(savepoint=False):
        if expire(authentication):
            add_event(authentication, Event.Type.CANCEL, "")
    return authentication


def merge_status(authentication: Authentication, response: StatusResponse) -> bool:
    """Write the provider's record, inside a transaction of the caller's. Return whether the delivery status changed."""
    locked = lock(pk=authentication.pk)
    if locked is None:
        return False
    has_new_status = merge_events(locked, own_events(locked, response.events))
    _update_expiry(locked, response)
    if response.status not in _OPEN:
        expire(locked)  # A check that is about to accept the code overwrites it.
    set_fields(authentication, **{name: getattr(locked, name) for name in _WRITTEN})
    return has_new_status


def _update_expiry(authentication: Authentication, response: StatusResponse) -> None:
    """Replace an expiry that followed from the settings by the provider's own, unless it is later."""
    expires_at = bound_expiry(authentication, response).expires_at
    if expires_at is None or authentication.status not in Authentication.LIVE_STATUSES:
        return
    if expires_at < authentication.created_at:  # Absurd.
        return
    if expires_at != authentication.expires_at:
        update(authentication, expires_at=expires_at)
    openings = Event.write_db.filter(authentication=authentication, type=Event.Type.AUTHENTICATION)
    opening = openings.order_by("-occurred_at").first()
    if opening and "expires_at" not in (stated := opening.data.get("from_provider", [])):
        opening.data = {**opening.data, "from_provider": [*stated, "expires_at"]}
        opening.save(update_fields=["data"])


def _write(authentication: Authentication, response: StatusResponse) -> bool:
    with atomic(savepoint=False):
        return merge_status(authentication, response)


def _call(authentication: Authentication) -> Steps[StatusResponse]:
    provider = get_backend(authentication.backend)
    sent = build_sent(authentication)
    if not provider.supports_status:
        return provider.status(sent)  # Raises UnsupportedOperation, which isn't a failure of the provider.
    with record_errors(authentication, "status"):
        response: StatusResponse = yield partial(provider.status, sent)
        check_same_record(sent, response)
    return response
