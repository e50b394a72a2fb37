"""Numbers and users for which no code is accepted any more, because too many wrong ones were entered in a row."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.models.base import PhoneNumberModel, RequesterType, WriteManager
from django_ding.models.fields import UtcDateTimeField


class LockoutQuerySet(models.QuerySet["Lockout"]):
    """Conditions on lockouts."""

    def active(self, now: datetime | None = None) -> "LockoutQuerySet":
        """Return those that have not been lifted.

        :param now: as for blocks. A lockout doesn't expire, so it makes no difference.
        """
        return self.exclude(active_key=None)


class Lockout(PhoneNumberModel):
    """A number, or a user, for which one type of requester can't enter codes until it is lifted.

    ``phone_number`` is the one that the last wrong code was sent to.
    """

    class Scope(models.TextChoices):
        """What wrong codes are counted by."""

        PHONE = "phone", _("phone number")
        USER = "user", _("user")

    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    requester_type = models.CharField(_("requester"), max_length=8, choices=RequesterType)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="ding_lockouts",
    )
    wrong_codes = models.PositiveIntegerField(_("incorrect codes"))
    created_at = UtcDateTimeField(_("created at"), default=clock.now)
    lifted_at = UtcDateTimeField(_("lifted at"), null=True, blank=True, db_index=True)
    # Set while it is active. Its unique constraint allows one active lockout of a number, or user, at a time.
    active_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = LockoutQuerySet.as_manager()
    write_db = WriteManager.from_queryset(LockoutQuerySet)()

    class Meta:
        verbose_name = _("lockout")
        verbose_name_plural = _("lockouts")
        default_permissions = ("view", "delete")
        permissions = [("lift_lockout", "Can lift a lockout")]
        constraints = [models.UniqueConstraint(fields=["active_key"], name="django_ding_one_active_lockout")]
        indexes = [models.Index(fields=["phone_number"], name="django_ding_lockout_number")]
