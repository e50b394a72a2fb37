"""Recovery codes: how support lets a user in who lost the phone, once the user has verified a new number.

Support reads the code out to the user, who enters it in place of the message's code. The user isn't asked for the new
number before, and the lost one stays until the new one is verified: a code given to the wrong person changes nothing by
itself.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from logging import INFO, WARNING
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log
from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidCode, InvalidProof
from django_ding.flows import _recovery
from django_ding.flows._locks import lock_user
from django_ding.flows.check import normalize_code, reject_code, reserve_check, undo_check
from django_ding.flows.devices import forget_devices
from django_ding.flows.notices import RECOVERY_CODE, send_notice
from django_ding.flows.numbers import make_primary, release
from django_ding.flows.results import CheckResult
from django_ding.models import Authentication, PhoneNumber, RecoveryCode, RecoveryCodeQuerySet
from django_ding.models.base import user_key, user_pk
from django_ding.signals import recovery_code_created, recovery_code_used, recovery_completed
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict, send_on_commit

#: More than a message's code ever has (4 to 8 digits), so that one is never taken for the other.
_LENGTH = 10
#: How long a code can be entered, and how long its user has to verify a new number afterwards.
_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class NewRecoveryCode:
    """A recovery code that was just created.

    :ivar code: its digits. Only this result has them.
    :ivar recovery_code: the row.
    """

    code: str = field(repr=False)
    recovery_code: RecoveryCode


@dataclass(frozen=True, kw_only=True)
class RecoveryResult:
    """What became of an entered recovery code.

    :ivar recovery_code: the row of a right one, which only one request ever gets; ``None`` for any other.
    :ivar check: why it was rejected, where it was entered in place of a message's code.
    """

    recovery_code: RecoveryCode | None = None
    check: CheckResult | None = None


def may_create_recovery_code(user: Any, *, created_by: Any) -> bool:
    """Return whether a member of staff may create a recovery code for a user, given that they may create any.

    Not for themselves, nor for a user who isn't active. Only superusers may for staff and superusers.
    """
    return user.is_active and user.pk != created_by.pk and _recovery.is_allowed(user, created_by)


@sensitive_variables()
def create_recovery_code(user: Any, *, created_by: Any, reason: str) -> NewRecoveryCode:
    """Create a code with which a user who lost the phone gets in, after verifying a new number.

    Verify first that the person who asks for it is the account's owner. The code is valid for 15 minutes and can be
    entered once; it replaces an earlier one. The user's numbers get a notice, where the backend can send one.

    :param created_by: the member of staff, whose permission is the caller's to check.
    :param reason: how the person's identity was verified, for example; 500 characters are kept.
    :raises PermissionDenied: when :func:`may_create_recovery_code` returns ``False``.
    :raises ValueError: without a reason.
    """
    if not may_create_recovery_code(user, created_by=created_by):
        raise PermissionDenied
    if not reason.strip():
        raise ValueError("A recovery code needs a reason.")
    code = f"{secrets.randbelow(10**_LENGTH):0{_LENGTH}}"
    row = retry_on_conflict(partial(_create, user, created_by, reason.strip(), code))
    _log(row, "created")
    return NewRecoveryCode(code=code, recovery_code=row)


@sensitive_variables()
def is_recovery_code(code: str) -> bool:
    """Return whether what was entered can only be a recovery code, by its length."""
    try:
        return bool(normalize_code(code, (_LENGTH,)))
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
    digits = normalize_code(code, (_LENGTH,))
    if phone_number is not None:
        return _redeem_for_number(phone_number, digits, request)
    if authentication is not None:
        return _redeem_for_message(authentication, digits, request)
    return _redeem_for_user(user, digits, request)


def is_recovering(recovery_code: RecoveryCode) -> bool:
    """Return whether the user of an entered recovery code still has time to verify a new number."""
    is_in_time = _entered(recovery_code).filter(used_at__gt=clock.now() - _LIFETIME).exists()
    return is_in_time and _is_allowed(recovery_code)


@sensitive_variables()
def complete_recovery(recovery_code: RecoveryCode, number: PhoneNumber) -> None:
    """Let a newly verified number take the place of all other numbers of a user who entered a recovery code.

    Remembered devices are forgotten, and confirmations (``STEP_UP_MAX_AGE``) given before no longer count. A user
    without a usable password is logged out everywhere; reload the user before you log them in. The sessions of a user
    who has a password stay: Django ends those only when the password changes. To end them, or to revoke tokens of your
    own, receive ``recovery_completed``.

    If the code has been revoked, or the user has become staff or a superuser since it was created by someone who isn't
    a superuser, the new number is removed instead.

    :raises ValueError: when they belong to different users.
    :raises InvalidProof: when the code wasn't entered, was revoked, or has been used for this before.
    :raises PhoneNumber.DoesNotExist: when the user no longer owns the number.
    """
    if user_key(number.user_id) != user_key(recovery_code.user_id):
        raise ValueError("An account can only be recovered with a number of its own.")
    if not _is_allowed(recovery_code):
        revoke_recovery_code(recovery_code)
    try:
        retry_on_conflict(partial(_complete, recovery_code, number))
    except InvalidProof:
        if _row(recovery_code).filter(revoked_at__isnull=False).exists():
            retry_on_conflict(partial(release, number, reason="removed"))
        raise
    _log(recovery_code, "completed")
    recovery_completed.send_robust(RecoveryCode, recovery_code=recovery_code, phone_number=number)


def revoke_recovery_code(recovery_code: RecoveryCode) -> bool:
    """End a recovery: the code can't be entered, nor a new number verified with it. Return whether it could."""
    now = clock.now()
    rows = _row(recovery_code).filter(revoked_at=None, completed_at=None).exclude(used_at=None, expires_at__lte=now)
    if not rows.update(active_key=None, revoked_at=now):
        return False
    _log(recovery_code, "revoked")
    return True


