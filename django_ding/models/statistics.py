"""Daily figures, which outlive the rows they were counted from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rollup(models.Model):
    """What became of the codes that were sent on one UTC day, whenever it became of them."""

    day = models.DateField(_("day"), primary_key=True, help_text=_("in UTC"))
    sends = models.PositiveIntegerField(_("codes sent"), default=0)
    delivered = models.PositiveIntegerField(_("codes reported as delivered"), default=0)
    validated = models.PositiveIntegerField(_("codes entered"), default=0)
    authentications = models.PositiveIntegerField(
        _("authentications"), default=0, help_text=_("all rows of the day when it was counted, refused ones too")
    )
    refusals = models.PositiveIntegerField(
        _("refusals"), default=0, help_text=_("all rows of the day when it was counted, each of a number and an hour")
    )
    rolled_up_at = models.DateTimeField(_("rolled up at"), null=True, blank=True)
    # The newest event that the whole run knew. Those after it tell the next run which days have changed.
    last_event = models.BigIntegerField(null=True, editable=False)

    class Meta:
        # What the admin calls its page.
        verbose_name = _("statistics")
        verbose_name_plural = _("statistics")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.day.isoformat()


class RollupPart(models.Model):
    """A part of a day's figures: what went to one country, say, or what one reason kept from being sent."""

    class Kind(models.TextChoices):
        """What the part is a part of, and so what ``name`` and ``count`` are."""

        COUNTRY = "country", _("country")  # ISO 3166-1 alpha-2; codes sent
        CHANNEL = "channel", _("channel")  # of the newest message; codes sent
        PREFIX = "prefix", _("prefix")  # the number without its last four digits; codes sent
        CURRENCY = "currency", _("currency")  # ISO 4217; authentications with a price, whose sum is the amount
        SECONDS = "seconds", _("seconds")  # from send to validated, rounded down; codes entered
        REASON = "reason", _("reason")  # a status or an error code; authentications that came to nothing
        GUARD = "guard", _("reason of the guard")  # of a refusal; how often it refused

    day = models.DateField(_("day"), help_text=_("in UTC"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=64, blank=True)
    count = models.PositiveIntegerField(_("count"))
    delivered = models.PositiveIntegerField(_("codes reported as delivered"), default=0)
    validated = models.PositiveIntegerField(_("codes entered"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=6, default=0)

    class Meta:
        verbose_name = _("part of the statistics")
        verbose_name_plural = _("parts of the statistics")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "name"], name="django_ding_one_part_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.kind} {self.name}".rstrip()
