"""Counters in the database, for projects without a shared cache: one short transaction per decision."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from django_ding.guard.counters.base import Counters, Full, Slot, fullest
from django_ding.models import Counter

_TRIES = 5
_SWEEP_SHARE = 0.01
_SWEEP_SIZE = 500


class DatabaseCounters(Counters):
    """A row per counter, locked in one order while a decision is made."""

    def take(self, slots: Sequence[Slot]) -> Full | None:
        self._sweep()
        for _ in range(_TRIES - 1):
            try:
                return self._take(slots)
            except (IntegrityError, OperationalError, KeyError):
                continue  # A deadlock with another decision, or a counter that was swept away at this moment.
        return self._take(slots)

    def give_back(self, slots: Sequence[Slot]) -> None:
        taken = _counters().filter(key__in=[slot.key for slot in slots], count__gt=0)
        taken.update(count=F("count") - 1)

    def _take(self, slots: Sequence[Slot]) -> Full | None:
        now = timezone.now()
        ends = {slot.key: now + timedelta(seconds=slot.seconds) for slot in sorted(slots, key=lambda slot: slot.key)}
        fresh = [Counter(key=key, count=0, expires_at=end) for key, end in ends.items()]
        # In a transaction of its own: InnoDB keeps a shared lock on each row that was there already, and two decisions
        # that both hold one would wait for each other's.
        _counters().bulk_create(fresh, ignore_conflicts=True)
        with transaction.atomic(using=_alias()):
            rows = {row.key: row for row in _counters().filter(key__in=ends).order_by("key").select_for_update()}
            full = [
                Full(index=index, retry_after=(rows[slot.key].expires_at - now).total_seconds())
                for index, slot in enumerate(slots)
                if rows[slot.key].expires_at > now and rows[slot.key].count >= slot.limit
            ]
            if not full:
                _count(rows, ends, now)
        return fullest(full)

    def _sweep(self) -> None:
        """Now and then, forget some counters whose window is over: each number leaves its own behind."""
        if random.random() < _SWEEP_SHARE:  # noqa: S311
            over = _counters().filter(expires_at__lt=timezone.now()).values_list("key", flat=True)[:_SWEEP_SIZE]
            _counters().filter(key__in=list(over)).delete()


def _count(rows: Mapping[str, Counter], ends: Mapping[str, datetime], now: datetime) -> None:
    for key, row in rows.items():
        if row.expires_at <= now:
            row.count, row.expires_at = 0, ends[key]
        row.count += 1
    _counters().bulk_update(rows.values(), ["count", "expires_at"])


def _counters() -> QuerySet[Counter]:
    return Counter.objects.using(_alias())


def _alias() -> str:
    return router.db_for_write(Counter)
