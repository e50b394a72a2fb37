"""Remembered devices: they need no second factor for a while, after a right code."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding.conf import ding_settings
from django_ding.models import RememberedDevice

_SALT = "django_ding.device"
_MAX_NAME_LENGTH = 100


@sensitive_variables()
def remember_device(user: Any, *, name: str = "") -> str:
    """Return a signed token to store in a cookie.

    It is valid for ``DING["REMEMBER_DEVICE_DAYS"]`` days or until the user changes the password. The database keeps
    only a hash of it.

    :param name: the device's name, such as the browser's ``User-Agent``; 100 characters are kept.
    """
    now = timezone.now()
    key = secrets.token_urlsafe(32)
    _devices(user.pk).filter(expires_at__lte=now).delete()
    RememberedDevice.write_db.create(
        user=user,
        key_hash=_hash(key, user.get_session_auth_hash()),
        created_at=now,
        expires_at=now + timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS),
        name="".join(filter(str.isprintable, name))[:_MAX_NAME_LENGTH],
    )
    return signing.dumps(key, salt=_SALT)


@sensitive_variables()
def is_remembered_device(user: Any, token: str) -> bool:
    """Return whether :func:`remember_device` made the token for this user, and it is still valid.

    A forged or expired token costs no query.
    """
    try:
        key = signing.loads(token, salt=_SALT, max_age=timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS))
    except signing.BadSignature:
        return False
    # As with sessions, a former SECRET_KEY is valid while SECRET_KEY_FALLBACKS lists it.
    auth_hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    hashes = [_hash(key, auth_hash) for auth_hash in auth_hashes]
    return _devices(user.pk).filter(key_hash__in=hashes, expires_at__gt=timezone.now()).exists()


@sensitive_variables()
def forget_devices(user: Any) -> int:
    """Forget all devices of a user, and return how many there were.

    :param user: a user, or its primary key.
    """
    deleted, _ = _devices(getattr(user, "pk", user)).delete()
    return deleted


def _devices(user_id: Any) -> QuerySet[RememberedDevice]:
    return RememberedDevice.write_db.filter(user_id=user_id)


def _hash(key: str, auth_hash: str) -> str:
    return sha256(f"{key}\n{auth_hash}".encode()).hexdigest()
