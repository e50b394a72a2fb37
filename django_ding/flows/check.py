"""Check a code."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.db.models import Exists, F, PositiveSmallIntegerField
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log
from django_ding.backends import get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import CheckResponse, CheckStatus
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, InvalidCode
from django_ding.flows._events import (
    add_event,
    add_repeatable_event,
    build_event,
    expire,
    released,
    set_fields,
    store_state,
    this_row,
    update,
    update_with_event,
)
from django_ding.flows._provider import build_sent, record_errors
from django_ding.flows._windows import check_window, is_superseded
from django_ding.flows.numbers import link_number, touch_verified_at
from django_ding.flows.results import CheckResult
from django_ding.guard.lockouts import check_lockouts, lockout_keys, record_wrong_code
from django_ding.models import Authentication, AuthenticationQuerySet, Event, Lockout, PhoneNumber
from django_ding.models.base import write_alias
from django_ding.models.fields import UtcDateTimeField
from django_ding.signals import code_checked, phone_verified
from django_ding.sql import Update
from django_ding.statements import Parameter
from django_ding.steps import Steps, in_steps
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict
from django_ding.typed import simplify

_MAX_TYPED_LENGTH = 64
_ONE_MORE_CHECK = F("check_count") + 1
_LOGIN_PURPOSES = (Authentication.Purpose.LOGIN, Authentication.Purpose.SECOND_FACTOR)


@sensitive_variables()
@in_steps
@outside_transaction
def check(authentication: Authentication, code: str, *, request: HttpRequest | None = None) -> Steps[CheckResult]:
    """Check the code that a user received.

    At most ``DING["MAX_CHECKS"]`` codes per authentication reach the provider, however many requests come at once,
    and exactly one request gets ``valid`` (OWASP ASVS 5.0, 6.5.1 and 6.6.3). A used, expired or exhausted
    authentication is refused without asking the provider.

    After too many wrong codes in a row, over all authentications of the number or user, none is accepted any more; see
    ``DING["RATE_LIMITS"]``. A wrong code of the purpose ``login`` or ``second_factor`` sends Django's
    ``user_login_failed``.

    :param code: as entered: spaces, dashes and any Unicode digits are understood, leading zeros kept.
    :param request: the user's request, for the receivers of ``user_login_failed``.
    :raises InvalidCode: when it can't be a code of this backend's; nothing is counted.
    :raises LockedOut: after too many wrong codes in a row.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage. A check that never reached the provider is not counted.
    """
    provider = get_backend(authentication.backend)
    digits = normalize_code(code, provider.code_lengths)
    if refused := reserve_check(authentication):
        return refused
    response, milliseconds = yield from _call(provider, authentication, digits)
    if response.status is CheckStatus.VALID:
        result = retry_on_conflict(partial(_accept, authentication))
    else:
        result = _reject(authentication, response)
    log.log_result(log.CHECK, authentication, result.status, milliseconds=milliseconds)
    _send_signals(result, request)
    return result


def normalize_code(code: str, lengths: Sequence[int]) -> str:
    """Return the ASCII digits of a code as entered or pasted: ``" ١٢٣-٤٥٦ "`` is ``"123456"``.

    :raises InvalidCode: when it isn't made of as many digits as a code has.
    """
    if len(code) > _MAX_TYPED_LENGTH:
        raise InvalidCode
    digits = re.sub(r"[\s\-.]", "", simplify(code))
    if not (digits.isascii() and digits.isdecimal() and len(digits) in lengths):
        raise InvalidCode
    return digits


def reserve_check(authentication: Authentication) -> CheckResult | None:
    """Count a check before it is made. Return ``None``, or why no code can be checked.

    :raises LockedOut: after too many wrong codes in a row.
    """
    if authentication.is_lost and not _is_found(authentication):
        authentication.refresh_from_db(using=write_alias())  # A webhook may have brought the id since.
    if is_superseded(authentication):
        expire(authentication)
    if _reserve(authentication):
        return None
    authentication.refresh_from_db(using=write_alias())
    if _reserve_after_lockout(authentication):
        return None
    refusal = _refusal(authentication)
    log.log_result(log.CHECK, authentication, refusal)
    return _result(authentication, refusal)


def undo_check(authentication: Authentication) -> None:
    """Undo the reservation of a check that was not made."""
    Authentication.write_db.filter(pk=authentication.pk).update(check_count=F("check_count") - 1)
    set_fields(authentication, check_count=authentication.check_count - 1)


def reject_code(authentication: Authentication, request: HttpRequest | None) -> CheckResult:
    """Record as a wrong code what was entered in place of one, after the check was reserved."""
    result = _reject(authentication, CheckResponse(status=CheckStatus.INVALID))
    log.log_result(log.CHECK, authentication, result.status)
    _send_signals(result, request)
    return result


def _checkable() -> AuthenticationQuerySet:
    """Return the row of the parameter ``pk`` while its code may be checked."""
    now = Parameter("now", UtcDateTimeField())
    field = Lockout._meta.get_field("active_key")
    keys = [Parameter("user_lockout", field), Parameter("phone_lockout", field)]
    lockouts = Lockout.objects.filter(active_key__in=keys)
    checkable = this_row().checkable(now, max_checks=Parameter("max_checks", PositiveSmallIntegerField()))
    return checkable.exclude(Exists(lockouts))


def _unvalidated() -> AuthenticationQuerySet:
    return this_row().filter(validated_at=None)


def _reserve(authentication: Authentication) -> bool:
    """Count the check before it is made, with one conditional UPDATE: the limit holds for any number at once."""
    if authentication.is_lost and not _is_found(authentication):
        return False
    keys = lockout_keys(authentication)
    reservation = Update(
        rows=_checkable,
        values={"check_count": _ONE_MORE_CHECK},
        parameters={
            "pk": authentication.pk,
            "now": clock.now(),
            "max_checks": ding_settings.MAX_CHECKS,
            "user_lockout": keys.get(Lockout.Scope.USER),
            "phone_lockout": keys.get(Lockout.Scope.PHONE),
        },
    )
    # The outcome is durable, and this with it. A crash of the database server in between forgets one wrong code.
    if not reservation.run(write_alias(), durable=False):
        return False
    set_fields(authentication, check_count=authentication.check_count + 1)
    return True


def _is_found(authentication: Authentication) -> bool:
    """Return whether the provider's response was lost, but the provider can still check the code."""
    is_findable = authentication.authentication_uuid or get_backend(authentication.backend).is_per_number
    return authentication.is_lost and bool(is_findable)


