"""django-otp's functions of the same names, without a transaction around the codes of phones."""

from typing import Any

import django_otp
from django.views.decorators.debug import sensitive_variables
from django_otp.models import Device

from django_ding.contrib.otp.models import PhoneDevice


@sensitive_variables()
def verify_token(user: Any, device_id: str, token: str) -> Device | None:
    """Return the user's device with this ``persistent_id`` if it accepts the token, otherwise ``None``.

    :raises DingError: when a code can't be checked, as in an outage.
    """
    device = Device.from_persistent_id(device_id)
    if not isinstance(device, PhoneDevice):
        return django_otp.verify_token(user, device_id, token)
    return device if device.user_id == user.pk and device.verify_token(token) else None


@sensitive_variables()
def match_token(user: Any, token: str) -> Device | None:
    """Return the first of the user's devices that accepts the token, otherwise ``None``.

    Each device that it is tried with counts it as wrong, so prefer :func:`verify_token`.

    :raises DingError: when a code can't be checked, as in an outage.
    """
    devices = list(django_otp.devices_for_user(user))
    return next((found for device in devices if (found := verify_token(user, device.persistent_id, token))), None)
