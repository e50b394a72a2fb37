"""Counters in any cache whose ``incr`` is atomic, such as Memcached or, for one process, local memory."""

import time
from collections.abc import Sequence

from django.core.cache.backends.base import BaseCache

from django_ding.guard.counters.base import Counters, Full, Slot, Taken, fullest


class CacheCounters(Counters):
    """Counters by ``add`` and ``incr``. For a moment, a refused request is counted with the others."""

    def __init__(self, cache: BaseCache) -> None:
        self._cache = cache

    def take(self, slots: Sequence[Slot]) -> Taken | Full:
        counts = tuple(self._increment(slot) if slot.amount else self._count(slot) for slot in slots)
        full = [self._full(index, slot) for index, slot in enumerate(slots) if counts[index] > slot.limit]
        if full:
            self.give_back(slots)
            return fullest(full)
        return Taken(counts)

    def give_back(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            if not slot.amount:
                continue
            try:
                self._cache.decr(slot.key, slot.amount)
            except ValueError:
                continue  # Its window is over.

    def _count(self, slot: Slot) -> int:
        return int(self._cache.get(slot.key, 0))

    def _increment(self, slot: Slot) -> int:
        while True:
            self._cache.add(slot.key, 0, slot.seconds)
            try:
                count = int(self._cache.incr(slot.key, slot.amount))
            except ValueError:
                continue  # Its window ended between the two.
            if count == slot.amount:
                self._begin(slot)
            return count

    def _begin(self, slot: Slot) -> None:
        """Let the window begin now, also that of a counter to which everything was given back."""
        self._cache.touch(slot.key, slot.seconds)
        self._cache.set(_end(slot), time.time() + slot.seconds, slot.seconds)

    def _full(self, index: int, slot: Slot) -> Full:
        end = self._cache.get(_end(slot), time.time() + slot.seconds)
        return Full(index=index, retry_after=max(end - time.time(), 0.0))


def can_count(cache: BaseCache) -> bool:
    """Tell whether the cache increments in one step. The ``incr`` that caches inherit reads, then writes."""
    return type(cache).incr is not BaseCache.incr


def _end(slot: Slot) -> str:
    return f"{slot.key}:end"
