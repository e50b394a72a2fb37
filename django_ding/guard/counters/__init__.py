"""Counters that all workers share, in the store that ``DING["RATE_LIMIT_CACHE"]`` names."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from django_ding import log
from django_ding.conf import ding_settings
from django_ding.database import OUTAGES, report_outage
from django_ding.exceptions import BackendUnavailable
from django_ding.guard.counters.base import NO_LIMIT, Consumed, CounterStore, Exceeded, Limit
from django_ding.guard.counters.cache import CacheCounterStore, has_atomic_incr
from django_ding.guard.counters.redis import RedisCounterStore, redis_client

__all__ = [
    "NO_LIMIT",
    "CacheCounterStore",
    "Consumed",
    "CounterStore",
    "Exceeded",
    "Limit",
    "RedisCounterStore",
    "UncountableCache",
    "consume",
    "counter_key",
    "get_counter_store",
    "rollback",
    "waits",
]


class UncountableCache(ImproperlyConfigured):
    """The cache exists, but can't count requests."""


_SALT = "django_ding.guard.counters"

# By cache, not by alias: Django has a cache object per thread, and a changed CACHES makes new ones.
_stores: WeakKeyDictionary[BaseCache, CounterStore] = WeakKeyDictionary()


def consume(limits: Sequence[Limit]) -> Consumed | Exceeded:
    """Consume all limits or none, and return the counts, or the exceeded limit with the longest wait.

    :raises BackendUnavailable: when the store is down: what can't be counted is not sent.
    """
    store = get_counter_store(ding_settings.RATE_LIMIT_CACHE)
    with _outage_reported():
        return store.consume(limits)


def rollback(limits: Sequence[Limit]) -> None:
    """Undo :func:`consume`, because what was counted did not happen.

    :raises BackendUnavailable: when the store is down.
    """
    store = get_counter_store(ding_settings.RATE_LIMIT_CACHE)
    with _outage_reported():
        store.rollback(limits)


def waits(limits: Sequence[Limit]) -> tuple[float, ...]:
    """Return the seconds until each limit has room, 0.0 where it has. Nothing is consumed, or written at all.

    :raises BackendUnavailable: when the store is down.
    """
    store = get_counter_store(ding_settings.RATE_LIMIT_CACHE)
    with _outage_reported():
        return store.waits(limits) if limits else ()


def counter_key(name: str, subject: str) -> str:
    """Return the key of a counter, with the subject, such as a phone number or an IP address, as a keyed hash.

    The braces make a Redis Cluster keep all counters on one node, as a script that reads several requires.
    """
    return f"{{ding}}:{name}:{_digest(subject)}"


def get_counter_store(alias: str | None) -> CounterStore:
    """Return the counters of a cache, or with ``None`` those of the database. In Redis they work by script.

    :raises UncountableCache: when the cache can't count.
    :raises ImproperlyConfigured: when it doesn't exist.
    """
    if alias is None:
        # Not above: only these counters have a table, and with it the models.
        from django_ding.guard.counters.database import DatabaseCounterStore

        return DatabaseCounterStore()
    cache = caches[alias]
    if cache not in _stores:
        _stores[cache] = _make_store(cache, alias)
    return _stores[cache]


def _make_store(cache: BaseCache, alias: str) -> CounterStore:
    try:
        client = redis_client(cache)
    except NotImplementedError:
        reason = f"its {type(cache.client).__name__} spreads keys over several servers"  # type: ignore[attr-defined]
    else:
        if client is not None:
            return RedisCounterStore(client, cache.make_key)
        if has_atomic_incr(cache):
            return CacheCounterStore(cache)
        reason = f"{type(cache).__name__} increments in two steps, or not at all"
    raise UncountableCache(
        f"CACHES[{alias!r}] can't count requests: {reason}. Use one Redis, a Redis Cluster or Memcached, or set "
        'DING["RATE_LIMIT_CACHE"] to None to count in the database.'
    )


@lru_cache(128)
@sensitive_variables()
def _digest(subject: str) -> str:
    # Without the key, an attacker with the store could find the numbers in seconds by hashing all possible ones.
    return blake2b(subject.encode(), digest_size=12, key=_hash_key()).hexdigest()


@lru_cache(1)
def _hash_key() -> bytes:
    return salted_hmac(_SALT, "", algorithm="sha256").digest()


def _forget_key(*, setting: str, **kwargs: Any) -> None:
    if setting == "SECRET_KEY":
        _hash_key.cache_clear()
        _digest.cache_clear()


setting_changed.connect(_forget_key)


@contextmanager
def _outage_reported() -> Iterator[None]:
    try:
        yield
    except OUTAGES as error:  # Of counters in the database.
        report_outage(error)
        raise BackendUnavailable(code="counters_unavailable", reached=False) from None
    except Exception:  # noqa: BLE001 - each cache backend raises its own errors
        log.write(log.RATE_LIMITS_UNAVAILABLE, exc_info=True)
        # From None: the cause may hold the address and the password of the cache.
        raise BackendUnavailable(code="counters_unavailable", reached=False) from None
