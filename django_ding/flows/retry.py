"""Send another message for an authentication."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, PositiveSmallIntegerField
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, guard, log
from django_ding.backends import allowed_channels, get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel, RetryResponse, RetryStatus
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.flows._events import (
    add_event,
    add_repeatable_event,
    bound_expiry,
    code_expiry,
    event_data,
    expire,
    set_fields,
    store_state,
    this_row,
    update,
)
from django_ding.flows._provider import build_sent, is_same_id, make_webhook_url, record_errors
from django_ding.flows._windows import check_window, is_superseded
from django_ding.flows.channels import check_channel
from django_ding.flows.results import RetryResult
from django_ding.flows.timeline import add_opening, complete_attempt
from django_ding.guard import RateLimitUsage
from django_ding.guard.refusals import record_refusal
from django_ding.models import Authentication, AuthenticationQuerySet, Event
from django_ding.models.base import write_alias
from django_ding.models.fields import UtcDateTimeField
from django_ding.signals import code_sent, send_failed
from django_ding.sql import Update
from django_ding.statements import Parameter
from django_ding.steps import Steps, in_steps
from django_ding.transactions import atomic, outside_transaction

_ONE_RETRY_LESS = F("remaining_retry") - 1
_MAY_HAVE_SENT = (RetryStatus.APPROVED, RetryStatus.UNKNOWN)


@sensitive_variables()
@in_steps
@outside_transaction
def retry(authentication: Authentication, *, channel: Channel | str | None = None) -> Steps[RetryResult]:
    """Send another message for an authentication, by another route if the provider has one.

    A retry before ``next_retry_at``, after the last one, or for an authentication that is closed is refused without
    asking the provider.

    :param channel: how to deliver it, one of ``DING["CHANNELS"]`` that the backend has. Default: a phone call if the
        first message was one by request; otherwise the provider decides.
    :raises InputError: ``unsupported_channel``, or when the settings reject the number by now.
    :raises LockedOut: after too many wrong codes in a row.
    :raises RateLimited: when a limit is reached; see ``DING["RATE_LIMITS"]`` and ``DING["MIN_CONVERSION"]``.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage. A retry that was certainly not executed is not counted.
    """
    now = clock.now()
    provider = get_backend(authentication.backend)
    requested = check_channel(channel, provider)
    callback_url = make_webhook_url(provider, authentication.public_id)
    if is_superseded(authentication):
        expire(authentication)
    if not _reserve(authentication, now):
        refusal = _refusal(authentication, now)
        log.log_result(log.RETRY, authentication, refusal)
        return _result(authentication, refusal)
    usage = yield from _consume(authentication, requested or _call_again(authentication, provider))
    response, milliseconds = yield from _call(provider, authentication, usage, callback_url)
    has_webhooks = callback_url is not None or provider.webhooks == "per_account"
    _record_response(authentication, response, requested, reported_since=now if has_webhooks else None)
    log.log_result(log.RETRY, authentication, response.status, milliseconds=milliseconds)
    return _result(authentication, response.status)


def _reserve(authentication: Authentication, now: datetime) -> bool:
    """Take the retry with one conditional UPDATE: of many at once, one gets it.

    An outdated instance gets a second try, with the row as it is.
    """
    known = authentication.retry_count
    if _take(authentication, now):
        return True
    authentication.refresh_from_db(using=write_alias())
    return authentication.retry_count != known and _take(authentication, now)


def _take(authentication: Authentication, now: datetime) -> bool:
    changes = {
        "retry_count": authentication.retry_count + 1,
        "remaining_retry": authentication.remaining_retry - 1,
        "next_retry_at": now + timedelta(seconds=ding_settings.RETRY_COOLDOWN),
    }
    place = Update(
        rows=_retryable,
        # The provider may have set remaining_retry in the meantime, so the row's own value counts.
        values=changes | {"remaining_retry": _ONE_RETRY_LESS},
        parameters={
            "pk": authentication.pk,
            "now": now,
            "max_checks": ding_settings.MAX_CHECKS,
            "known": authentication.retry_count,
        },
    )
    if not place.run(write_alias()):
        return False
    set_fields(authentication, **changes)
    return True


def _retryable() -> AuthenticationQuerySet:
    """Return the row of the parameter ``pk`` while it may be retried, if it was retried as often as is known."""
    now, count = Parameter("now", UtcDateTimeField()), PositiveSmallIntegerField()
    known = this_row().filter(retry_count=Parameter("known", count))
    return known.retryable(now, max_checks=Parameter("max_checks", count))


def _refusal(authentication: Authentication, now: datetime) -> RetryStatus:
    match authentication.status:
        case Authentication.Status.VALIDATED:
            return RetryStatus.ALREADY_VALIDATED
        case Authentication.Status.EXPIRED:
            return RetryStatus.EXPIRED_AUTH
        case Authentication.Status.PENDING | Authentication.Status.UNKNOWN:
            return RetryStatus.RATE_LIMITED if authentication.expires_at > now else RetryStatus.EXPIRED_AUTH
    return RetryStatus.NO_ATTEMPT


def _call_again(authentication: Authentication, provider: BaseBackend) -> Channel | None:
    """Return voice where it began with a call: the phone may be a landline, and the user unable to read a message."""
    channel = authentication.backend_state.get("request", {}).get("channel")
    return Channel.VOICE if channel == Channel.VOICE and Channel.VOICE in allowed_channels(provider) else None


def _consume(authentication: Authentication, channel: Channel | None) -> Steps[RateLimitUsage]:
    # A silent verification was counted as the message that now follows it.
    is_counted = authentication.channel == Channel.SILENT and authentication.retry_count == 1
    try:
        return (yield from guard.consume.steps(authentication, channel=channel, is_retry=True, is_counted=is_counted))
    except DingError as error:
        _rollback(authentication)
        record_refusal(error, authentication)
        raise


def _call(
    provider: BaseBackend,
    authentication: Authentication,
    usage: RateLimitUsage,
    callback_url: str | None,
) -> Steps[tuple[RetryResponse, float]]:
    """Return the provider's response, and the milliseconds it took."""
    sent = build_sent(authentication, callback_url)
    try:
        with record_errors(authentication, "retry") as timer:
            response: RetryResponse = yield partial(provider.retry, sent, channel=usage.channel)
            milliseconds = timer.milliseconds
            # Another request's window is as good: the message was sent to this number.
            check_window(authentication, sent, response.authentication_uuid)
            if response.is_new and not response.authentication_uuid:
                raise BackendUnavailable(code="incomplete_answer")
            return response, milliseconds
    except DingError as error:
        if not error.may_have_executed:
            _rollback(authentication)
            usage.rollback(reached=error.reached)
        elif isinstance(error, BackendUnavailable):
            store_state(authentication, error.state)
        send_failed.send_robust(Authentication, authentication=authentication, error_code=error.code)
        raise