def _reserve_after_lockout(authentication: Authentication) -> bool:
    """Count the check where only a lockout can have refused it, and that one has ended.

    :raises LockedOut: when it has not.
    """
    is_checkable = authentication.is_open(clock.now()) and authentication.remaining_checks > 0
    return is_checkable and check_lockouts([*lockout_keys(authentication).values()]) and _reserve(authentication)


def _refusal(authentication: Authentication) -> CheckStatus:
    match authentication.status:
        case Authentication.Status.VALIDATED:
            return CheckStatus.ALREADY_VALIDATED
        case Authentication.Status.EXPIRED:
            return CheckStatus.EXPIRED_AUTH
    if authentication.status not in Authentication.LIVE_STATUSES and not _is_found(authentication):
        return CheckStatus.WITHOUT_ATTEMPT
    return CheckStatus.EXPIRED_AUTH if authentication.expires_at <= clock.now() else CheckStatus.RATE_LIMITED


def _call(provider: BaseBackend, authentication: Authentication, digits: str) -> Steps[tuple[CheckResponse, float]]:
    """Return the provider's response, and the milliseconds it took."""
    with record_errors(authentication, "check") as timer:
        try:
            sent = build_sent(authentication)
            response: CheckResponse = yield partial(provider.check, sent, digits)
            milliseconds = timer.milliseconds
            if not check_window(authentication, sent, response.authentication_uuid):
                # The provider checks by number, and this row's window had ended before the other began.
                response = CheckResponse(status=CheckStatus.EXPIRED_AUTH)
            return response, milliseconds
        except BackendUnavailable as error:
            if not error.reached:
                undo_check(authentication)
            raise


