"""Counters that all workers share: take a slot in each of several, or in none."""

from weakref import WeakKeyDictionary

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.exceptions import ImproperlyConfigured

from django_ding.guard.counters.base import NO_LIMIT, Counters, Full, Slot, Taken
from django_ding.guard.counters.cache import CacheCounters, can_count
from django_ding.guard.counters.database import DatabaseCounters
from django_ding.guard.counters.redis import RedisCounters, redis_client

__all__ = [
    "NO_LIMIT",
    "CacheCounters",
    "Counters",
    "DatabaseCounters",
    "Full",
    "RedisCounters",
    "Slot",
    "Taken",
    "get_counters",
]

_of_cache: WeakKeyDictionary[BaseCache, Counters] = WeakKeyDictionary()


def get_counters(kind: str) -> Counters:
    """Return the counters that a value of ``DING["COUNTERS"]`` names.

    :param kind: ``"database"``, or the alias of a cache in ``CACHES``. In Redis they work by script.
    :raises ImproperlyConfigured: when there is no such cache, or it can't count.
    """
    if kind == "database":
        return DatabaseCounters()
    cache = caches[kind]
    if cache not in _of_cache:
        _of_cache[cache] = _made_of(cache, kind)
    return _of_cache[cache]


def _made_of(cache: BaseCache, alias: str) -> Counters:
    client = redis_client(cache)
    if client is not None:
        return RedisCounters(client, cache.make_key)
    if not can_count(cache):
        raise ImproperlyConfigured(
            f"CACHES[{alias!r}] can't count: {type(cache).__name__} reads and writes in two steps. "
            'Use Redis or Memcached, or set DING["COUNTERS"] to "database".'
        )
    return CacheCounters(cache)
