"""The last 48 hours, counted from the verifications themselves: the daily statistics don't know the hour."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Sum,
    Value,
    When,
)
from django.utils import timezone

from django_ding import clock
from django_ding.admin.statistics.queries import CodeTotals
from django_ding.models import Authentication, DailyStatisticsItem
from django_ding.models.fields import UtcDateTimeField
from django_ding.models.functions import WholeSeconds
from django_ding.services import Drop, WatchResult, watch

HOURS = 48

_HOUR = timedelta(hours=1)
_FIELDS = ("carrier", "backend")

#: When a code was requested: before the last 24 hours, in them, in the last hour, or too recently to be compared.
_BEFORE, _DAY, _LAST_HOUR, _TOO_NEW = range(4)


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
    """Return the codes of the last 48 hours, which are read once, in at most six statements."""
    now = clock.now()
    # Full hours of the project's time zone, which may be half an hour off UTC.
    current = timezone.localtime(now).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    first = current - _HOUR * (HOURS - 1)
    counted, usual = _count(first, now), _usual()
    carriers, backends = ([*_compare(field, counted, usual)] for field in _FIELDS)
    return Recent(hours=_hours(first, counted), carriers=carriers, backends=backends, drops=watch(dry_run=True).drops)


def _count(first: datetime, now: datetime) -> Sequence[Mapping[str, Any]]:
    since_first = ExpressionWrapper(
        F("created_at") - Value(first, output_field=UtcDateTimeField()), output_field=DurationField()
    )
    window = Case(
        When(created_at__lt=now - timedelta(days=1), then=Value(_BEFORE)),
        When(created_at__lt=now - WatchResult.OLDEST, then=Value(_DAY)),
        When(created_at__lt=now - WatchResult.NEWEST, then=Value(_LAST_HOUR)),
        default=Value(_TOO_NEW),
        output_field=IntegerField(),
    )
    sent = Authentication.write_db.requested_between(first).filter(status__in=Authentication.SENT_STATUSES)
    groups = sent.values(*_FIELDS, number=WholeSeconds(since_first, per=3600), window=window)
    return list(groups.annotate(sends=Count("pk")).with_outcomes().order_by())


def _hours(first: datetime, counted: Iterable[Mapping[str, Any]]) -> Mapping[datetime, CodeTotals]:
    totals: dict[int, CodeTotals] = defaultdict(CodeTotals)
    for row in counted:
        totals[row["number"]] += _totals(row)
    return {first + _HOUR * n: totals[n] for n in range(HOURS)}


def _compare(
    field: str, counted: Iterable[Mapping[str, Any]], usual: Mapping[tuple[str, str], CodeTotals]
) -> Sequence[Comparison]:
    day: dict[str, CodeTotals] = defaultdict(CodeTotals)
    hour: dict[str, CodeTotals] = defaultdict(CodeTotals)
    for row in counted:
        if row["window"] in (_DAY, _LAST_HOUR):
            day[row[field]] += _totals(row)
        if row["window"] == _LAST_HOUR:
            hour[row[field]] += _totals(row)
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


def _totals(row: Mapping[str, Any]) -> CodeTotals:
    return CodeTotals(**{name: row[name] for name in ("sends", "delivered", "validated")})
