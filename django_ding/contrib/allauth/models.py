"""What django-allauth keeps beside this app's verified numbers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.models.fields import UtcDateTimeField
from django_ding.phone import mask


class UnverifiedPhoneNumber(models.Model):
    """The number that a user has entered and not verified yet. It opens nothing and blocks nobody."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_unverified_phone_number",
    )
    phone_number = models.CharField(_("phone number"), max_length=16)
    created_at = UtcDateTimeField(_("created at"), default=clock.now)

    objects: ClassVar[models.Manager["UnverifiedPhoneNumber"]] = models.Manager()

    class Meta:
        verbose_name = _("unverified phone number")
        verbose_name_plural = _("unverified phone numbers")

    def __str__(self) -> str:
        return mask(self.phone_number)
