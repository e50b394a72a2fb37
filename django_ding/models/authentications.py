"""Authentications (to people: verifications) and their timeline of events."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections, models
from django.db.models import Count, F, Max, Min, Q
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.channels import Channel, DeliveryStatus
from django_ding.conf import ding_settings
from django_ding.models.base import LocatedPhoneNumberModel, RequesterType, WriteManager, e164_constraint
from django_ding.models.fields import UtcDateTimeField
from django_ding.uuids import uuid7


class AuthenticationQuerySet(models.QuerySet["Authentication"]):
    """The conditions of the flows' conditional UPDATEs and queries."""

    def live(self, now: Any) -> "AuthenticationQuerySet":
        """Return those whose code may still be entered: accepted by the provider and not expired."""
        return self.filter(status__in=Authentication.LIVE_STATUSES, expires_at__gt=now)

    def open(self, now: Any) -> "AuthenticationQuerySet":
        """Return those whose code may arrive and be entered: live ones, and those whose response was lost."""
        is_lost = Q(status=Authentication.Status.FAILED, dedup_key__isnull=False)
        return self.filter(Q(status__in=Authentication.LIVE_STATUSES) | is_lost, expires_at__gt=now)

    def checkable(self, now: Any, *, max_checks: Any) -> "AuthenticationQuerySet":
        """Return open ones with a check left."""
        return self.open(now).filter(check_count__lt=max_checks)

    def retryable(self, now: Any, *, max_checks: Any) -> "AuthenticationQuerySet":
        """Return live ones past their cooldown with a retry and a check left: without one, a new code is no use."""
        ready = self.live(now).filter(check_count__lt=max_checks, remaining_retry__gt=0)
        return ready.filter(Q(next_retry_at__lte=now) | Q(next_retry_at=None))

    def with_provider_id(self, uuid: str, *, backend: str) -> "AuthenticationQuerySet":
        """Return those that the provider has by this id, also if it has come to write it in lower or upper case."""
        # Not "iexact", which no index of this column serves.
        return self.filter(authentication_uuid__in={uuid, uuid.lower(), uuid.upper()}, backend=backend)

    def requested_between(self, since: datetime, until: datetime | None = None) -> "AuthenticationQuerySet":
        """Return those of a period, whose ``until`` isn't part of it, for statements that read most columns of them."""
        rows = self.filter(created_at__gte=since)
        rows = rows.filter(created_at__lt=until) if until else rows
        if connections[rows.db].vendor != "mysql":
            return rows
        # InnoDB stores rows by primary key. It reads a range of them four times as fast as one by one, as an index of
        # the times has them, and that index alone holds the first key and the last.
        keys = rows.aggregate(first=Min("pk"), last=Max("pk"))
        return rows.filter(pk__range=(keys["first"], keys["last"])) if keys["first"] else rows.none()

    def with_outcomes(self) -> "AuthenticationQuerySet":
        """Return the groups with the number of their codes that were ``delivered``, and that were ``validated``."""
        return self.annotate(
            delivered=Count("pk", filter=Q(delivery_status=DeliveryStatus.DELIVERED)),
            validated=Count("pk", filter=Q(status=Authentication.Status.VALIDATED)),
        )


