"""Authentications, and what happened to them."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_ding.backends.base import Channel, DeliveryStatus
from django_ding.conf import ding_settings
from django_ding.models.base import PlacedNumberModel


class AuthenticationQuerySet(models.QuerySet["Authentication"]):
    """The conditions that the services' UPDATEs and look-ups stand on."""

    def live(self, now: datetime) -> "AuthenticationQuerySet":
        """Those whose code may still be entered: with the provider and not past their time."""
        return self.filter(status__in=Authentication.LIVE_STATUSES, expires_at__gt=now)

    def checkable(self, now: datetime, *, max_checks: int) -> "AuthenticationQuerySet":
        """Live ones with a check left."""
        return self.live(now).filter(check_count__lt=max_checks)

    def retryable(self, now: datetime, *, max_checks: int) -> "AuthenticationQuerySet":
        """Checkable ones with a retry left, whose time has come. A new code is no use where none can be tried."""
        ready = self.checkable(now, max_checks=max_checks).filter(remaining_retry__gt=0)
        return ready.filter(Q(next_retry_at__lte=now) | Q(next_retry_at=None))


class Authentication(PlacedNumberModel):
    """One request to prove control of a phone number, and where it stands."""

    class Purpose(models.TextChoices):
        """What a number is verified for. A project may use names of its own beside these."""

        LINK = "link", _("link the number to the account")
        LOGIN = "login", _("log in")
        SIGNUP = "signup", _("sign up")
        SECOND_FACTOR = "second_factor", _("second factor")

    class Status(models.TextChoices):
        """``CREATED`` is the intent, before the provider answered; ``FAILED`` says that it never did so properly."""

        CREATED = "created", _("created")
        PENDING = "pending", _("pending")
        RATE_LIMITED = "rate_limited", _("rate limited")
        SPAM_DETECTED = "spam_detected", _("spam detected")
        UNKNOWN = "unknown", _("unknown")
        VALIDATED = "validated", _("validated")
        EXPIRED = "expired", _("expired")
        FAILED = "failed", _("failed")

    #: A status the provider invents later may well mean that a code went out, so it can be checked.
    LIVE_STATUSES = (Status.PENDING, Status.UNKNOWN)
    #: A code is known to have gone out.
    SENT_STATUSES = (*LIVE_STATUSES, Status.VALIDATED, Status.EXPIRED)

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="phone_authentications",
        db_index=False,  # The index of a user's newest begins with it.
    )
    purpose = models.CharField(_("purpose"), max_length=32, default=Purpose.LINK)
    backend = models.CharField(_("backend"), max_length=64, default="default")
    authentication_uuid = models.CharField(
        _("authentication UUID"), max_length=64, blank=True, help_text=_("the provider's id")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CREATED)
    check_count = models.PositiveSmallIntegerField(_("checks"), default=0)
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    next_retry_at = models.DateTimeField(_("next retry at"), null=True, blank=True)
    remaining_retry = models.PositiveSmallIntegerField(_("remaining retries"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    validated_at = models.DateTimeField(_("validated at"), null=True, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    signals = models.JSONField(_("signals"), default=dict, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    delivery_status = models.CharField(_("delivery status"), max_length=16, choices=DeliveryStatus, blank=True)
    price_amount = models.DecimalField(_("price"), max_digits=12, decimal_places=6, null=True, blank=True)
    price_currency = models.CharField(_("currency"), max_length=3, blank=True)
    # Held while no second message may go to the same requester, number and purpose. The unique constraint lets one of
    # many parallel sends in, on every database.
    slot = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001

    objects = AuthenticationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authentication")
        verbose_name_plural = _("authentications")
        permissions = [
            ("view_full_phone", "Can see full phone numbers"),
            ("sync_authentication", "Can ask the provider about an authentication"),
            ("send_feedback", "Can tell the provider how a user turned out"),
        ]
        # Here, not on their columns: in PostgreSQL those would have a second index each, for LIKE.
        constraints = [
            models.UniqueConstraint(fields=["slot"], name="django_ding_one_per_slot"),
            models.CheckConstraint(
                name="django_ding_validated_has_date",
                condition=Q(status="validated", validated_at__isnull=False)
                | (~Q(status="validated") & Q(validated_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["phone_number", "-created_at"], name="django_ding_auth_number"),
            models.Index(fields=["user", "-created_at"], name="django_ding_auth_user"),
            models.Index(fields=["created_at"], name="django_ding_auth_created"),
            models.Index(fields=["authentication_uuid"], name="django_ding_auth_uuid"),
            models.Index(fields=["status", "created_at"], name="django_ding_auth_status"),
            models.Index(fields=["prefix", "created_at"], name="django_ding_auth_prefix"),
            models.Index(fields=["country", "created_at"], name="django_ding_auth_country"),
        ]

    @property
    def remaining_checks(self) -> int:
        """Codes that may still be tried."""
        return max(ding_settings.MAX_CHECKS - self.check_count, 0)

    def is_live(self, now: datetime) -> bool:
        """Tell whether the code may still be entered, if a check is left."""
        return self.status in self.LIVE_STATUSES and self.expires_at > now

    def is_cooling(self, now: datetime) -> bool:
        """Tell whether it is too early for another message."""
        return self.next_retry_at is not None and self.next_retry_at > now


class Event(models.Model):
    """Something that happened to an authentication. Never a code, never the text of a message."""

    class Type(models.TextChoices):
        """The provider's event types, and ``ERROR`` for what it failed to answer."""

        AUTHENTICATION = "authentication", _("authentication")
        ATTEMPT = "attempt", _("attempt")
        CHECK = "check", _("check")
        DELIVERY_STATUS = "delivery_status", _("delivery status")
        BALANCE_UPDATE = "balance_update", _("balance update")
        ERROR = "error", _("error")

    authentication = models.ForeignKey(
        Authentication,
        verbose_name=_("authentication"),
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,  # The index of the timeline begins with it.
    )
    type = models.CharField(_("type"), max_length=16, choices=Type)
    status = models.CharField(_("status"), max_length=64, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"), default=timezone.now)
    provider_event_id = models.CharField(_("provider's event id"), max_length=128, null=True, blank=True)  # noqa: DJ001
    attempt_number = models.PositiveSmallIntegerField(_("attempt number"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            # Not over the whole table: the provider may tell two rows of one number of the same event.
            models.UniqueConstraint(fields=["authentication", "provider_event_id"], name="django_ding_event_once"),
        ]
        indexes = [models.Index(fields=["authentication", "occurred_at"], name="django_ding_event_timeline")]

    def __str__(self) -> str:
        return f"{self.type} {self.status}".rstrip()
