"""Counters in any cache whose ``incr`` is atomic, such as Memcached or, for one process, local memory."""

import time
from collections.abc import Sequence

from django.core.cache.backends.base import BaseCache

from django_ding.guard.counters.base import NO_LIMIT, Consumed, CounterStore, Exceeded, Limit, exceeded


class CacheCounterStore(CounterStore):
    """Counters by ``add`` and ``incr``.

    Known limits: caches have no transactions, so a request that is refused is counted until it has been rolled back,
    and another one may be refused because of it. Never the reverse: no more than the maximum gets through. And caches
    drop what they have no room for, so that a refusal tells no counts.
    """

    def __init__(self, cache: BaseCache) -> None:
        self._cache = cache

    def consume(self, limits: Sequence[Limit]) -> Consumed | Exceeded:
        counts = {limit: self._increment(limit) for limit in limits if limit.maximum < NO_LIMIT}
        waits = {
            index: self._seconds_left(limit)
            for index, limit in enumerate(limits)
            if counts.get(limit, 0) > limit.maximum
        }
        if waits:
            self.rollback(list(counts))
            return exceeded(waits)
        # What only counts comes last: a refusal would leave an empty counter behind.
        return Consumed(tuple(counts[limit] if limit in counts else self._increment(limit) for limit in limits))

    def rollback(self, limits: Sequence[Limit]) -> None:
        for limit in limits:
            if not limit.amount:
                continue
            try:
                self._cache.decr(limit.key, limit.amount)
            except ValueError:
                continue  # The window has ended, and the counter with it.

    def waits(self, limits: Sequence[Limit]) -> tuple[float, ...]:
        counts = self._cache.get_many([limit.key for limit in limits])
        return tuple(
            self._seconds_left(limit) if int(counts.get(limit.key, 0)) + limit.amount > limit.maximum else 0.0
            for limit in limits
        )

    def _increment(self, limit: Limit) -> int:
        """Add the amount to the counter, and return its new value."""
        if not limit.amount:
            return int(self._cache.get(limit.key, 0))
        while True:
            self._cache.add(limit.key, 0, limit.seconds)
            try:
                count = int(self._cache.incr(limit.key, limit.amount))
            except ValueError:
                continue  # The window ended between add and incr.
            if count == limit.amount or limit.renews:
                self._begin_window(limit)
            return count

    def _begin_window(self, limit: Limit) -> None:
        # touch, because a counter that was rolled back to 0 still has the expiry of its old window.
        self._cache.touch(limit.key, limit.seconds)
        # A cache doesn't say when a key expires, so the end of the window is stored beside the counter.
        self._cache.set(_end_key(limit), time.time() + limit.seconds, limit.seconds)

    def _seconds_left(self, limit: Limit) -> float:
        end = self._cache.get(_end_key(limit), time.time() + limit.seconds)
        return max(float(end) - time.time(), 0.0)


def has_atomic_incr(cache: BaseCache) -> bool:
    """Return whether the cache increments in one step. The ``incr`` that caches inherit reads, then writes."""
    return type(cache).incr is not BaseCache.incr


def _end_key(limit: Limit) -> str:
    return f"{limit.key}:end"
