"""Recovery codes: what support gives a user who lost the phone, to be entered in place of the message's code."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.models.base import WriteManager, user_key
from django_ding.models.fields import UtcDateTimeField
from django_ding.uuids import uuid7


class RecoveryCodeQuerySet(models.QuerySet["RecoveryCode"]):
    """Conditions on recovery codes."""

    def active(self, now: datetime | None = None) -> "RecoveryCodeQuerySet":
        """Return those that can be entered."""
        # The key is that of the index. An expired one keeps it until another code is created.
        return self.exclude(active_key=None).filter(expires_at__gt=now or clock.now())


class RecoveryCode(models.Model):
    """A code that a member of staff created for a user. The database has only a keyed hash of it.

    A user who enters it isn't logged in yet: they verify a new number first.
    """

    class Status(models.TextChoices):
        """How far the recovery got."""

        ACTIVE = "active", _("can be entered")
        USED = "used", _("entered, no new number yet")
        COMPLETED = "completed", _("new number verified")
        REVOKED = "revoked", _("revoked")
        EXPIRED = "expired", _("expired")

    public_id = models.UUIDField(_("public ID"), default=uuid7, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_recovery_codes",
    )
    code_hash = models.CharField(_("code hash"), max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="ding_created_recovery_codes",
    )
    created_at = UtcDateTimeField(_("created at"), default=clock.now)
    expires_at = UtcDateTimeField(_("expires at"), db_index=True)
    check_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    used_at = UtcDateTimeField(_("entered at"), null=True, blank=True)
    completed_at = UtcDateTimeField(_("completed at"), null=True, blank=True)
    revoked_at = UtcDateTimeField(_("revoked at"), null=True, blank=True)
    # Set until it is entered or revoked. Its unique constraint allows one such code of a user at a time.
    active_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = RecoveryCodeQuerySet.as_manager()
    write_db = WriteManager.from_queryset(RecoveryCodeQuerySet)()

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ("view", "delete")
        permissions = [("create_recoverycode", "Can create a recovery code")]
        constraints = [models.UniqueConstraint(fields=["active_key"], name="django_ding_one_active_recovery")]

    def __str__(self) -> str:
        return user_key(self.user_id)  # Not the name, which may be a phone number.

    @property
    def status(self) -> Status:
        """How far the recovery got."""
        if self.revoked_at is not None:
            return self.Status.REVOKED
        if self.completed_at is not None:
            return self.Status.COMPLETED
        if self.used_at is not None:
            return self.Status.USED
        return self.Status.ACTIVE if self.expires_at > clock.now() else self.Status.EXPIRED
