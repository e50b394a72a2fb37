"""Counters in the database, for projects without a shared cache: one short transaction per decision."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from django_ding.guard.counters.base import Counters, Full, Slot, Taken, fullest
from django_ding.models import Counter

_TRIES = 5
_SWEEP_SHARE = 0.01
_SWEEP_SIZE = 500


class DatabaseCounters(Counters):
    """A row per counter, locked in one order while a decision is made."""

    def take(self, slots: Sequence[Slot]) -> Taken | Full:
        self._sweep()
        for _ in range(_TRIES - 1):
            try:
                return self._take(slots)
            except (IntegrityError, OperationalError, KeyError):
                continue  # A deadlock with another decision, or a counter that was swept away at this moment.
        return self._take(slots)

    def give_back(self, slots: Sequence[Slot]) -> None:
        for amount in {slot.amount for slot in slots} - {0}:
            keys = [slot.key for slot in slots if slot.amount == amount]
            taken = _counters().filter(key__in=keys, count__gte=amount)
            taken.update(count=F("count") - amount)

    def _take(self, slots: Sequence[Slot]) -> Taken | Full:
        now = timezone.now()
        # In a transaction of its own: InnoDB keeps a shared lock on each row that was there already, and two decisions
        # that both hold one would wait for each other's.
        _counters().bulk_create(_fresh(slots, now), ignore_conflicts=True)
        with transaction.atomic(using=_alias()):
            locked = _counters().filter(key__in=[slot.key for slot in slots]).order_by("key").select_for_update()
            rows = {row.key: row for row in locked}
            counts = [_count(rows.get(slot.key), now) + slot.amount for slot in slots]
            full = [
                Full(index=index, retry_after=_seconds_left(rows.get(slot.key), slot, now))
                for index, slot in enumerate(slots)
                if counts[index] > slot.limit
            ]
            if full:
                return fullest(full)
            _write(rows, slots, counts, now)
        return Taken(tuple(counts))

    def _sweep(self) -> None:
        """Now and then, forget some counters whose window is over: each number leaves its own behind."""
        if random.random() < _SWEEP_SHARE:  # noqa: S311
            over = _counters().filter(expires_at__lt=timezone.now()).values_list("key", flat=True)[:_SWEEP_SIZE]
            _counters().filter(key__in=list(over)).delete()


def _fresh(slots: Sequence[Slot], now: datetime) -> list[Counter]:
    """Return the rows that must be there before anything is taken; a mere look needs none."""
    taking = sorted((slot for slot in slots if slot.amount), key=lambda slot: slot.key)
    return [Counter(key=slot.key, count=0, expires_at=_end(slot, now)) for slot in taking]


def _count(row: Counter | None, now: datetime) -> int:
    return row.count if row and row.expires_at > now else 0


def _seconds_left(row: Counter | None, slot: Slot, now: datetime) -> float:
    return (row.expires_at - now).total_seconds() if row and row.expires_at > now else float(slot.seconds)


def _write(rows: Mapping[str, Counter], slots: Sequence[Slot], counts: Sequence[int], now: datetime) -> None:
    changed = []
    for slot, count in zip(slots, counts, strict=True):
        if slot.amount:
            row = rows[slot.key]
            row.count = count
            row.expires_at = _end(slot, now) if count == slot.amount else row.expires_at
            changed.append(row)
    _counters().bulk_update(changed, ["count", "expires_at"])


def _end(slot: Slot, now: datetime) -> datetime:
    return now + timedelta(seconds=slot.seconds)


def _counters() -> QuerySet[Counter]:
    return Counter.objects.using(_alias())


def _alias() -> str:
    return router.db_for_write(Counter)
