"""What the guard counts, blocks and refuses."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_ding.models.base import PlacedNumberModel


class Counter(models.Model):
    """How many slots of a counter are taken, where ``DING["COUNTERS"]`` keeps counters in the database."""

    key = models.CharField(_("key"), primary_key=True, max_length=96)
    count = models.PositiveIntegerField(_("count"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


class BlockQuerySet(models.QuerySet["Block"]):
    """The conditions that blocks are looked up by."""

    def in_force(self, now: datetime) -> "BlockQuerySet":
        """Those that refuse codes: neither over nor lifted."""
        return self.filter(expires_at__gt=now, lifted_at=None)


class Block(models.Model):
    """A prefix or a country that no code goes to for a while, since too few were entered there."""

    class Scope(models.TextChoices):
        """What is blocked."""

        PREFIX = "prefix", _("prefix")
        COUNTRY = "country", _("country")

    scope = models.CharField(_("scope"), max_length=16, choices=Scope)
    subject = models.CharField(
        _("subject"), max_length=12, help_text=_("a prefix such as +3361234, or a country such as FR")
    )
    sends = models.PositiveIntegerField(_("codes sent"))
    validated = models.PositiveIntegerField(_("codes entered"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), db_index=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        permissions = [("lift_block", "Can lift a block")]
        indexes = [models.Index(fields=["scope", "subject", "created_at"], name="django_ding_block_subject")]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}"

    @property
    def ended_at(self) -> datetime:
        """When it ended or, as long as it is in force, when it will."""
        return self.lifted_at or self.expires_at


class RefusalQuerySet(models.QuerySet["Refusal"]):
    """The conditions that refusals are looked up by."""

    def to(self, phone_number: str) -> "RefusalQuerySet":
        """Those of messages to an E.164 number, the newest first."""
        return self.filter(phone_number=phone_number).order_by("-last_at")


class Refusal(PlacedNumberModel):
    """That the guard let no code through to a number, for one reason, in one hour, and how often somebody asked.

    However often a user asks, or whoever is not signed in, it stays one row an hour. ``ip`` is that of the last time.
    """

    class Reason(models.TextChoices):
        """The scope of the rate that was exhausted, or what else spoke against the number.

        A lookup before a send may bring other words, which are the provider's.
        """

        PHONE = "phone", _("too many codes to the number")
        USER = "user", _("too many codes for the user")
        IP = "ip", _("too many codes from the address")
        PREFIX = "prefix", _("too many codes to the prefix")
        COUNTRY = "country", _("too many codes to the country")
        ALL = "all", _("too many codes in all")
        CONVERSION = "conversion", _("too few codes were entered")
        UNSUPPORTED_REGION = "unsupported_region", _("the country gets no codes")
        INVALID_LINE = "invalid_line", _("this kind of line gets no codes")

    reason = models.CharField(_("reason"), max_length=64, choices=Reason)
    hour = models.DateTimeField(_("hour"), help_text=_("its beginning, in UTC"))
    count = models.PositiveIntegerField(_("how often"), default=1)
    first_at = models.DateTimeField(_("first at"))
    last_at = models.DateTimeField(_("last at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="phone_refusals",
    )
    # The key of the user, "" for somebody who is not signed in: a unique constraint takes no two NULLs for the same.
    requester = models.CharField(max_length=64, blank=True, editable=False)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        constraints = [
            # It finds those of a number, too.
            models.UniqueConstraint(
                fields=["phone_number", "reason", "hour", "requester"], name="django_ding_one_refusal_per_hour"
            ),
        ]
        # No index has a column that each refusal changes: so PostgreSQL can change a row without touching any.
        indexes = [
            models.Index(fields=["hour"], name="django_ding_refusal_hour"),
            models.Index(fields=["country", "hour"], name="django_ding_refusal_country"),
        ]
