"""Send once more."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from django_ding import backends, logs
from django_ding.backends import base
from django_ding.backends.base import BaseBackend, RetryStatus
from django_ding.conf import ding_settings
from django_ding.exceptions import DingError
from django_ding.guard import Ticket, admit
from django_ding.logs import kinds
from django_ding.models import Authentication, Event
from django_ding.services.records import (
    adopt,
    errors_recorded,
    expire,
    outside_transaction,
    record,
    short_transaction,
    write,
    write_alias,
)
from django_ding.services.refusing import refused
from django_ding.services.results import RetryResult
from django_ding.signals import code_sent, send_failed

_MAY_HAVE_SENT = (RetryStatus.APPROVED, RetryStatus.UNKNOWN)


@outside_transaction
def retry(authentication: Authentication) -> RetryResult:
    """Send a new message for an authentication, by another route if the provider has one.

    A retry before ``next_retry_at``, after the last one, or for an authentication that is over is refused without
    asking the provider.

    :raises RateLimited: when too many were asked for, or too few entered; see ``DING["RATES"]`` and
        ``DING["CONVERSION"]``.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage. A retry that was certainly not carried out is not counted.
    """
    now = timezone.now()
    provider = backends.get_backend(authentication.backend)
    if not _reserve(authentication, now):
        refusal = _refusal(authentication, now)
        logs.answered(kinds.RETRY, authentication, refusal)
        return _result(authentication, refusal)
    ticket = _admit(authentication)
    answer, milliseconds = _ask(provider, authentication, ticket)
    result = _settle(authentication, answer)
    logs.answered(kinds.RETRY, authentication, result.status, milliseconds=milliseconds)
    return result


def _reserve(authentication: Authentication, now: datetime) -> bool:
    """Take the retry; with an instance that is out of date, once more after a look at the row."""
    known = authentication.retry_count
    if _take(authentication, now):
        return True
    authentication.refresh_from_db(using=write_alias())
    return authentication.retry_count != known and _take(authentication, now)


def _take(authentication: Authentication, now: datetime) -> bool:
    """Take the retry with one conditional UPDATE: of many at once, one gets it."""
    taken = {
        "retry_count": authentication.retry_count + 1,
        "remaining_retry": authentication.remaining_retry - 1,
        "next_retry_at": now + timedelta(seconds=ding_settings.RETRY_COOLDOWN),
    }
    free = (
        Authentication.objects.using(write_alias())
        .retryable(now, max_checks=ding_settings.MAX_CHECKS)
        .filter(pk=authentication.pk, retry_count=authentication.retry_count)
    )
    is_taken = bool(free.update(**taken | {"remaining_retry": F("remaining_retry") - 1}))
    if is_taken:
        adopt(authentication, **taken)
    return is_taken


def _refusal(authentication: Authentication, now: datetime) -> RetryStatus:
    match authentication.status:
        case Authentication.Status.VALIDATED:
            return RetryStatus.ALREADY_VALIDATED
        case Authentication.Status.EXPIRED:
            return RetryStatus.EXPIRED_AUTH
        case Authentication.Status.PENDING | Authentication.Status.UNKNOWN:
            return RetryStatus.RATE_LIMITED if authentication.expires_at > now else RetryStatus.EXPIRED_AUTH
    return RetryStatus.NO_ATTEMPT


def _admit(authentication: Authentication) -> Ticket:
    try:
        return admit(
            authentication.phone_number,
            user_id=authentication.user_id,
            ip=authentication.ip,
            backend=authentication.backend,
            is_retry=True,
        )
    except DingError as error:
        _give_back(authentication)
        refused(error, authentication)
        raise


def _ask(provider: BaseBackend, authentication: Authentication, ticket: Ticket) -> tuple[base.RetryResult, float]:
    """Return the answer, and in how many milliseconds it came."""
    try:
        with errors_recorded(authentication, "retry") as stopwatch:
            return provider.retry(authentication.authentication_uuid), stopwatch.milliseconds
    except DingError as error:
        if not error.may_have_executed:
            _give_back(authentication)
            ticket.give_back()
        send_failed.send_robust(Authentication, authentication=authentication, error_code=error.code)
        raise


def _give_back(authentication: Authentication) -> None:
    """Undo the reservation of a retry that was certainly not carried out."""
    Authentication.objects.using(write_alias()).filter(pk=authentication.pk).update(
        retry_count=F("retry_count") - 1,
        remaining_retry=F("remaining_retry") + 1,
        next_retry_at=timezone.now(),
    )
    authentication.refresh_from_db(using=write_alias())


def _settle(authentication: Authentication, answer: base.RetryResult) -> RetryResult:
    approved = answer.status is RetryStatus.APPROVED
    attempt_number = authentication.retry_count + 1
    with short_transaction():
        write(authentication, **_told(authentication, answer))
        if answer.status in (RetryStatus.EXPIRED_AUTH, RetryStatus.ALREADY_VALIDATED):
            expire(authentication)  # A check that is about to settle overwrites it.
        record(
            authentication,
            Event.Type.ATTEMPT,
            answer.provider_status or answer.status,
            attempt_number=attempt_number if approved else None,
        )
    if approved:
        code_sent.send_robust(Authentication, authentication=authentication, attempt_number=attempt_number)
    else:
        send_failed.send_robust(Authentication, authentication=authentication, error_code=answer.status.value)
    return _result(authentication, answer.status)


def _told(authentication: Authentication, answer: base.RetryResult) -> dict[str, Any]:
    """Return what the answer changes. The provider may ask for a longer cooldown than ours, not for a shorter one."""
    changes = {
        "authentication_uuid": answer.authentication_uuid,
        "next_retry_at": max(filter(None, (answer.next_retry_at, authentication.next_retry_at)), default=None),
        "remaining_retry": answer.remaining_retry,
        # A retry that was refused is no attempt.
        "retry_count": None if answer.status in _MAY_HAVE_SENT else authentication.retry_count - 1,
    }
    return {name: value for name, value in changes.items() if value is not None}


def _result(authentication: Authentication, status: RetryStatus) -> RetryResult:
    return RetryResult(
        status=status,
        authentication=authentication,
        next_retry_at=authentication.next_retry_at if authentication.remaining_retry else None,
        remaining_retry=authentication.remaining_retry,
    )