@sensitive_variables()
def _create(user: Any, created_by: Any, reason: str, code: str) -> RecoveryCode:
    now, key = clock.now(), sha256(user_key(user.pk).encode()).hexdigest()
    row = RecoveryCode(
        user=user,
        created_by=created_by,
        reason=reason[: RecoveryCode._meta.get_field("reason").max_length],
        created_at=now,
        expires_at=now + _LIFETIME,
        active_key=key,
    )
    row.code_hash = _recovery.hash_code(row, code, key=settings.SECRET_KEY)
    with atomic():
        lock_user(user.pk)
        former = RecoveryCode.write_db.filter(active_key=key)
        former.filter(expires_at__gt=now).update(revoked_at=now)
        former.update(active_key=None)
        row.save(force_insert=True, using=RecoveryCode.write_db.db)
        for number in PhoneNumber.write_db.of_user(user):
            send_notice(RECOVERY_CODE, number.phone_number, user_id=user.pk)
        send_on_commit(recovery_code_created, RecoveryCode, recovery_code=row)
    return row


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
    """Redeem a code that was entered by somebody who has shown a password."""
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
    if not (is_right and _row(row).active(now).update(active_key=None, used_at=now)):
        _log(row, "rejected")
        return None
    row.active_key, row.used_at = None, now
    _log(row, "used")
    recovery_code_used.send_robust(RecoveryCode, recovery_code=row)
    return row


def _count_try(row: RecoveryCode, now: datetime) -> bool:
    """Count a code before it is compared, by one conditional UPDATE: the limit holds for any number at once."""
    untried = _row(row).active(now).filter(check_count__lt=ding_settings.MAX_CHECKS)
    return bool(untried.update(check_count=F("check_count") + 1))


def _complete(recovery_code: RecoveryCode, number: PhoneNumber) -> None:
    user_id = recovery_code.user_id
    with atomic():
        lock_user(user_id)
        if not _entered(recovery_code).update(completed_at=clock.now()):
            raise InvalidProof
        make_primary(number)
        for other in PhoneNumber.write_db.of_user(user_id).exclude(pk=number.pk):
            release(other, reason="replaced")
        forget_devices(user_id)
        _recovery.end_sessions(user_id)


def _is_allowed(recovery_code: RecoveryCode) -> bool:
    """Return whether the code may still be used, by what its user and its creator are by now."""
    row = _row(recovery_code).select_related("user", "created_by").first()
    return row is not None and _recovery.is_allowed(row.user, row.created_by)


def _row(recovery_code: RecoveryCode) -> RecoveryCodeQuerySet:
    return RecoveryCode.write_db.filter(pk=recovery_code.pk)


def _entered(recovery_code: RecoveryCode) -> RecoveryCodeQuerySet:
    return _row(recovery_code).filter(used_at__isnull=False, completed_at=None, revoked_at=None)


def _log(row: RecoveryCode, status: str) -> None:
    level = WARNING if status in ("rejected", "revoked") else INFO
    created_by = None if row.created_by_id is None else str(row.created_by_id)
    log.write(log.RECOVERY_CODE, level=level, user_id=str(row.user_id), created_by=created_by, status=status)
