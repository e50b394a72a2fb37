"""Remembered devices: they need no second factor for a while, after a right code."""

import secrets
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.flows._locks import lock_user
from django_ding.models import PhoneNumber, RememberedDevice
from django_ding.models.base import user_pk
from django_ding.signals import device_remembered
from django_ding.transactions import atomic, retry_on_conflict, send_on_commit

_SALT = "django_ding.device"
_MAX_NAME_LENGTH = 100


@sensitive_variables()
def remember_device(user: Any, *, name: str = "", number: UUID | str | None = None) -> str:
    """Return a signed token to store in a cookie.

    It is valid for ``DING["REMEMBER_DEVICE_DAYS"]`` days or until the user changes the password. The database keeps
    only a hash of it.

    :param name: the device's name, such as ``Safari, iPhone``; 100 characters are kept.
    :param number: the ``public_id`` of the user's number whose code was entered. Its removal, which forgets the user's
        devices, may come at the same moment.
    :raises PhoneNumber.DoesNotExist: when the number has been removed.
    """
    key = secrets.token_urlsafe(32)
    retry_on_conflict(partial(_remember, user, key, name, number))
    return signing.dumps(key, salt=_SALT)


@sensitive_variables()
def is_remembered_device(user: Any, token: str) -> bool:
    """Return whether :func:`remember_device` made the token for this user, and it is still valid.

    A forged or expired token costs no query.
    """
    return find_device(user, token) is not None


@sensitive_variables()
def find_device(user: Any, token: str) -> RememberedDevice | None:
    """Return the device that :func:`remember_device` made the token for, ``None`` for one that isn't valid.

    A forged or expired token costs no query.
    """
    try:
        key = signing.loads(token, salt=_SALT, max_age=timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS))
    except signing.BadSignature:
        return None
    return get_devices(user).filter(key_hash__in=_hashes(key, user)).first()


def get_devices(user: Any) -> QuerySet[RememberedDevice]:
    """Return the devices that need no second factor of this user's, the newest first.

    Those remembered before the user changed the password are included until they expire, because the hash doesn't show
    the change.
    """
    devices = _devices(user).filter(expires_at__gt=clock.now())
    return devices.order_by("-created_at", "-pk")


def forget_device(device: RememberedDevice) -> None:
    """Forget a device, which needs a second factor from now on. One that has been forgotten already may be passed."""
    _devices(device.user_id).filter(pk=device.pk).delete()


@sensitive_variables()
def forget_devices(user: Any) -> int:
    """Forget all devices of a user, and return how many there were.

    :param user: a user, or its primary key.
    """
    deleted, _ = _devices(user).delete()
    return deleted


@sensitive_variables()
def _remember(user: Any, key: str, name: str, number: UUID | str | None) -> None:
    now = clock.now()
    with atomic():
        lock_user(user.pk)
        if number is not None:
            PhoneNumber.write_db.of_user(user).only("pk").get(public_id=number)
        _devices(user).filter(expires_at__lte=now).delete()
        device = RememberedDevice.write_db.create(
            user=user,
            key_hash=_hash(key, user.get_session_auth_hash()),
            created_at=now,
            expires_at=now + timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS),
            name="".join(filter(str.isprintable, name))[:_MAX_NAME_LENGTH],
        )
        send_on_commit(device_remembered, RememberedDevice, device=device)


def _devices(user: Any) -> QuerySet[RememberedDevice]:
    return RememberedDevice.write_db.filter(user_id=user_pk(user))


@sensitive_variables()
def _hashes(key: str, user: Any) -> list[str]:
    # As with sessions, a former SECRET_KEY is valid while SECRET_KEY_FALLBACKS lists it.
    return [_hash(key, auth) for auth in (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())]


def _hash(key: str, auth_hash: str) -> str:
    return sha256(f"{key}\n{auth_hash}".encode()).hexdigest()
