"""Devices that need no second factor for a while, because their user said so after a right code."""

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
from django_ding.services.records import write_alias

_SALT = "django_ding.device"
_MAX_NAME_LENGTH = 100


@sensitive_variables()
def remember_device(user: Any, *, name: str = "") -> str:
    """Return a signed text for a cookie of the device's, good for ``DING["REMEMBER_DEVICE_DAYS"]`` days.

    It is bound to the user's password: a new one ends it. What the database keeps of it can't be turned back into it.

    :param name: what to call the device, such as the browser's ``User-Agent``; 100 characters are kept.
    """
    now = timezone.now()
    key = secrets.token_urlsafe(32)
    _devices(user.pk).filter(expires_at__lte=now).delete()
    RememberedDevice.objects.using(write_alias()).create(
        user=user,
        key_hash=_hash(key, user.get_session_auth_hash()),
        created_at=now,
        expires_at=now + timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS),
        name="".join(filter(str.isprintable, name))[:_MAX_NAME_LENGTH],
    )
    return signing.dumps(key, salt=_SALT)


@sensitive_variables()
def is_remembered(user: Any, text: str) -> bool:
    """Tell whether ``text`` is what :func:`remember_device` gave a device of this user's, and is still good.

    A text that is forged or too old costs no look at the database.
    """
    try:
        key = signing.loads(text, salt=_SALT, max_age=timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS))
    except signing.BadSignature:
        return False
    # As with sessions, what was made with a former SECRET_KEY holds while SECRET_KEY_FALLBACKS has it.
    auth_hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    hashes = [_hash(key, auth_hash) for auth_hash in auth_hashes]
    return _devices(user.pk).filter(key_hash__in=hashes, expires_at__gt=timezone.now()).exists()


def forget_devices(user: Any) -> int:
    """Forget all devices of a user, and return how many there were."""
    return forget(user.pk)


def forget(user_id: Any) -> int:
    """Do what :func:`forget_devices` does, for the user of this key."""
    deleted, _ = _devices(user_id).delete()
    return deleted


def _devices(user_id: Any) -> QuerySet[RememberedDevice]:
    return RememberedDevice.objects.using(write_alias()).filter(user_id=user_id)


def _hash(key: str, auth_hash: str) -> str:
    return sha256(f"{key}\n{auth_hash}".encode()).hexdigest()
