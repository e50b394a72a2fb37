"""Rules of recovery codes: for whom they may be, how they are compared and bounded, and what ends with a recovery."""

from collections.abc import Sequence
from logging import INFO, WARNING
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_ding import log
from django_ding.exceptions import RateLimited
from django_ding.guard import counters
from django_ding.guard.client_ip import UNKNOWN_IP, client_ip, networks
from django_ding.guard.counters import Exceeded, Limit
from django_ding.guard.lockouts import check_lockouts, lockout_keys
from django_ding.models import Authentication, Lockout, RecoveryCode, RecoveryCodeQuerySet
from django_ding.models.base import RequesterType, load_user, user_key, user_pk, write_alias

_SALT = "django_ding.recovery_code"

#: The digits of a code: more than a message's ever has (4 to 8), so that one is never taken for the other.
LENGTH = 10

#: Recovery codes that are checked for a number without a message, in as many seconds as a code is valid for.
_WINDOW_SECONDS = 900
_MAX_BY_ADDRESS = 5
#: NIST SP 800-63B-4, 3.2.2, allows 100 failures. Twenty addresses can use them up, and the owner has to wait then.
_MAX_BY_NUMBER = 100


def is_allowed(user: Any, created_by: Any) -> bool:
    """Return whether a recovery code of this creator's may be used for a user: for staff, only of a superuser's.

    :param created_by: ``None`` for one who has been deleted.
    """
    if not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)):
        return True
    return bool(created_by is not None and created_by.is_active and getattr(created_by, "is_superuser", False))


@sensitive_variables()
def is_right(row: RecoveryCode, digits: str) -> bool:
    """Return whether these are the digits of a code, under any of the project's keys."""
    # A list, so that the time says nothing about which one fits.
    keys: Sequence[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    matches = [constant_time_compare(row.code_hash, hash_code(row, digits, key=key)) for key in keys]
    return any(matches)


@sensitive_variables()
def hash_code(row: RecoveryCode, code: str, *, key: str | bytes) -> str:
    """Return the hash of a code, which fits no other row and no other user."""
    value = "\n".join([str(row.public_id), user_key(row.user_id), code])
    return salted_hmac(_SALT, value, secret=key, algorithm="sha256").hexdigest()


def count_try_by_number(phone_number: str, request: HttpRequest | None) -> None:
    """Count a code that is entered for a number, whether or not an account has it.

    :raises LockedOut: after too many wrong codes in a row for logins by this number.
    :raises RateLimited: after too many codes for the number, or from the client's address for it.
    :raises BackendUnavailable: when the store of the rates is down.
    """
    login = Authentication(
        phone_number=phone_number, purpose=Authentication.Purpose.LOGIN, requester_type=RequesterType.LOGIN
    )
    _check_lockouts_of(login)
    ip = (client_ip(request) if request else None) or UNKNOWN_IP
    # The narrowest network is enough: the rate of the number bounds a crowd of them.
    by_address = counters.counter_key("recovery:address", f"{phone_number}\n{networks(ip)[0]}")
    by_number = counters.counter_key("recovery:number", phone_number)
    limits = [
        Limit(by_address, maximum=_MAX_BY_ADDRESS, seconds=_WINDOW_SECONDS),
        Limit(by_number, maximum=_MAX_BY_NUMBER, seconds=_WINDOW_SECONDS),
    ]
    outcome = counters.consume(limits)
    if isinstance(outcome, Exceeded):
        raise RateLimited(_("Wait %(wait)s before trying again."), scope="recovery", retry_after=outcome.retry_after)


def check_user_lockouts(user: Any) -> None:
    """Raise LockedOut where no code of the user's is accepted."""
    _check_lockouts_of(Authentication(user_id=user_pk(user), purpose=Authentication.Purpose.SECOND_FACTOR))


def send_login_failed(user: Any, request: HttpRequest | None) -> None:
    """Send Django's own signal, as after a wrong password, unless the user is signed in already.

    :param user: ``None`` where only a phone number was entered, whose user the signal mustn't name.
    """
    known = None if user is None else load_user(user)
    is_signed_in = request is not None and request.user.is_authenticated
    if is_signed_in or (known is None and user is not None):
        return
    credentials = {"username": known.get_username()} if known else {}
    user_login_failed.send("django_ding", credentials=credentials, request=request)


def end_sessions(user_id: Any) -> None:
    """Log a user without a usable password out everywhere, in the caller's transaction.

    Django's sessions carry a hash of the password column. Without a password that is a random text, so another random
    text ends them all. A password that people know must stay.
    """
    user = get_user_model()._base_manager.using(write_alias()).filter(pk=user_id).first()
    if user is not None and not user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])


def row_of(recovery_code: RecoveryCode) -> RecoveryCodeQuerySet:
    """Return its row, as a query."""
    return RecoveryCode.write_db.filter(pk=recovery_code.pk)


def write_log(row: RecoveryCode, status: str) -> None:
    """Log what became of a recovery code."""
    level = WARNING if status in ("rejected", "revoked") else INFO
    created_by = None if row.created_by_id is None else str(row.created_by_id)
    log.write(log.RECOVERY_CODE, level=level, user_id=str(row.user_id), created_by=created_by, status=status)


def _check_lockouts_of(authentication: Authentication) -> None:
    keys = [*lockout_keys(authentication).values()]
    if Lockout.write_db.filter(active_key__in=keys).exists():
        check_lockouts(keys)
