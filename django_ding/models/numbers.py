"""Users' verified numbers, users who lost theirs, and remembered devices."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.models.base import PhoneNumberModel, WriteManager, e164_constraint, user_key, user_pk
from django_ding.models.fields import UtcDateTimeField
from django_ding.uuids import uuid7


class PhoneNumberQuerySet(models.QuerySet["PhoneNumber"]):
    """The ways in which numbers are looked up."""

    def of_user(self, user: Any) -> "PhoneNumberQuerySet":
        """Return a user's numbers, none for anything but a user of the project's model.

        :param user: a user, or its primary key.
        """
        return self.filter(user_id=user_pk(user))


class PhoneNumber(PhoneNumberModel):
    """A number that a user proved control of. A number belongs to one account at most."""

    public_id = models.UUIDField(_("public ID"), default=uuid7, unique=True, editable=False)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_phone_numbers",
    )
    verified_at = UtcDateTimeField(_("verified at"), default=clock.now)
    is_primary = models.BooleanField(_("primary"), default=False)
    # True or NULL, since NULLs are distinct: so "one primary number per user" is a plain unique constraint. MariaDB and
    # MySQL have no conditional ones.
    primary_marker = models.GeneratedField(
        expression=Case(When(is_primary=True, then=Value(True)), default=Value(None)),
        output_field=models.BooleanField(null=True),
        db_persist=True,
        editable=False,
    )

    objects = PhoneNumberQuerySet.as_manager()
    write_db = WriteManager.from_queryset(PhoneNumberQuerySet)()

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        default_permissions = ("view", "delete")
        permissions = [("revoke_phonenumber", "Can revoke a verified phone number")]
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["phone_number"], name="django_ding_one_account_per_number"),
            models.UniqueConstraint(fields=["user", "primary_marker"], name="django_ding_one_primary_per_user"),
            e164_constraint(name="django_ding_number_is_e164"),
        ]


class LostPhoneNumberQuerySet(models.QuerySet["LostPhoneNumber"]):
    """The ways in which lost numbers are looked up."""

    def active(self) -> "LostPhoneNumberQuerySet":
        """Return those of users who have verified no other number since."""
        return self.filter(user__ding_phone_numbers=None)


class LostPhoneNumber(models.Model):
    """A user whose last number was removed or taken over. The number isn't kept.

    The password alone must not open an account that had a second factor, and authentications, which would tell, are
    purged.
    """

    class Reason(models.TextChoices):
        """What happened to the number; as in the signal ``phone_released``."""

        REMOVED = "removed", _("removed")
        TAKEN_OVER = "taken_over", _("taken over by another user")
        ERASED = "erased", _("erased")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_lost_phone_number",
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    lost_at = UtcDateTimeField(_("lost at"), default=clock.now)

    objects = LostPhoneNumberQuerySet.as_manager()
    write_db = WriteManager.from_queryset(LostPhoneNumberQuerySet)()

    class Meta:
        verbose_name = _("lost phone number")
        verbose_name_plural = _("lost phone numbers")
        default_permissions = ("view", "delete")
        permissions = [("lift_lostphonenumber", "Can let in a user who lost their phone number")]

    def __str__(self) -> str:
        return user_key(self.user_id)  # Not the name, which may be a phone number.


class RememberedDevice(models.Model):
    """A device that needs no second factor for a while. Only the device has its key; the database has a hash of it."""

    public_id = models.UUIDField(_("public ID"), default=uuid7, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_remembered_devices",
    )
    key_hash = models.CharField(_("key hash"), max_length=64, editable=False)
    created_at = UtcDateTimeField(_("created at"), default=clock.now)
    expires_at = UtcDateTimeField(_("expires at"), db_index=True)
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("such as “Safari, iPhone”"))

    objects = models.Manager["RememberedDevice"]()
    write_db = WriteManager["RememberedDevice"]()

    class Meta:
        verbose_name = _("remembered device")
        verbose_name_plural = _("remembered devices")
        default_permissions = ("view", "delete")
        # Not unique=True, for which PostgreSQL would keep a second index, for LIKE.
        constraints = [models.UniqueConstraint(fields=["key_hash"], name="django_ding_device_key")]

    def __str__(self) -> str:
        return self.name
