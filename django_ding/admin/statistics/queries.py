"""What the rollups say about some days. Their authentications are not asked."""

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
from django_ding.models import Rollup, RollupPart
from django_ding.services.records import write_alias

#: Codes that must have gone to a prefix before its conversion says something.
LEAST_SENDS = 20

_WORST_PREFIXES = 10

_Rows = Iterable[Mapping[str, Any]]

_SUMMED = (
    RollupPart.Kind.COUNTRY,
    RollupPart.Kind.CHANNEL,
    RollupPart.Kind.SECONDS,
    RollupPart.Kind.GUARD,
    RollupPart.Kind.REASON,
)


@dataclass(frozen=True, kw_only=True)
class Codes:
    """How many codes were sent, and what became of them."""

    name: str = ""
    sends: int = 0
    delivered: int = 0
    validated: int = 0

    @property
    def conversion(self) -> float | None:
        """The share that was entered, if any was sent."""
        return self.validated / self.sends if self.sends else None

    @property
    def delivery(self) -> float | None:
        """The share reported as delivered; ``None`` where nothing reports, as codes without a report were entered."""
        return self.delivered / self.sends if self.sends and (self.delivered or not self.validated) else None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the rollups say about a period.

    :ivar known: days that were rolled up.
    :ivar days: each day's codes, none for a day that was not rolled up.
    :ivar costs: currency → day → amount.
    :ivar countries: codes by country, the most sent to first; ``channels`` likewise.
    :ivar waits: seconds until the right code → how many.
    :ivar guard: reason → how often the guard refused for it, the most frequent first.
    :ivar provider: reason → how many codes the provider refused or failed to send for it, likewise.
    """

    period: Period
    known: int
    days: Mapping[date, Codes]
    costs: Mapping[str, Mapping[date, Decimal]]
    countries: list[Codes]
    channels: list[Codes]
    waits: Mapping[int, int]
    guard: Mapping[str, int]
    provider: Mapping[str, int]

    @property
    def total(self) -> Codes:
        """The codes of all days."""
        return summed(self.days.values())

    def wait(self, part: float) -> int | None:
        """Return the seconds within which this part of the right codes was entered; the median for one half."""
        return quantile(self.waits, part)


def read(period: Period) -> Figures:
    """Read the figures of a period, in three statements."""
    rollups = list(_rollups().filter(day__range=(period.since, period.until), rolled_up_at__isnull=False))
    known = {row.day: Codes(sends=row.sends, delivered=row.delivered, validated=row.validated) for row in rollups}
    parts = _parts_by_kind(period)
    return Figures(
        period=period,
        known=len(known),
        days={day: known.get(day, Codes()) for day in period.days},
        costs=_costs(period),
        countries=_codes(parts[RollupPart.Kind.COUNTRY]),
        channels=_codes(parts[RollupPart.Kind.CHANNEL]),
        waits={int(seconds): count for seconds, count in _counts(parts[RollupPart.Kind.SECONDS]).items()},
        guard=_counts(parts[RollupPart.Kind.GUARD]),
        provider=_counts(parts[RollupPart.Kind.REASON]),
    )


def worst_prefixes(period: Period) -> list[Codes]:
    """Return the prefixes where the smallest share of codes was entered, of those that got enough to tell."""
    parts = _parts(period).filter(kind=RollupPart.Kind.PREFIX).exclude(name="")
    sums = parts.values("name").annotate(total=Sum("count"), arrived=Sum("delivered"), entered=Sum("validated"))
    enough = sums.filter(total__gte=LEAST_SENDS)
    conversion = Cast(F("entered"), FloatField()) / Cast(F("total"), FloatField())
    return _codes(enough.order_by(conversion, "-total", "name")[:_WORST_PREFIXES])


def last_rolled_up_at() -> datetime | None:
    """Return when a day was rolled up last."""
    last: datetime | None = _rollups().aggregate(last=Max("rolled_up_at"))["last"]
    return last


def summed(codes: Iterable[Codes], *, name: str = "") -> Codes:
    """Return all of them as one."""
    found = list(codes)
    return Codes(
        name=name,
        sends=sum(one.sends for one in found),
        delivered=sum(one.delivered for one in found),
        validated=sum(one.validated for one in found),
    )


def quantile(counts: Mapping[int, int], part: float) -> int | None:
    """Return the least value that this part of all does not exceed (nearest rank); ``None`` where there are none."""
    values = sorted(counts)
    ranks = list(accumulate(counts[value] for value in values))
    return next((value for value, rank in zip(values, ranks, strict=True) if rank >= part * ranks[-1]), None)


def _parts_by_kind(period: Period) -> Mapping[str, _Rows]:
    rows = _parts(period).filter(kind__in=_SUMMED).values("kind", "name")
    sums = rows.annotate(total=Sum("count"), arrived=Sum("delivered"), entered=Sum("validated"))
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in sums.order_by("-total", "name"):
        found[row["kind"]].append(row)
    return found


def _codes(rows: _Rows) -> list[Codes]:
    return [
        Codes(name=row["name"], sends=row["total"], delivered=row["arrived"], validated=row["entered"]) for row in rows
    ]


def _counts(rows: _Rows) -> dict[str, int]:
    return {row["name"]: row["total"] for row in rows}


def _costs(period: Period) -> Mapping[str, Mapping[date, Decimal]]:
    costs: dict[str, dict[date, Decimal]] = defaultdict(dict)
    rows = _parts(period).filter(kind=RollupPart.Kind.CURRENCY).order_by("name", "day")
    for name, day, amount in rows.values_list("name", "day", "amount"):
        costs[name][day] = amount
    return costs


def _parts(period: Period) -> QuerySet[RollupPart]:
    return RollupPart.objects.using(write_alias()).filter(day__range=(period.since, period.until))


def _rollups() -> QuerySet[Rollup]:
    return Rollup.objects.using(write_alias())
