"""Enter a recovery code: in place of a message's code, beside a number, or after a password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidCode
from django_ding.flows import _recovery
from django_ding.flows._recovery import LENGTH, row_of, write_log
from django_ding.flows.check import normalize_code, reject_code, reserve_check, undo_check
from django_ding.flows.results import CheckResult
from django_ding.models import Authentication, RecoveryCode, RecoveryCodeQuerySet
from django_ding.models.base import user_pk
from django_ding.signals import recovery_code_used
from django_ding.transactions import outside_transaction


@dataclass(frozen=True, kw_only=True)
class RecoveryResult:
    """What became of an entered recovery code.

    :ivar recovery_code: the row of a right one, which only one request ever gets; ``None`` for any other.
    :ivar check: why it was rejected, where it was entered in place of a message's code.
    """

    recovery_code: RecoveryCode | None = None
    check: CheckResult | None = None


@sensitive_variables()
def is_recovery_code(code: str) -> bool:
    """Return whether what was entered can only be a recovery code, by its length."""
    try:
        return bool(normalize_code(code, (LENGTH,)))
    except InvalidCode:
        return False


@sensitive_variables()
@outside_transaction
def redeem_recovery_code(
    code: str,
    *,
    user: Any = None,
    authentication: Authentication | None = None,
    phone_number: str | None = None,
    request: HttpRequest | None = None,
) -> RecoveryResult:
    """Check a recovery code that was entered. Exactly one request gets its row, for ``complete_recovery``.

    At most ``DING["MAX_CHECKS"]`` codes are checked per recovery code, however many requests come at once. Those that
    are entered for a login by number don't count, or anybody who knows the number could use it up; the checks of the
    message's code bound them, or without a message the rates of the number and the client's address. Whether there is
    a recovery code at all makes no difference to the result of a wrong one.

    A code for a user who has become staff or a superuser since is wrong, unless a superuser created it.

    :param user: whose code it must be.
    :param authentication: instead of the user: the one whose code was expected. A wrong recovery code counts as a wrong
        code of its own. For the purpose ``login`` the code must be of the user who has its number.
    :param phone_number: instead of the user: the one whose user the code must be of, in E.164, where no message was
        sent to it.
    :param request: the user's request, for the receivers of ``user_login_failed`` and for the client's address.
    :raises InvalidCode: when it can't be a recovery code; nothing is counted.
    :raises LockedOut: after too many wrong codes in a row.
    :raises RateLimited: after too many codes for a phone number, or from an address for it.
    :raises BackendUnavailable: when the codes for a phone number can't be counted.
    """
    digits = normalize_code(code, (LENGTH,))
    if phone_number is not None:
        return _redeem_for_number(phone_number, digits, request)
    if authentication is not None:
        return _redeem_for_message(authentication, digits, request)
    return _redeem_for_user(user, digits, request)


@sensitive_variables()
def _redeem_for_number(phone_number: str, digits: str, request: HttpRequest | None) -> RecoveryResult:
    """Redeem a code that was entered beside a number, without a message."""
    _recovery.count_try_by_number(phone_number, request)
    row = _redeem(_codes_of_number(phone_number), digits, is_counted=False)
    if row is None:
        _recovery.send_login_failed(None, request)
    return RecoveryResult(recovery_code=row)


@sensitive_variables()
def _redeem_for_message(authentication: Authentication, digits: str, request: HttpRequest | None) -> RecoveryResult:
    """Redeem a code that was entered in place of a message's."""
    if refused := reserve_check(authentication):
        return RecoveryResult(check=refused)
    is_login = authentication.purpose == Authentication.Purpose.LOGIN
    codes = _codes_of_number(authentication.phone_number) if is_login else _codes_of_user(authentication.user_id)
    row = _redeem(codes, digits, is_counted=not is_login)
    if row is None:
        return RecoveryResult(check=reject_code(authentication, request))
    undo_check(authentication)  # It was no wrong code.
    return RecoveryResult(recovery_code=row)


@sensitive_variables()
def _redeem_for_user(user: Any, digits: str, request: HttpRequest | None) -> RecoveryResult:
    """Redeem a code of a user who has entered the password."""
    _recovery.check_user_lockouts(user)
    row = _redeem(_codes_of_user(user), digits)
    if row is None:
        _recovery.send_login_failed(user, request)
    return RecoveryResult(recovery_code=row)


def _codes_of_user(user: Any) -> RecoveryCodeQuerySet:
    return RecoveryCode.write_db.filter(user=user_pk(user))


def _codes_of_number(phone_number: str) -> RecoveryCodeQuerySet:
    return RecoveryCode.write_db.filter(user__ding_phone_numbers__phone_number=phone_number)


@sensitive_variables()
def _redeem(codes: RecoveryCodeQuerySet, digits: str, *, is_counted: bool = True) -> RecoveryCode | None:
    now = clock.now()
    row = codes.active(now).select_related("user", "created_by").first()
    if row is None:
        return None
    # A stranger's wrong code causes no write, whose time would reveal that there is a recovery code.
    may_try = _count_try(row, now) if is_counted else row.check_count < ding_settings.MAX_CHECKS
    is_right = may_try and _recovery.is_right(row, digits) and _recovery.is_allowed(row.user, row.created_by)
    if not (is_right and row_of(row).active(now).update(active_key=None, used_at=now)):
        write_log(row, "rejected")
        return None
    row.active_key, row.used_at = None, now
    write_log(row, "used")
    recovery_code_used.send_robust(RecoveryCode, recovery_code=row)
    return row


def _count_try(row: RecoveryCode, now: datetime) -> bool:
    """Count a code before it is compared, by one conditional UPDATE: the limit holds for any number at once."""
    untried = row_of(row).active(now).filter(check_count__lt=ding_settings.MAX_CHECKS)
    return bool(untried.update(check_count=F("check_count") + 1))