def _accept(authentication: Authentication) -> CheckResult:
    """Record a right code: all of it or nothing. Two users who verify one number at once collide on a constraint."""
    now = clock.now()
    user_id, phone_number = authentication.user_id, authentication.phone_number
    links = user_id is not None and authentication.purpose == Authentication.Purpose.LINK
    event = build_event(authentication, Event.Type.CHECK, CheckStatus.VALID)
    touch = None if links or user_id is None else touch_verified_at(user_id, phone_number, now)
    changes: dict[str, Any] = {
        "status": Authentication.Status.VALIDATED,
        "validated_at": now,
        "error_code": "",  # Of a response that was lost although the message was sent.
        **released(authentication),
    }
    with atomic(savepoint=False) if links else nullcontext():
        if not update_with_event(authentication, event, rows=_unvalidated, also=touch, **changes):
            return _result(authentication, CheckStatus.ALREADY_VALIDATED)
        number = link_number(user_id, phone_number, now) if links else None
    is_taken = links and number is None
    return _result(authentication, CheckStatus.NUMBER_TAKEN if is_taken else CheckStatus.VALID, number)


def _reject(authentication: Authentication, response: CheckResponse) -> CheckResult:
    status = response.status
    if status is CheckStatus.NUMBER_TAKEN:  # Not for a backend to say.
        status = CheckStatus.UNKNOWN
    with atomic(savepoint=False):
        if status in (CheckStatus.EXPIRED_AUTH, CheckStatus.ALREADY_VALIDATED):
            # A request that is about to accept the code overwrites it.
            if not expire(authentication) and _is_validated(authentication):
                status = CheckStatus.ALREADY_VALIDATED  # A provider that forgets used codes can't say so.
        else:
            store_state(authentication, response.state)
        if status is CheckStatus.RATE_LIMITED:
            _limit(authentication, response)
        # One that was merely not made can be tried again without end.
        add = add_event if response.retry_after is None else add_repeatable_event
        add(authentication, Event.Type.CHECK, response.provider_status or status)
    result = replace(_result(authentication, status), retry_after=response.retry_after)
    if status is CheckStatus.INVALID and record_wrong_code(authentication):
        return replace(result, remaining_checks=0, is_locked_out=True)
    return result


def _limit(authentication: Authentication, response: CheckResponse) -> None:
    """Leave no further check, unless this one was merely not made."""
    if response.retry_after is not None:
        undo_check(authentication)
    elif get_backend(authentication.backend).is_per_number:
        # Others may have used up the checks of the number. A new code can be requested at once.
        expire(authentication)
    else:
        update(authentication, check_count=max(authentication.check_count, ding_settings.MAX_CHECKS))


def _is_validated(authentication: Authentication) -> bool:
    """Return whether another request has accepted the code in the meantime."""
    authentication.refresh_from_db(using=write_alias())
    return authentication.status == Authentication.Status.VALIDATED


def _send_signals(result: CheckResult, request: HttpRequest | None) -> None:
    authentication = result.authentication
    code_checked.send_robust(Authentication, authentication=authentication, status=result.status)
    if result.status in (CheckStatus.VALID, CheckStatus.NUMBER_TAKEN):
        phone_verified.send_robust(Authentication, authentication=authentication, phone_number=result.phone_number)
    if result.status is CheckStatus.INVALID and authentication.purpose in _LOGIN_PURPOSES:
        # The row as in the signal of authenticate(), and the name as after a wrong password: receivers lock accounts by
        # it. Not robust, as Django's own: one that raises PermissionDenied ends the request.
        credentials: dict[str, Any] = {"authentication": authentication}
        if user := authentication.user:
            credentials["username"] = user.get_username()
        user_login_failed.send("django_ding", credentials=credentials, request=request)


def _result(authentication: Authentication, status: CheckStatus, number: PhoneNumber | None = None) -> CheckResult:
    return CheckResult(
        status=status,
        authentication=authentication,
        remaining_checks=authentication.remaining_checks,
        phone_number=number,
    )
