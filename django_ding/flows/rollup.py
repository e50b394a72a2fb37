"""Roll rows up into daily statistics, which outlive the rows and need not be counted again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Max,
    Q,
    Sum,
    Value,
    When,
)

from django_ding import clock
from django_ding.backends.types import DeliveryStatus
from django_ding.flows.results import RollUpResult
from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    DailyStatistics,
    DailyStatisticsItem,
    Event,
    Refusal,
    RefusalQuerySet,
)
from django_ding.transactions import atomic, retry_on_conflict

#: Days that every run counts: today and those before it.
RECENT_DAYS = 3

# Events get their keys before they are committed, so a later run may see lower keys than the newest one known. This is
# far more than are uncommitted at a time.
_UNCOMMITTED = 10_000

#: Prefixes that are kept per day, the busiest. A site may see as many prefixes as numbers.
MAX_PREFIXES = 1000

#: Authentications whose code wasn't sent, or isn't known to have been.
FAILED_STATUSES = (
    Authentication.Status.RATE_LIMITED,
    Authentication.Status.SPAM_DETECTED,
    Authentication.Status.FAILED,
)

_DELIVERED = Count("pk", filter=Q(delivery_status=DeliveryStatus.DELIVERED))
_VALIDATED = Count("pk", filter=Q(status=Authentication.Status.VALIDATED))
_CODES = {"count": Count("pk"), "delivered": _DELIVERED, "validated": _VALIDATED}


class _WholeSeconds(Func):
    """The whole seconds of a difference of times. Django has it in microseconds, except on PostgreSQL."""

    template = "%(expressions)s / 1000000"
    output_field = IntegerField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s DIV 1000000", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::int", **context)


class _UtcDate(Func):
    """The date of a ``UtcDateTimeField`` in UTC. Django's own takes the column for local times in some projects."""

    function = "DATE"
    output_field = DateField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s AT TIME ZONE 'UTC')", **context)


_REFUSAL_KINDS = (DailyStatisticsItem.Kind.GUARD,)
_AUTHENTICATION_KINDS = tuple(kind for kind in DailyStatisticsItem.Kind if kind not in _REFUSAL_KINDS)


def roll_up(
    *,
    since: date | None = None,
    dry_run: bool = False,
    on_progress: Callable[[RollUpResult], None] | None = None,
) -> RollUpResult:
    """Count the days that may have changed since the last run: recent ones, those with new events, and uncounted ones.

    A day that has lost authentications since it was counted, for example to a purge, keeps its statistics of them;
    likewise one that has lost blocked requests. Rows that :func:`erase_data` deleted don't matter. Any number of
    processes on any number of machines may do this at once, and be killed at any time: each day is written in one
    transaction, and the next run does what one has left.

    :param since: count this UTC day and all after it instead.
    :param dry_run: count nothing, and return the days that would be counted.
    :param on_progress: called after each day with the sums so far. An exception in it ends the run.
    :raises ValueError: for a day in the future.
    """
    newest, days = _newest_event(), _outdated_days(since)
    if dry_run:
        return RollUpResult(days=tuple(days))
    done = RollUpResult()
    for day in days:
        done += retry_on_conflict(partial(_roll_up, day))
        if on_progress:
            on_progress(done)
    if since is None:
        DailyStatistics.write_db.filter(day=days[-1]).update(last_event=newest)
    return done


def _outdated_days(since: date | None) -> list[date]:
    """Return the UTC days to count, the oldest first."""
    today, first = _today(), _first_day()
    if since and since > today:
        raise ValueError(f"{since} is in the future.")
    last = DailyStatistics.write_db.filter(last_event__isnull=False).aggregate(day=Max("day"), event=Max("last_event"))
    if since or last["day"] is None:
        return _days(max(since or first, first), today)
    # The day of the last run wasn't over then, and blocked requests leave no event.
    recent = _days(max(min(today - timedelta(days=RECENT_DAYS - 1), last["day"]), first), today)
    counted = set(DailyStatistics.write_db.filter(rolled_up_at__isnull=False).values_list("day", flat=True))
    never_counted = set(_days(first, today)) - counted
    return sorted({*recent, *never_counted, *_days_with_events_after(last["event"])})


def subtract_erased(*, authentications: Iterable[datetime], refusals: Iterable[datetime]) -> None:
    """Lower the row counts of days by rows that were erased, which would be taken for purged ones otherwise.

    It belongs in the transaction that erases. The statistics themselves stay until the day is counted again.

    :param authentications: the ``created_at`` of those that were deleted.
    :param refusals: the ``hour`` of those that were deleted.
    """
    erased, blocked = _count_by_day(authentications), _count_by_day(refusals)
    for day in sorted({*erased, *blocked}):  # In one order, so that two erasures can't deadlock.
        DailyStatistics.write_db.filter(day=day).update(
            authentications=_subtract("authentications", erased[day]), refusals=_subtract("refusals", blocked[day])
        )


def _count_by_day(moments: Iterable[datetime]) -> Counter[date]:
    return Counter(moment.astimezone(UTC).date() for moment in moments)


def _subtract(column: str, by: int) -> Case:
    """Return the column minus a number, at least zero: a day may have rows that were never counted."""
    return Case(When(**{f"{column}__gte": by}, then=F(column) - by), default=Value(0))


def _roll_up(day: date) -> RollUpResult:
    """Replace the statistics of a day, except those whose rows are gone."""
    DailyStatistics.write_db.bulk_create([DailyStatistics(day=day)], ignore_conflicts=True)
    with atomic():
        # A write comes first: it locks the day, so that a second process counts after the first one has written.
        DailyStatistics.write_db.filter(day=day).update(sends=F("sends"))
        is_counted = [_count_authentications(day), _count_refusals(day)]
        if any(is_counted):
            DailyStatistics.write_db.filter(day=day).update(rolled_up_at=clock.now())
    return RollUpResult(rolled_up=1) if all(is_counted) else RollUpResult(kept=1)


