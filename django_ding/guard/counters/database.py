"""Counters in the database, for projects without a shared cache: one short transaction per decision."""

import random
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, router, transaction
from django.db.models import F, QuerySet

from django_ding import clock
from django_ding.guard.counters.base import Consumed, CounterStore, Exceeded, Limit, exceeded
from django_ding.models import RateLimitCounter
from django_ding.transactions import conflict_pauses

_CLEANUP_PROBABILITY = 0.01
_CLEANUP_SIZE = 500


class DatabaseCounterStore(CounterStore):
    """A row per counter, locked for the time of a decision."""

    def consume(self, limits: Sequence[Limit]) -> Consumed | Exceeded:
        self._delete_expired()
        for pause in conflict_pauses():
            try:
                return self._consume(limits)
            except (IntegrityError, OperationalError, KeyError):
                time.sleep(pause)  # A deadlock with another decision, or an expired row was deleted in the meantime.
        return self._consume(limits)

    def rollback(self, limits: Sequence[Limit]) -> None:
        for amount in {limit.amount for limit in limits} - {0}:
            keys = [limit.key for limit in limits if limit.amount == amount]
            _counters().filter(key__in=keys, count__gte=amount).update(count=F("count") - amount)

    def waits(self, limits: Sequence[Limit]) -> tuple[float, ...]:
        now, rows = clock.now(), {row.key: row for row in _counters().filter(key__in=[limit.key for limit in limits])}
        return tuple(
            _seconds_left(row, limit, now) if _count(row, now) + limit.amount > limit.maximum else 0.0
            for limit, row in ((limit, rows.get(limit.key)) for limit in limits)
        )

    def _consume(self, limits: Sequence[Limit]) -> Consumed | Exceeded:
        now = clock.now()
        # In a transaction of its own: InnoDB keeps a shared lock on each row that was there already, and two decisions
        # that both hold one would wait for each other.
        _counters().bulk_create(_new_rows(limits, now), ignore_conflicts=True)
        with transaction.atomic(using=_alias()):
            # Ordered, so that two decisions lock the rows that they share in the same order.
            locked = _counters().filter(key__in=[limit.key for limit in limits]).order_by("key").select_for_update()
            rows = {row.key: row for row in locked}
            before = tuple(_count(rows.get(limit.key), now) for limit in limits)
            waits = {
                index: _seconds_left(rows.get(limit.key), limit, now)
                for index, limit in enumerate(limits)
                if before[index] + limit.amount > limit.maximum
            }
            if not waits:
                return Consumed(_save(rows, limits, before, now))
        if unused := [row.key for row in rows.values() if not row.count]:
            # Refused requests about ever new numbers would fill the table with rows that count nothing.
            _counters().filter(key__in=unused, count=0).delete()
        return exceeded(waits, before)

    def _delete_expired(self) -> None:
        """Now and then, delete some counters whose window has ended: each phone number leaves its own behind."""
        if random.random() < _CLEANUP_PROBABILITY:  # noqa: S311
            ended = _counters().filter(expires_at__lt=clock.now()).values_list("key", flat=True)[:_CLEANUP_SIZE]
            # MySQL has no LIMIT in a subquery, so the keys are read first.
            _counters().filter(key__in=list(ended)).delete()


def _new_rows(limits: Sequence[Limit], now: datetime) -> list[RateLimitCounter]:
    """Return the rows to insert where they are missing. A limit that consumes nothing needs none."""
    consuming = sorted((limit for limit in limits if limit.amount), key=lambda limit: limit.key)
    return [RateLimitCounter(key=limit.key, count=0, expires_at=_end(limit, now)) for limit in consuming]


def _count(row: RateLimitCounter | None, now: datetime) -> int:
    return row.count if row and row.expires_at > now else 0


def _seconds_left(row: RateLimitCounter | None, limit: Limit, now: datetime) -> float:
    return (row.expires_at - now).total_seconds() if row and row.expires_at > now else float(limit.seconds)


def _save(
    rows: Mapping[str, RateLimitCounter], limits: Sequence[Limit], before: Sequence[int], now: datetime
) -> tuple[int, ...]:
    """Consume the limits in their rows, and return the new counts."""
    counts = tuple(count + limit.amount for count, limit in zip(before, limits, strict=True))
    changed = []
    for limit, count in zip(limits, counts, strict=True):
        if limit.amount:
            row = rows[limit.key]
            row.count = count
            # The first one of a window begins it, also in a row that was rolled back to 0.
            if count == limit.amount:
                row.expires_at = _end(limit, now)
            elif limit.renews:
                row.expires_at = max(row.expires_at, _end(limit, now))
            changed.append(row)
    _counters().bulk_update(changed, ["count", "expires_at"])
    return counts


def _end(limit: Limit, now: datetime) -> datetime:
    return now + timedelta(seconds=limit.seconds)


def _counters() -> QuerySet[RateLimitCounter]:
    return RateLimitCounter.objects.using(_alias())


def _alias() -> str:
    return router.db_for_write(RateLimitCounter)
