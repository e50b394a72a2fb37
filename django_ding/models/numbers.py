"""What users proved: their numbers, and the devices they trust."""

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_ding.models.base import MaskedNumberModel


class PhoneNumber(MaskedNumberModel):
    """A number that a user proved to control. A number belongs to one account at most."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="phone_numbers",
    )
    verified_at = models.DateTimeField(_("verified at"), default=timezone.now)
    is_primary = models.BooleanField(_("primary"), default=False)
    # True or NULL: with it "one primary per user" is a plain unique constraint, which MariaDB and MySQL keep too.
    # They have no conditional ones.
    primary_marker = models.GeneratedField(
        expression=Case(When(is_primary=True, then=Value(True)), default=Value(None)),
        output_field=models.BooleanField(null=True),
        db_persist=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        permissions = [("revoke_phonenumber", "Can revoke a verified phone number")]
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["phone_number"], name="django_ding_one_account_per_number"),
            models.UniqueConstraint(fields=["user", "primary_marker"], name="django_ding_one_primary_per_user"),
        ]


class RememberedDevice(models.Model):
    """A device that its user logs in from without a second factor, for a while. Its key is with the device alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="remembered_devices",
    )
    key_hash = models.CharField(_("hash of the key"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), db_index=True)
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("what the browser calls itself"))

    class Meta:
        verbose_name = _("remembered device")
        verbose_name_plural = _("remembered devices")

    def __str__(self) -> str:
        return self.name
