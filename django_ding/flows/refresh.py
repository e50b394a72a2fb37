"""Learn from the provider what became of an authentication."""

from functools import partial

from django.utils import timezone

from django_ding.backends import get_backend
from django_ding.backends.base import StatusResult
from django_ding.backends.callbacks import Report
from django_ding.models import Authentication
from django_ding.services import timeline
from django_ding.services.records import (
    adopt,
    errors_recorded,
    expire,
    lock,
    on_conflict_again,
    outside_transaction,
    short_transaction,
)

_SUMMARY = ("channel", "delivery_status", "price_amount", "price_currency")


@outside_transaction
def sync(authentication: Authentication) -> Authentication:
    """Close an authentication that is past its time, and fill its timeline and delivery summary from the provider.

    Doing it again adds nothing twice, nor does what callbacks told. Checks are not taken over: each was recorded when
    it was made.

    :raises UnsupportedOperation: when the backend can't tell.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage.
    """
    if authentication.expires_at <= timezone.now():
        expire(authentication)
    if authentication.authentication_uuid:
        result = _ask(authentication)
        if on_conflict_again(partial(_write, authentication, result)):
            timeline.announce(authentication)
    return authentication


def take_over(authentication: Authentication, result: StatusResult) -> bool:
    """Write what the provider told, inside a transaction of the caller's. Tell whether the delivery status changed."""
    locked = lock(pk=authentication.pk)
    if locked is None:
        return False
    has_moved = timeline.take_over(locked, [Report(event=event) for event in result.events])
    adopt(authentication, **{name: getattr(locked, name) for name in _SUMMARY})
    return has_moved


def _write(authentication: Authentication, result: StatusResult) -> bool:
    with short_transaction():
        return take_over(authentication, result)


def _ask(authentication: Authentication) -> StatusResult:
    provider = get_backend(authentication.backend)
    if not provider.supports_status:
        return provider.status(authentication.authentication_uuid)  # Says that it can't.
    with errors_recorded(authentication, "status"):
        return provider.status(authentication.authentication_uuid)
