"""The days that the page shows, and how they are chosen."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

#: Lengths to choose from, in days.
LENGTHS = (7, 30, 90, 365)

DEFAULT_LENGTH = 30

#: Days that a page shows at most.
LONGEST = 3 * 366

#: The first day that can be chosen. A page looks at the days before those that it shows, too, and there must be some.
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Some UTC days on end, the last one included."""

    since: date
    until: date

    @classmethod
    def last(cls, length: int) -> "Period":
        """Return the period of so many days that ends today."""
        return cls(since=today() - timedelta(days=length - 1), until=today())

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def days(self) -> list[date]:
        """Its days, the oldest first."""
        return [self.since + timedelta(days=n) for n in range(self.length)]

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(since=self.since - timedelta(days=self.length), until=self.since - timedelta(days=1))

    @property
    def has_today(self) -> bool:
        """Whether its last day is not over."""
        return self.until >= today()


def today() -> date:
    """Return the day that it is in UTC."""
    return datetime.now(tz=UTC).date()


def _date_field(label: Any) -> forms.DateField:
    # Browsers write and expect ISO dates, whatever the language.
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    validators = [MinValueValidator(_EARLIEST)]
    return forms.DateField(
        label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"], validators=validators
    )


class PeriodForm(forms.Form):
    """Takes a number of days up to today, or the first and the last day."""

    days = forms.TypedChoiceField(
        choices=[(length, length) for length in LENGTHS], coerce=int, empty_value=None, required=False
    )
    since = _date_field(_("From"))
    until = _date_field(_("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until") or today()
        if since and since > until:
            self.add_error("since", _("The first day is after the last one."))
        elif since and (until - since).days >= LONGEST:
            self.add_error("since", _("Choose at most three years."))
        return data

    @property
    def period(self) -> Period:
        """What was chosen; the last 30 days where that makes no sense."""
        data = self.cleaned_data if self.is_valid() else {}
        if data.get("since"):
            return Period(since=data["since"], until=data["until"] or today())
        length = data.get("days") or DEFAULT_LENGTH
        if data.get("until"):
            return Period(since=data["until"] - timedelta(days=length - 1), until=data["until"])
        return Period.last(length)
