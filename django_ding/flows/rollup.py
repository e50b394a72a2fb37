"""Keep daily figures, for statistics that outlive their rows and need not count them again."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Case, F, Max, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from django_ding.models import Authentication, Event, Refusal, Rollup, RollupPart
from django_ding.services.figures import (
    OF_AUTHENTICATIONS,
    OF_REFUSALS,
    authentications_of,
    parts_of_authentications,
    parts_of_refusals,
    refusals_of,
)
from django_ding.services.records import on_conflict_again, write_alias
from django_ding.services.results import RollUpResult

#: Days that every run counts at least: today and those before.
RECENT_DAYS = 3

# Events are numbered before they are committed, so the newest one may be seen before some of less. Far more than are
# under way at a time.
_UNDER_WAY = 10_000


def roll_up(*, since: date | None = None, on_rolled_up: Callable[[RollUpResult], None] | None = None) -> RollUpResult:
    """Count the days that may have changed since the last run: recent ones, those that have news, those never counted.

    A day that was counted before and has lost authentications since, as by a purge, keeps the figures it had of them;
    likewise one that has lost refusals. What :func:`erase_data` took is not missed. Any number of processes on any
    number of machines may do this at once, and be killed at any time: each day is written in one transaction of its
    own, and what a run leaves the next one does.

    :param since: count this UTC day and all after it instead.
    :param on_rolled_up: called after each day with the sums so far. What it raises ends the run between two days.
    :raises ValueError: for a day that is yet to come.
    """
    newest, days = _newest_event(), days_to_roll_up(since=since)
    done = RollUpResult()
    for day in days:
        done += on_conflict_again(partial(_roll_up, day))
        if on_rolled_up:
            on_rolled_up(done)
    if since is None:
        _rollups().filter(day=days[-1]).update(last_event=newest)
    return done


def days_to_roll_up(*, since: date | None = None) -> list[date]:
    """Return the UTC days that :func:`roll_up` would count now, the oldest first.

    :param since: as for :func:`roll_up`.
    :raises ValueError: for a day that is yet to come.
    """
    today, first = _today(), _first_day()
    if since and since > today:
        raise ValueError(f"{since} is yet to come.")
    last = _rollups().filter(last_event__isnull=False).aggregate(day=Max("day"), event=Max("last_event"))
    if since or last["day"] is None:
        return _days(max(since or first, first), today)
    # The day of the last run had not ended then, and no event tells of what the guard refused later.
    recent = _days(max(min(today - timedelta(days=RECENT_DAYS - 1), last["day"]), first), today)
    counted = set(_rollups().filter(rolled_up_at__isnull=False).values_list("day", flat=True))
    never_counted = set(_days(first, today)) - counted
    return sorted({*recent, *never_counted, *_days_with_news(last["event"])})


def leave_out(*, authentications: Iterable[datetime], refusals: Iterable[datetime]) -> None:
    """Let the days of rows that were erased be counted without them. Else they would be taken for purged ones.

    It belongs in the transaction that erases. The figures stay until a day is counted the next time.

    :param authentications: when those that were deleted were made.
    :param refusals: the hours of those that were deleted.
    """
    gone, refused = _each_day(authentications), _each_day(refusals)
    for day in sorted({*gone, *refused}):  # In one order, so that no two erasures wait for each other.
        _rollups().filter(day=day).update(
            authentications=_less("authentications", gone[day]), refusals=_less("refusals", refused[day])
        )


def _each_day(moments: Iterable[datetime]) -> Counter[date]:
    return Counter(moment.astimezone(UTC).date() for moment in moments)


def _less(column: str, by: int) -> Case:
    """Return the column's value less so much, and not below zero: a day may have rows that were never counted."""
    return Case(When(**{f"{column}__gte": by}, then=F(column) - by), default=Value(0))


def _roll_up(day: date) -> RollUpResult:
    """Write the figures of a day in place of those it had, but for those whose rows are gone."""
    _rollups().bulk_create([Rollup(day=day)], ignore_conflicts=True)
    with transaction.atomic(using=write_alias()):
        # A write comes first, so that of several processes the later one counts after the earlier one has written.
        _rollups().filter(day=day).update(sends=F("sends"))
        is_counted = [_count_authentications(day), _count_refusals(day)]
        if any(is_counted):
            _rollups().filter(day=day).update(rolled_up_at=timezone.now())
    return RollUpResult(rolled_up=1) if all(is_counted) else RollUpResult(kept=1)


def _count_authentications(day: date) -> bool:
    """Write the figures of the authentications, unless some are gone, and tell whether it did."""
    parts, rows = list(parts_of_authentications(day)), authentications_of(day).count()
    if _rollups().filter(day=day, authentications__gt=rows).exists():
        return False
    _replace_parts(day, OF_AUTHENTICATIONS, parts)
    _rollups().filter(day=day).update(authentications=rows, **_totals(parts))
    return True


def _count_refusals(day: date) -> bool:
    """Write the figures of the refusals, unless some are gone, and tell whether it did."""
    parts, rows = list(parts_of_refusals(day)), refusals_of(day).count()
    if _rollups().filter(day=day, refusals__gt=rows).exists():
        return False
    _replace_parts(day, OF_REFUSALS, parts)
    _rollups().filter(day=day).update(refusals=rows)
    return True


def _replace_parts(day: date, kinds: Sequence[str], parts: list[RollupPart]) -> None:
    rows = RollupPart.objects.using(write_alias())
    rows.filter(kind__in=kinds, day=day).delete()
    rows.bulk_create(parts, batch_size=500)


def _totals(parts: list[RollupPart]) -> dict[str, int]:
    countries = [part for part in parts if part.kind == RollupPart.Kind.COUNTRY]
    return {
        "sends": sum(part.count for part in countries),
        "delivered": sum(part.delivered for part in countries),
        "validated": sum(part.validated for part in countries),
    }


def _days_with_news(known: int) -> set[date]:
    """Return the days whose authentications have events that the last run did not know: a delivery weeks late, say."""
    news = Event.objects.using(write_alias()).filter(pk__gt=known - _UNDER_WAY)
    return set(news.values_list(TruncDate("authentication__created_at", tzinfo=UTC), flat=True).distinct())


def _newest_event() -> int:
    return Event.objects.using(write_alias()).aggregate(newest=Max("pk"))["newest"] or 0


def _first_day() -> date:
    """Return the day of the oldest row; today when there is none. Each status is a place in the index."""
    rows = Authentication.objects.using(write_alias()).order_by("created_at").values_list("created_at", flat=True)
    oldest = [moment for status in Authentication.Status.values for moment in rows.filter(status=status)[:1]]
    refused = Refusal.objects.using(write_alias()).order_by("hour").values_list("hour", flat=True)[:1]
    return min([*oldest, *refused], default=timezone.now()).astimezone(UTC).date()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _today() -> date:
    return datetime.now(tz=UTC).date()


def _rollups() -> QuerySet[Rollup]:
    return Rollup.objects.using(write_alias())