def _rollback(authentication: Authentication) -> None:
    """Undo the reservation of a retry that was certainly not executed."""
    Authentication.write_db.filter(pk=authentication.pk).update(
        retry_count=F("retry_count") - 1,
        remaining_retry=F("remaining_retry") + 1,
        next_retry_at=clock.now(),
    )
    authentication.refresh_from_db(using=write_alias())


def _record_response(
    authentication: Authentication,
    response: RetryResponse,
    requested: Channel | None,
    *,
    reported_since: datetime | None,
) -> None:
    """Write the provider's response, and signal it.

    :param reported_since: since when a webhook may have reported the message; ``None`` without webhooks.
    """
    response = bound_expiry(authentication, response)
    with atomic(savepoint=False):
        if response.is_new:
            add_opening(authentication, response.authentication_uuid)
        update(authentication, **_changes(authentication, response))
        store_state(authentication, response.state)
        if response.status in (RetryStatus.EXPIRED_AUTH, RetryStatus.ALREADY_VALIDATED):
            expire(authentication)  # A check that is about to accept the code overwrites it.
        _add_attempt(authentication, response, requested, reported_since=reported_since)
    if response.status is RetryStatus.APPROVED:
        number = authentication.retry_count + 1
        code_sent.send_robust(Authentication, authentication=authentication, attempt_number=number)
    else:
        send_failed.send_robust(Authentication, authentication=authentication, error_code=response.status.value)


def _add_attempt(
    authentication: Authentication,
    response: RetryResponse,
    requested: Channel | None,
    *,
    reported_since: datetime | None,
) -> None:
    """Add the message to the timeline, or complete what a faster webhook has reported of it."""
    data = event_data(response) | ({"requested_channel": requested} if requested else {})
    columns: dict[str, Any] = {"channel": response.channel or "", "data": data}
    status = response.provider_status
    if response.status is RetryStatus.APPROVED:
        columns["attempt_number"] = authentication.retry_count + 1
        if reported_since and complete_attempt(authentication, status, since=reported_since, **columns):
            return
    # A retry that was refused is not counted, so that it can be tried again.
    add = add_event if response.status in _MAY_HAVE_SENT else add_repeatable_event
    add(authentication, Event.Type.ATTEMPT, status or response.status, **columns)


def _changes(authentication: Authentication, response: RetryResponse) -> dict[str, Any]:
    """Return the columns that change. The provider may ask for a longer cooldown than ours, not for a shorter one."""
    uuid = response.authentication_uuid
    is_other_id = uuid and not is_same_id(uuid, authentication.authentication_uuid)
    changes = {
        "authentication_uuid": uuid if is_other_id else None,
        "expires_at": response.expires_at or (code_expiry(clock.now()) if response.is_new else None),
        "next_retry_at": max(filter(None, (response.next_retry_at, authentication.next_retry_at)), default=None),
        "remaining_retry": _remaining_retry(authentication, response),
        "channel": response.channel,
        # A refused retry isn't an attempt.
        "retry_count": None if response.status in _MAY_HAVE_SENT else authentication.retry_count - 1,
    }
    return {name: value for name, value in changes.items() if value is not None}


def _remaining_retry(authentication: Authentication, response: RetryResponse) -> int | None:
    """Return the retries left, unchanged if the provider refused this one and doesn't count them itself."""
    if response.remaining_retry is not None or response.status in _MAY_HAVE_SENT:
        return response.remaining_retry
    return authentication.remaining_retry + 1


def _result(authentication: Authentication, status: RetryStatus) -> RetryResult:
    return RetryResult(
        status=status,
        authentication=authentication,
        next_retry_at=authentication.next_retry_at if authentication.remaining_retry else None,
        remaining_retry=authentication.remaining_retry,
    )
