"""Roll rows up into daily statistics, which outlive the rows and need not be counted again."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db.models import Case, F, Max, Value, When

from django_ding import clock
from django_ding.flows._daily_counts import authentication_items, authentications_of, refusal_items, refusals_of
from django_ding.flows.results import RollUpResult
from django_ding.models import Authentication, DailyStatistics, DailyStatisticsItem, Event, Refusal
from django_ding.models.functions import UtcDate
from django_ding.transactions import atomic, retry_on_conflict

#: Days that every run counts: today and those before it.
RECENT_DAYS = 3

# Events get their keys before they are committed, so a later run may see lower keys than the newest one known. This is
# far more than are uncommitted at a time.
_UNCOMMITTED = 10_000

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
    rows = authentications_of(day)
    items, count = list(authentication_items(day, rows)), rows.count()
    if DailyStatistics.write_db.filter(day=day, authentications__gt=count).exists():
        return False
    _replace_items(day, _AUTHENTICATION_KINDS, items)
    DailyStatistics.write_db.filter(day=day).update(authentications=count, **_totals(items))
    return True


def _count_refusals(day: date) -> bool:
    """Write the statistics of blocked requests, unless some are gone. Return whether it did."""
    items, rows = list(refusal_items(day)), refusals_of(day).count()
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
    return set(events.values_list(UtcDate("authentication__created_at"), flat=True).distinct())


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
