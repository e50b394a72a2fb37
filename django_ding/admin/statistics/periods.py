"""The period that the statistics page shows, and how it is divided."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.validators import MinValueValidator
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from django_ding import humanize

#: Lengths of periods to choose from, in days.
LENGTHS = (7, 30, 90, 365)

_DEFAULT_LENGTH = 30
_MAX_LENGTH = 3 * 366
# The page compares a period with the one before, so there must be days before the first one.
_MIN_DATE = date(2000, 1, 1)

#: Columns of a chart that are still wide enough for a finger.
_MAX_DAYS, _MAX_WEEKS = 92, 54


@dataclass(frozen=True, kw_only=True)
class Period:
    """Consecutive days in UTC, the last one included."""

    since: date
    until: date

    @property
    def length(self) -> int:
        """The number of days."""
        return (self.until - self.since).days + 1

    @property
    def days(self) -> list[date]:
        """The days, the oldest first."""
        return [self.since + timedelta(days=n) for n in range(self.length)]

    @property
    def previous(self) -> "Period":
        """The period of the same length before this one."""
        return Period(since=self.since - timedelta(days=self.length), until=self.since - timedelta(days=1))

    @property
    def spans(self) -> "list[Period]":
        """The parts that charts have a column for: days, weeks from three months on, months from a year on."""
        if self.length <= _MAX_DAYS:
            return [Period(since=day, until=day) for day in self.days]
        starts_span = _starts_week if self.length <= _MAX_WEEKS * 7 else _starts_month
        starts = [day for day in self.days if day == self.since or starts_span(day)]
        ends = [start - timedelta(days=1) for start in starts[1:]]
        return [Period(since=start, until=end) for start, end in zip(starts, [*ends, self.until], strict=True)]

    @property
    def unit(self) -> str:
        """What the spans are: ``day``, ``week`` or ``month``."""
        return "day" if self.length <= _MAX_DAYS else "week" if self.length <= _MAX_WEEKS * 7 else "month"

    @property
    def label(self) -> str:
        """The days of a span: ``November 30, 2026``, or the first and the last one."""
        until = formats.date_format(self.until, "DATE_FORMAT")
        if self.since == self.until:
            return until
        is_one_year = self.since.year == self.until.year
        since = formats.date_format(self.since, "MONTH_DAY_FORMAT" if is_one_year else "DATE_FORMAT")
        return f"{since} {humanize.DASH} {until}"

    @property
    def includes_today(self) -> bool:
        """Whether its last day is incomplete."""
        return self.until >= utc_today()


def utc_today() -> date:
    """Return today's date in UTC."""
    return datetime.now(tz=UTC).date()


class PeriodForm(forms.Form):
    """Choose a number of days up to today, or the first and the last day."""

    days = forms.TypedChoiceField(
        choices=[(length, length) for length in LENGTHS], coerce=int, empty_value=None, required=False
    )
    since = forms.DateField(label=_("From"), required=False, validators=[MinValueValidator(_MIN_DATE)])
    until = forms.DateField(label=_("To"), required=False, validators=[MinValueValidator(_MIN_DATE)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            # Browsers write and expect ISO dates, whatever the language.
            field = cast("forms.DateField", self.fields[name])
            field.input_formats = ["%Y-%m-%d"]
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until") or utc_today()
        if since and since > until:
            self.add_error("since", _("The start date is after the end date."))
        elif since and (until - since).days >= _MAX_LENGTH:
            self.add_error("since", _("Choose at most three years."))
        return data

    @property
    def period(self) -> Period:
        """The chosen period; the last 30 days if the choice is invalid."""
        data = self.cleaned_data if self.is_valid() else {}
        if data.get("since"):
            return Period(since=data["since"], until=data["until"] or utc_today())
        length, until = data.get("days") or _DEFAULT_LENGTH, data.get("until") or utc_today()
        return Period(since=until - timedelta(days=length - 1), until=until)


def _starts_week(day: date) -> bool:
    """Return whether a week begins, which it does on another day in each country."""
    sunday_is_zero = day.isoweekday() % 7
    return sunday_is_zero == int(formats.get_format("FIRST_DAY_OF_WEEK"))


def _starts_month(day: date) -> bool:
    return day.day == 1
