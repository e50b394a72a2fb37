"""The daily statistics of a period. Verifications are not read, so the page is quick however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, cast

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import F, FloatField, Max, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from django_ding.models import DailyStatistics, DailyStatisticsItem

#: Lengths of periods to choose from, in days.
LENGTHS = (7, 30, 90, 365)

#: Codes that must have been sent to a prefix before its conversion rate means something.
MIN_SENDS = 20

_DEFAULT_LENGTH = 30
_MAX_LENGTH = 3 * 366
# The page compares a period with the one before, so there must be days before the first one.
_MIN_DATE = date(2000, 1, 1)

_MAX_PREFIXES = 10

_Rows = Iterable[Mapping[str, Any]]

_KINDS = (
    DailyStatisticsItem.Kind.COUNTRY,
    DailyStatisticsItem.Kind.CHANNEL,
    DailyStatisticsItem.Kind.SECONDS,
    DailyStatisticsItem.Kind.GUARD,
    DailyStatisticsItem.Kind.REASON,
)


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


@dataclass(frozen=True, kw_only=True)
class CodeTotals:
    """How many codes were sent, delivered and entered."""

    name: str = ""
    sends: int = 0
    delivered: int = 0
    validated: int = 0

    @property
    def conversion_rate(self) -> float | None:
        """The ratio of codes that were entered, ``None`` if none was sent."""
        return self.validated / self.sends if self.sends else None

    @property
    def delivery_rate(self) -> float | None:
        """The ratio of codes reported as delivered, ``None`` if none was sent or nothing is reported."""
        # Codes that were entered but never delivered show that no reports come in.
        return self.delivered / self.sends if self.sends and (self.delivered or not self.validated) else None


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The statistics of a period.

    :ivar counted_days: days that have statistics.
    :ivar days: the codes of each day; zeros for a day without statistics.
    :ivar costs: currency → day → amount.
    :ivar countries: codes by country, the most codes first; ``channels`` likewise.
    :ivar seconds: seconds until the correct code was entered → how many codes.
    :ivar refusals: reason → how many requests were blocked, the most frequent first.
    :ivar errors: reason → how many codes the provider rejected or failed to send, likewise.
    """

    period: Period
    counted_days: int
    days: Mapping[date, CodeTotals]
    costs: Mapping[str, Mapping[date, Decimal]]
    countries: list[CodeTotals]
    channels: list[CodeTotals]
    seconds: Mapping[int, int]
    refusals: Mapping[str, int]
    errors: Mapping[str, int]

    @property
    def total(self) -> CodeTotals:
        """The codes of all days."""
        return CodeTotals(
            sends=sum(day.sends for day in self.days.values()),
            delivered=sum(day.delivered for day in self.days.values()),
            validated=sum(day.validated for day in self.days.values()),
        )

    def time_to_verify(self, ratio: float) -> int | None:
        """Return the seconds within which this ratio of the codes was entered; the median for one half."""
        return percentile(self.seconds, ratio)


def get_statistics(period: Period) -> Statistics:
    """Return the statistics of a period, in three queries."""
    days = DailyStatistics.write_db.filter(day__range=(period.since, period.until))
    rows = list(days.filter(rolled_up_at__isnull=False))
    totals = {row.day: CodeTotals(sends=row.sends, delivered=row.delivered, validated=row.validated) for row in rows}
    items = _sum_by_kind(period)
    return Statistics(
        period=period,
        counted_days=len(totals),
        days={day: totals.get(day, CodeTotals()) for day in period.days},
        costs=_costs(period),
        countries=_code_totals(items[DailyStatisticsItem.Kind.COUNTRY]),
        channels=_code_totals(items[DailyStatisticsItem.Kind.CHANNEL]),
        seconds={int(name): count for name, count in _counts(items[DailyStatisticsItem.Kind.SECONDS]).items()},
        refusals=_counts(items[DailyStatisticsItem.Kind.GUARD]),
        errors=_counts(items[DailyStatisticsItem.Kind.REASON]),
    )


def get_previous_statistics(period: Period) -> Statistics | None:
    """Return the statistics of the period before, ``None`` unless each of its days has some."""
    statistics = get_statistics(period.previous)
    return statistics if statistics.counted_days == period.length else None


def lowest_converting_prefixes(period: Period) -> list[CodeTotals]:
    """Return the prefixes with the lowest conversion rates, among those with enough codes."""
    items = _items(period).filter(kind=DailyStatisticsItem.Kind.PREFIX).exclude(name="")
    sums = _with_sums(items.values("name")).filter(total__gte=MIN_SENDS)
    # Two integers would be divided without a rest.
    rate = Cast(F("total_validated"), FloatField()) / Cast(F("total"), FloatField())
    return _code_totals(sums.order_by(rate, "-total", "name")[:_MAX_PREFIXES])


def last_updated_at() -> datetime | None:
    """Return when a day was last counted."""
    last: datetime | None = DailyStatistics.write_db.aggregate(last=Max("rolled_up_at"))["last"]
    return last


def percentile(counts: Mapping[int, int], ratio: float) -> int | None:
    """Return the smallest value that this ratio of all values does not exceed (nearest rank); ``None`` without any."""
    values = sorted(counts)
    ranks = list(accumulate(counts[value] for value in values))
    return next((value for value, rank in zip(values, ranks, strict=True) if rank >= ratio * ranks[-1]), None)


def _sum_by_kind(period: Period) -> Mapping[str, _Rows]:
    sums = _with_sums(_items(period).filter(kind__in=_KINDS).values("kind", "name"))
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in sums.order_by("-total", "name"):
        found[row["kind"]].append(row)
    return found


def _with_sums(rows: Any) -> Any:
    return rows.annotate(total=Sum("count"), total_delivered=Sum("delivered"), total_validated=Sum("validated"))


def _code_totals(rows: _Rows) -> list[CodeTotals]:
    return [
        CodeTotals(
            name=row["name"], sends=row["total"], delivered=row["total_delivered"], validated=row["total_validated"]
        )
        for row in rows
    ]


def _counts(rows: _Rows) -> dict[str, int]:
    return {row["name"]: row["total"] for row in rows}


def _costs(period: Period) -> Mapping[str, Mapping[date, Decimal]]:
    costs: dict[str, dict[date, Decimal]] = defaultdict(dict)
    rows = _items(period).filter(kind=DailyStatisticsItem.Kind.CURRENCY).order_by("name", "day")
    for name, day, amount in rows.values_list("name", "day", "amount"):
        costs[name][day] = amount
    return costs


def _items(period: Period) -> QuerySet[DailyStatisticsItem]:
    return DailyStatisticsItem.write_db.filter(day__range=(period.since, period.until))
