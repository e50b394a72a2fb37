"""What several models have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ding.phone import mask


class MaskedNumberModel(models.Model):
    """A row with a phone number, which its text and repr show masked."""

    phone_number = models.CharField(_("phone number"), max_length=16, help_text=_("E.164, such as +33612345678"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.masked_number

    @property
    def masked_number(self) -> str:
        """The number fit for logs: ``+33*******78``."""
        return mask(self.phone_number)


class PlacedNumberModel(MaskedNumberModel):
    """A number and where it is, which rows are counted by."""

    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("ISO 3166-1 alpha-2"))
    prefix = models.CharField(
        _("prefix"), max_length=12, blank=True, help_text=_("the number without its last four digits")
    )

    class Meta:
        abstract = True
