"""The last 48 hours, counted from the verifications themselves: the daily statistics don't know the hour."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum, Value
from django.utils import timezone

from django_ding import clock
from django_ding.admin.statistics.queries import CodeTotals
from django_ding.backends.types import DeliveryStatus
from django_ding.models import Authentication, DailyStatisticsItem
from django_ding.models.fields import UtcDateTimeField
from django_ding.models.functions import WholeSeconds
from django_ding.services import Drop, WatchResult, watch

HOURS = 48

_HOUR = timedelta(hours=1)
_FIELDS = ("carrier", "backend")

_IS_DELIVERED = Q(delivery_status=DeliveryStatus.DELIVERED)
_IS_VALIDATED = Q(status=Authentication.Status.VALIDATED)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The codes of a carrier or a backend in the last hour, in the last 24 hours, and usually."""

    name: str
    hour: CodeTotals
    day: CodeTotals
    usual: CodeTotals


@dataclass(frozen=True, kw_only=True)
class Recent:
    """The codes of the last 48 hours.

    :ivar hours: by the beginning of each hour.
    :ivar carriers: those with codes in the last 24 hours, the most first; ``backends`` likewise.
    :ivar drops: what is lower than usual.
    """

    hours: Mapping[datetime, CodeTotals]
    carriers: Sequence[Comparison]
    backends: Sequence[Comparison]
    drops: Sequence[Drop]

    @property
    def total(self) -> CodeTotals:
        """The codes of all hours."""
        return sum(self.hours.values(), CodeTotals())


def get_recent() -> Recent:
    """Return the codes of the last 48 hours, in six statements."""
    carriers, backends = _comparisons()
    return Recent(hours=_hours(), carriers=carriers, backends=backends, drops=watch(dry_run=True).drops)


def _hours() -> Mapping[datetime, CodeTotals]:
    # Full hours of the project's time zone, which may be half an hour off UTC.
    current = timezone.localtime(clock.now()).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    first = current - _HOUR * (HOURS - 1)
    since_first = ExpressionWrapper(
        F("created_at") - Value(first, output_field=UtcDateTimeField()), output_field=DurationField()
    )
    counted = _sent(first).values(number=WholeSeconds(since_first, per=3600)).annotate(**_counts("")).order_by()
    totals = {row["number"]: _totals(row, "") for row in counted}
    return {first + _HOUR * n: totals.get(n, CodeTotals()) for n in range(HOURS)}


def _comparisons() -> tuple[Sequence[Comparison], Sequence[Comparison]]:
    now = clock.now()
    window = Q(created_at__gte=now - WatchResult.OLDEST)
    rows = _sent(now - timedelta(days=1)).filter(created_at__lt=now - WatchResult.NEWEST).values(*_FIELDS)
    counted = list(rows.annotate(**_counts("day_"), **_counts("hour_", window)).order_by())
    usual = _usual()
    carriers, backends = ([*_compare(field, counted, usual)] for field in _FIELDS)
    return carriers, backends


def _compare(
    field: str, counted: Iterable[Mapping[str, Any]], usual: Mapping[tuple[str, str], CodeTotals]
) -> Sequence[Comparison]:
    day: dict[str, CodeTotals] = defaultdict(CodeTotals)
    hour: dict[str, CodeTotals] = defaultdict(CodeTotals)
    for row in counted:
        day[row[field]] += _totals(row, "day_")
        hour[row[field]] += _totals(row, "hour_")
    names = sorted(day, key=lambda name: (-day[name].sends, name))
    return [
        Comparison(name=name, hour=hour[name], day=day[name], usual=usual.get((field, name), CodeTotals()))
        for name in names
    ]


def _usual() -> Mapping[tuple[str, str], CodeTotals]:
    today = clock.now().astimezone(UTC).date()
    days = {"day__gte": today - timedelta(days=WatchResult.USUAL_DAYS), "day__lt": today}
    items = DailyStatisticsItem.write_db.filter(kind__in=_FIELDS, **days).values("kind", "name")
    summed = items.annotate(sends=Sum("count"), reports=Sum("delivered"), entered=Sum("validated")).order_by()
    return {
        (row["kind"], row["name"]): CodeTotals(sends=row["sends"], delivered=row["reports"], validated=row["entered"])
        for row in summed
    }


def _sent(since: datetime) -> Any:
    return Authentication.write_db.filter(created_at__gte=since, status__in=Authentication.SENT_STATUSES)


def _counts(prefix: str, window: Q | None = None) -> dict[str, Count]:
    window = window or Q()
    return {
        f"{prefix}sends": Count("pk", filter=window or None),
        f"{prefix}delivered": Count("pk", filter=window & _IS_DELIVERED),
        f"{prefix}validated": Count("pk", filter=window & _IS_VALIDATED),
    }


def _totals(row: Mapping[str, Any], prefix: str) -> CodeTotals:
    return CodeTotals(**{name: row[f"{prefix}{name}"] for name in ("sends", "delivered", "validated")})
