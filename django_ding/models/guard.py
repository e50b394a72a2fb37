"""What the guard counts, blocks and refuses."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding import clock
from django_ding.models.base import LocatedPhoneNumberModel, RequesterType, WriteManager
from django_ding.models.fields import UtcDateTimeField


class RateLimitCounter(models.Model):
    """A counter of the rate limits, used if ``DING["RATE_LIMIT_CACHE"]`` is ``None``."""

    key = models.CharField(_("key"), primary_key=True, max_length=96)
    count = models.PositiveIntegerField(_("count"))
    expires_at = UtcDateTimeField(_("expires at"), db_index=True)

    class Meta:
        verbose_name = _("rate limit counter")
        verbose_name_plural = _("rate limit counters")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


class BlockQuerySet(models.QuerySet["Block"]):
    """Conditions on blocks."""

    def active(self, now: datetime | None = None) -> "BlockQuerySet":
        """Return those that stop codes: neither expired nor lifted.

        :param now: when; by default the current time.
        """
        return self.filter(expires_at__gt=now or clock.now(), lifted_at=None)


class Block(models.Model):
    """A prefix or country that one type of requester gets no codes to for a while: too few of them entered theirs."""

    class Scope(models.TextChoices):
        """What is blocked."""

        PREFIX = "prefix", _("prefix")
        COUNTRY = "country", _("country")

    scope = models.CharField(_("scope"), max_length=16, choices=Scope)
    subject = models.CharField(
        _("subject"), max_length=12, help_text=_("a prefix such as +3361234, or a country such as FR or +870")
    )
    requester_type = models.CharField(_("requester"), max_length=8, choices=RequesterType)
    sends = models.PositiveIntegerField(_("requesters"))
    validated = models.PositiveIntegerField(_("requesters who entered a code"))
    created_at = UtcDateTimeField(_("created at"), default=clock.now)
    expires_at = UtcDateTimeField(_("expires at"), db_index=True)
    lifted_at = UtcDateTimeField(_("lifted at"), null=True, blank=True)

    objects = BlockQuerySet.as_manager()
    write_db = WriteManager.from_queryset(BlockQuerySet)()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        default_permissions = ("view",)
        permissions = [("lift_block", "Can lift a block")]
        indexes = [
            models.Index(fields=["scope", "subject", "requester_type", "created_at"], name="django_ding_block_subject")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject} ({self.requester_type})"

    @property
    def ended_at(self) -> datetime:
        """When it ended or, while it is active, when it will."""
        return self.lifted_at or self.expires_at


class RefusalQuerySet(models.QuerySet["Refusal"]):
    """Conditions on refusals."""

    def to(self, phone_number: str) -> "RefusalQuerySet":
        """Return those of messages to an E.164 number, newest first."""
        return self.filter(phone_number=phone_number).order_by("-last_at")


class Refusal(LocatedPhoneNumberModel):
    """How often, in one hour, the guard refused codes to a number for one reason and one requester: above 32, nearly.

    A user has a row an hour however often they try, and so have all anonymous visitors together. ``ip`` is that of the
    last request. In a row about several numbers of one requester, ``phone_number`` is empty.
    """

    class Reason(models.TextChoices):
        """The scope of the limit that was hit, or the setting that rules the number out.

        A lookup before a send may add others, which are the provider's error codes.
        """

        PHONE = "phone", _("rate limit: per number")
        USER = "user", _("rate limit: per user")
        IP = "ip", _("rate limit: per IP address")
        PREFIX = "prefix", _("rate limit: per prefix")
        COUNTRY = "country", _("rate limit: per country")
        ALL = "all", _("rate limit: global")
        CONVERSION = "conversion", _("blocked: low conversion (possible SMS pumping)")
        LOCKED_OUT = "locked_out", _("locked out: too many incorrect codes in a row")
        UNSUPPORTED_REGION = "unsupported_region", _("codes aren't sent to this country")
        INVALID_LINE = "invalid_line", _("this type of line can't receive a code")
        OUTDATED_PHONE_NUMBER = (
            "outdated_phone_number",
            _("numbers in this country have changed, and this one is no longer valid"),
        )
        UNTRUSTED_NUMBER = "untrusted_number", _("this site's lookup policy rejected the number")

    reason = models.CharField(_("reason"), max_length=64, choices=Reason)
    hour = UtcDateTimeField(_("hour"), help_text=_("start of the hour, in UTC"))
    count = models.PositiveIntegerField(_("count"), default=1)
    first_at = UtcDateTimeField(_("first seen"))
    last_at = UtcDateTimeField(_("last seen"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ding_refusals",
    )
    # The user's primary key, "" for anonymous visitors: a unique constraint treats NULLs as different. Where a row has
    # no number, an anonymous visitor's network.
    requester_key = models.CharField(max_length=64, blank=True, editable=False)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)

    objects = RefusalQuerySet.as_manager()
    write_db = WriteManager.from_queryset(RefusalQuerySet)()

    class Meta:
        verbose_name = _("blocked request")
        verbose_name_plural = _("blocked requests")
        default_permissions = ("view",)
        constraints = [
            # Its index serves the queries by number as well.
            models.UniqueConstraint(
                fields=["phone_number", "reason", "hour", "requester_key"], name="django_ding_one_refusal_per_hour"
            ),
        ]
        # No index has a column that a repeated refusal changes, so PostgreSQL can update the row in place (HOT).
        indexes = [
            models.Index(fields=["hour"], name="django_ding_refusal_hour"),
            models.Index(fields=["country", "hour"], name="django_ding_refusal_country"),
        ]
