"""Keep devices in step with verified numbers."""

from typing import Any

from django.db import transaction

from django_ding.contrib.otp.models import PhoneDevice
from django_ding.models import PhoneNumber


def add_device(phone_number: PhoneNumber | None, **kwargs: Any) -> None:
    """Give a user whose number was linked to their account a device, unless they have one."""
    if phone_number is not None:
        PhoneDevice.objects.get_or_create(user_id=phone_number.user_id)


def replace_device(user: Any, **kwargs: Any) -> None:
    """Give the device of a user who no longer owns a number another id.

    Sessions and remembered browsers that it has verified are no longer verified, as this app's own remembered devices
    are forgotten. The device itself stays, also without any number left: a password alone must not open the account.
    """
    with transaction.atomic():
        device = PhoneDevice.objects.select_for_update().filter(user_id=user.pk).first()
        if device is None:
            return
        device.delete()
        device.authentication_id = None
        device.save(force_insert=True)