class Authentication(LocatedPhoneNumberModel):
    """One request to prove control of a phone number, and its state."""

    class Purpose(models.TextChoices):
        """What a number is verified for. A project may add purposes of its own."""

        LINK = "link", _("link the number to the account")
        LOGIN = "login", _("log in")
        SIGNUP = "signup", _("sign up")
        SECOND_FACTOR = "second_factor", _("second factor")
        STEP_UP = "step_up", _("confirm it's the user")

    class Status(models.TextChoices):
        """``CREATED`` is the intent, before the provider responds; ``FAILED`` when it never did, or with an error."""

        CREATED = "created", _("created")
        PENDING = "pending", _("pending")
        RATE_LIMITED = "rate_limited", _("rate limited")
        SPAM_DETECTED = "spam_detected", _("flagged as fraud")
        UNKNOWN = "unknown", _("unknown")
        VALIDATED = "validated", _("verified")
        EXPIRED = "expired", _("expired")
        FAILED = "failed", _("failed")

    #: A status that the provider adds later may well mean that a code was sent, so an unknown one can be checked.
    LIVE_STATUSES = (Status.PENDING, Status.UNKNOWN)
    #: A code was sent.
    SENT_STATUSES = (*LIVE_STATUSES, Status.VALIDATED, Status.EXPIRED)

    public_id = models.UUIDField(_("public ID"), default=uuid7, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ding_authentications",
        db_index=False,  # django_ding_auth_user begins with it.
    )
    purpose = models.CharField(_("purpose"), max_length=32, default=Purpose.LINK)
    requester_type = models.CharField(
        _("requester"), max_length=8, choices=RequesterType, default=RequesterType.USER, editable=False
    )
    backend = models.CharField(_("backend"), max_length=64, default="default")
    authentication_uuid = models.CharField(_("provider ID"), max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CREATED)
    check_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    next_retry_at = UtcDateTimeField(_("next retry at"), null=True, blank=True)
    remaining_retry = models.PositiveSmallIntegerField(_("remaining retries"), default=0)
    created_at = UtcDateTimeField(_("created at"), default=clock.now)
    expires_at = UtcDateTimeField(_("expires at"))
    validated_at = UtcDateTimeField(_("validated at"), null=True, blank=True)
    # What check, retry and status need beside the id: the options of the request, and the backend's own small state.
    backend_state = models.JSONField(default=dict, blank=True, editable=False)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    device_signals = models.JSONField(_("device signals"), default=dict, blank=True)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    delivery_status = models.CharField(_("delivery status"), max_length=16, choices=DeliveryStatus, blank=True)
    carrier = models.CharField(_("carrier"), max_length=6, blank=True)  # Its network's MCC and MNC (ITU-T E.212).
    price_amount = models.DecimalField(_("price"), max_digits=12, decimal_places=6, null=True, blank=True)
    price_currency = models.CharField(_("currency"), max_length=3, blank=True)
    # Set while no second message may be sent for the same requester, number and purpose: a part of a SHA-256 of these.
    # Its unique constraint lets one of many parallel sends through, on every database. The 122 bits are enough: of a
    # billion keys, no two are the same by chance, and nobody can compute another request with the key of a given one.
    dedup_key = models.UUIDField(null=True, editable=False)

    objects = AuthenticationQuerySet.as_manager()
    write_db = WriteManager.from_queryset(AuthenticationQuerySet)()

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        default_permissions = ("view",)
        permissions = [
            ("view_full_phone", "Can see full phone numbers"),
            ("refresh_authentication", "Can refresh a verification from the provider"),
            ("send_feedback", "Can send feedback to the provider"),
        ]
        # Constraints instead of unique=True, for which PostgreSQL would keep a second index each, for LIKE.
        constraints = [
            models.UniqueConstraint(fields=["dedup_key"], name="django_ding_auth_dedup"),
            models.CheckConstraint(
                name="django_ding_validated_has_date",
                condition=Exact(Exact(F("status"), "validated"), IsNull(F("validated_at"), False)),
            ),
            e164_constraint(name="django_ding_auth_is_e164"),
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
        """Checks left."""
        return max(ding_settings.MAX_CHECKS - self.check_count, 0)

    @property
    def is_lost(self) -> bool:
        """Return whether the provider's response to the send was lost, so a message may still arrive."""
        return self.status == self.Status.FAILED and self.dedup_key is not None

    def is_live(self, now: datetime) -> bool:
        """Return whether the code may still be entered, given a check is left."""
        return self.status in self.LIVE_STATUSES and self.expires_at > now

    def is_open(self, now: datetime) -> bool:
        """Return whether a code may arrive and be entered, given a check is left."""
        return (self.is_lost or self.status in self.LIVE_STATUSES) and self.expires_at > now

    def is_cooling(self, now: datetime) -> bool:
        """Return whether it is too early for another message."""
        return self.next_retry_at is not None and self.next_retry_at > now


class Event(models.Model):
    """An entry of an authentication's timeline, never changed but completed. Never a code, never a message's text."""

    class Type(models.TextChoices):
        """The provider's event types, ``CANCEL``, ``FEEDBACK``, and ``ERROR`` for a failed request."""

        AUTHENTICATION = "authentication", _("verification")
        ATTEMPT = "attempt", _("message")
        CHECK = "check", _("attempt")
        DELIVERY_STATUS = "delivery_status", _("delivery status")
        BALANCE_UPDATE = "balance_update", _("balance update")
        CANCEL = "cancel", _("cancellation")
        FEEDBACK = "feedback", _("feedback")
        ERROR = "error", _("error")

    authentication = models.ForeignKey(
        Authentication,
        verbose_name=_("verification"),
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,  # django_ding_event_once begins with it.
    )
    type = models.CharField(_("type"), max_length=16, choices=Type)
    status = models.CharField(_("status"), max_length=64, blank=True)
    occurred_at = UtcDateTimeField(_("occurred at"), default=clock.now)
    provider_event_id = models.CharField(_("provider event ID"), max_length=128, null=True, blank=True)  # noqa: DJ001
    attempt_number = models.PositiveSmallIntegerField(_("message number"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True)

    objects = models.Manager["Event"]()
    write_db = WriteManager["Event"]()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        constraints = [
            # Per authentication: two rows for one number may both receive the same event of the provider's. Its index
            # finds a timeline, too: so short a list needs no other one to be in order.
            models.UniqueConstraint(fields=["authentication", "provider_event_id"], name="django_ding_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.status}".rstrip()
