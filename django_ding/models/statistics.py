"""Daily statistics, which outlive the rows they were counted from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding.models.base import WriteManager
from django_ding.models.fields import UtcDateTimeField


class DailyStatistics(models.Model):
    """The outcome of the codes sent on one UTC day, whenever that outcome came."""

    day = models.DateField(_("day"), primary_key=True, help_text=_("in UTC"))
    sends = models.PositiveIntegerField(_("codes sent"), default=0)
    delivered = models.PositiveIntegerField(_("messages delivered"), default=0)
    validated = models.PositiveIntegerField(_("codes entered"), default=0)
    authentications = models.PositiveIntegerField(
        _("verifications"), default=0, help_text=_("all rows of the day when it was counted, failed ones included")
    )
    refusals = models.PositiveIntegerField(
        _("blocked requests"),
        default=0,
        help_text=_("all rows of the day when it was counted, each of a number and an hour"),
    )
    rolled_up_at = UtcDateTimeField(_("updated at"), null=True, blank=True)
    # The newest event that the whole run knew. Later events show the next run which days have changed.
    last_event = models.BigIntegerField(null=True, editable=False)

    objects = models.Manager["DailyStatistics"]()
    write_db = WriteManager["DailyStatistics"]()

    class Meta:
        # The admin's page has this name.
        verbose_name = _("statistics")
        verbose_name_plural = _("statistics")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.day.isoformat()


class DailyStatisticsItem(models.Model):
    """One item of a day's breakdown: the codes sent to one country, say, or the sends that failed for one reason."""

    class Kind(models.TextChoices):
        """The breakdown that the item belongs to, and so the meaning of ``name`` and ``count``."""

        COUNTRY = "country", _("country")  # as Authentication.country; codes sent
        CHANNEL = "channel", _("channel")  # of the newest message; codes sent
        CARRIER = "carrier", _("carrier")  # as Authentication.carrier; codes sent
        BACKEND = "backend", _("backend")  # the alias; codes sent
        PREFIX = "prefix", _("prefix")  # the number without its last four digits; codes sent
        CURRENCY = "currency", _("currency")  # ISO 4217; authentications with a price, whose sum is the amount
        SECONDS = "seconds", _("seconds")  # from send to validated, rounded down; codes entered
        REASON = "reason", _("reason")  # a status or an error code; authentications that failed
        GUARD = "guard", _("block reason")  # of a Refusal; how often requests were blocked

    day = models.DateField(_("day"), help_text=_("in UTC"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=64, blank=True)
    count = models.PositiveIntegerField(_("count"))
    delivered = models.PositiveIntegerField(_("messages delivered"), default=0)
    validated = models.PositiveIntegerField(_("codes entered"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=6, default=0)

    objects = models.Manager["DailyStatisticsItem"]()
    write_db = WriteManager["DailyStatisticsItem"]()

    class Meta:
        verbose_name = _("statistics item")
        verbose_name_plural = _("statistics items")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "name"], name="django_ding_statistics_item"),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.kind} {self.name}".rstrip()
