"""Recovery codes: how support lets a user in who lost the phone, once the user has verified a new number.

Support reads the code out to the user, who enters it in place of the message's code. The user isn't asked for the new
number before, and the lost one stays until the new one is verified: a code given to the wrong person changes nothing by
itself.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.exceptions import InvalidProof
from django_ding.flows import _recovery
from django_ding.flows._locks import lock_user
from django_ding.flows._recovery import LENGTH, row_of, write_log
from django_ding.flows.devices import forget_devices
from django_ding.flows.notices import RECOVERY_CODE, send_notice
from django_ding.flows.numbers import make_primary, release
from django_ding.models import PhoneNumber, RecoveryCode, RecoveryCodeQuerySet
from django_ding.models.base import user_key
from django_ding.signals import recovery_code_created, recovery_completed
from django_ding.transactions import atomic, retry_on_conflict, send_on_commit

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
    code = f"{secrets.randbelow(10**LENGTH):0{LENGTH}}"
    row = retry_on_conflict(partial(_create, user, created_by, reason.strip(), code))
    write_log(row, "created")
    return NewRecoveryCode(code=code, recovery_code=row)


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
        if row_of(recovery_code).filter(revoked_at__isnull=False).exists():
            retry_on_conflict(partial(release, number, reason="removed"))
        raise
    write_log(recovery_code, "completed")
    recovery_completed.send_robust(RecoveryCode, recovery_code=recovery_code, phone_number=number)


def revoke_recovery_code(recovery_code: RecoveryCode) -> bool:
    """End a recovery: the code can't be entered, nor a new number verified with it. Return whether it could."""
    now = clock.now()
    rows = row_of(recovery_code).filter(revoked_at=None, completed_at=None).exclude(used_at=None, expires_at__lte=now)
    if not rows.update(active_key=None, revoked_at=now):
        return False
    write_log(recovery_code, "revoked")
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
    row = row_of(recovery_code).select_related("user", "created_by").first()
    return row is not None and _recovery.is_allowed(row.user, row.created_by)


def _entered(recovery_code: RecoveryCode) -> RecoveryCodeQuerySet:
    return row_of(recovery_code).filter(used_at__isnull=False, completed_at=None, revoked_at=None)
