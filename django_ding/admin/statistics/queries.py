"""The daily statistics of a period. Verifications are not read, so the page is quick however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db.models import F, FloatField, Max, QuerySet, Sum
from django.db.models.functions import Cast

from django_ding.admin.statistics.periods import Period
from django_ding.models import DailyStatistics, DailyStatisticsItem

#: Codes that must have been sent to a prefix before its conversion rate means something.
MIN_SENDS = 20

_MAX_PREFIXES = 10

_Rows = Iterable[Mapping[str, Any]]

_KINDS = (
    DailyStatisticsItem.Kind.COUNTRY,
    DailyStatisticsItem.Kind.CHANNEL,
    DailyStatisticsItem.Kind.CARRIER,
    DailyStatisticsItem.Kind.BACKEND,
    DailyStatisticsItem.Kind.SECONDS,
    DailyStatisticsItem.Kind.GUARD,
    DailyStatisticsItem.Kind.REASON,
)


@dataclass(frozen=True, kw_only=True)
class CodeTotals:
    """How many codes were sent, delivered and entered."""

    name: str = ""
    sends: int = 0
    delivered: int = 0
    validated: int = 0

    def __add__(self, other: "CodeTotals") -> "CodeTotals":
        return CodeTotals(
            name=self.name or other.name,
            sends=self.sends + other.sends,
            delivered=self.delivered + other.delivered,
            validated=self.validated + other.validated,
        )

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
    :ivar countries: codes by country, the most codes first; ``channels``, ``carriers`` and ``backends`` likewise.
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
    carriers: list[CodeTotals]
    backends: list[CodeTotals]
    seconds: Mapping[int, int]
    refusals: Mapping[str, int]
    errors: Mapping[str, int]

    @property
    def total(self) -> CodeTotals:
        """The codes of all days."""
        return sum(self.days.values(), CodeTotals())

    @property
    def spans(self) -> Mapping[Period, CodeTotals]:
        """The codes of each span of the period."""
        return {span: sum((self.days[day] for day in span.days), CodeTotals()) for span in self.period.spans}

    def costs_by_span(self, currency: str) -> Mapping[Period, Decimal]:
        """Return the cost of each span."""
        costs = self.costs.get(currency, {})
        return {span: sum((costs.get(day, Decimal(0)) for day in span.days), Decimal(0)) for span in self.period.spans}

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
        carriers=_code_totals(items[DailyStatisticsItem.Kind.CARRIER]),
        backends=_code_totals(items[DailyStatisticsItem.Kind.BACKEND]),
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