def _count_authentications(day: date) -> bool:
    """Write the statistics of the authentications, unless some are gone. Return whether it did."""
    items, rows = list(_authentication_items(day)), _authentications(day).count()
    if DailyStatistics.write_db.filter(day=day, authentications__gt=rows).exists():
        return False
    _replace_items(day, _AUTHENTICATION_KINDS, items)
    DailyStatistics.write_db.filter(day=day).update(authentications=rows, **_totals(items))
    return True


def _count_refusals(day: date) -> bool:
    """Write the statistics of blocked requests, unless some are gone. Return whether it did."""
    items, rows = list(_refusal_items(day)), _refusals(day).count()
    if DailyStatistics.write_db.filter(day=day, refusals__gt=rows).exists():
        return False
    _replace_items(day, _REFUSAL_KINDS, items)
    DailyStatistics.write_db.filter(day=day).update(refusals=rows)
    return True


def _replace_items(day: date, kinds: Sequence[str], items: list[DailyStatisticsItem]) -> None:
    DailyStatisticsItem.write_db.filter(kind__in=kinds, day=day).delete()
    DailyStatisticsItem.write_db.bulk_create(items, batch_size=500)


def _totals(items: list[DailyStatisticsItem]) -> dict[str, int]:
    countries = [item for item in items if item.kind == DailyStatisticsItem.Kind.COUNTRY]
    return {
        "sends": sum(item.count for item in countries),
        "delivered": sum(item.delivered for item in countries),
        "validated": sum(item.validated for item in countries),
    }


def _days_with_events_after(last_event: int) -> set[date]:
    """Return the days whose authentications have events since the last run, such as a delivery report weeks later."""
    events = Event.write_db.filter(pk__gt=last_event - _UNCOMMITTED)
    return set(events.values_list(_UtcDate("authentication__created_at"), flat=True).distinct())


def _newest_event() -> int:
    return Event.write_db.aggregate(newest=Max("pk"))["newest"] or 0


def _first_day() -> date:
    """Return the day of the oldest row, today when there is none. Each status is a range of the index."""
    rows = Authentication.write_db.order_by("created_at").values_list("created_at", flat=True)
    oldest = [moment for status in Authentication.Status.values for moment in rows.filter(status=status)[:1]]
    refused = Refusal.write_db.order_by("hour").values_list("hour", flat=True)[:1]
    return min([*oldest, *refused], default=clock.now()).astimezone(UTC).date()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _today() -> date:
    return datetime.now(tz=UTC).date()


# Counting, in the database.


def _authentications(day: date) -> AuthenticationQuerySet:
    """Return the authentications of one UTC day."""
    return _with_status(day, Authentication.Status.values)


def _refusals(day: date) -> RefusalQuerySet:
    """Return the blocked requests of one UTC day."""
    begin, end = _bounds(day)
    return Refusal.write_db.filter(hour__gte=begin, hour__lt=end)


def _authentication_items(day: date) -> Iterator[DailyStatisticsItem]:
    """Yield a day's breakdowns by country, channel, prefix, currency, seconds and reason."""
    for kind, counted in (
        (DailyStatisticsItem.Kind.COUNTRY, _sent(day, "country")),
        (DailyStatisticsItem.Kind.CHANNEL, _sent(day, "channel")),
        (DailyStatisticsItem.Kind.PREFIX, _sent(day, "prefix").order_by("-count", "name")[:MAX_PREFIXES]),
        (DailyStatisticsItem.Kind.CURRENCY, _prices(day)),
        (DailyStatisticsItem.Kind.SECONDS, _waits(day)),
        (DailyStatisticsItem.Kind.REASON, _reasons(day)),
    ):
        yield from (DailyStatisticsItem(day=day, kind=kind, **columns) for columns in counted)


def _refusal_items(day: date) -> Iterator[DailyStatisticsItem]:
    """Yield a day's blocked requests, by reason."""
    counted = _refusals(day).values_list("reason").annotate(Sum("count")).order_by()
    for reason, count in counted:
        yield DailyStatisticsItem(day=day, kind=DailyStatisticsItem.Kind.GUARD, name=reason, count=count)


def _sent(day: date, column: str) -> Any:
    return _with_status(day, Authentication.SENT_STATUSES).values(name=F(column)).annotate(**_CODES).order_by()


def _prices(day: date) -> Any:
    priced = _authentications(day).filter(price_amount__isnull=False).values(name=F("price_currency"))
    return priced.annotate(count=Count("pk"), amount=Sum("price_amount")).order_by()


def _waits(day: date) -> Any:
    wait = ExpressionWrapper(F("validated_at") - F("created_at"), output_field=DurationField())
    validated = _with_status(day, [Authentication.Status.VALIDATED]).values(name=_WholeSeconds(wait))
    return validated.annotate(count=Count("pk")).order_by()


def _reasons(day: date) -> Any:
    """Count by error code or, where a row has none, by status."""
    reason = Case(When(error_code="", then=F("status")), default=F("error_code"))
    return _with_status(day, FAILED_STATUSES).values(name=reason).annotate(count=Count("pk")).order_by()


def _with_status(day: date, statuses: Any) -> AuthenticationQuerySet:
    """Return the day's rows with one of the statuses. All are named, since the index begins with the status."""
    begin, end = _bounds(day)
    rows = Authentication.write_db.filter(status__in=statuses)
    return rows.filter(created_at__gte=begin, created_at__lt=end)


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return midnight, midnight + timedelta(days=1)
