"""Counters in Redis: one script, and so one round trip, per decision."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django_ding.guard.counters.base import Consumed, CounterStore, Exceeded, Limit

# The argument of each script is a JSON array with four values for each key: its maximum, its window in milliseconds,
# the amount to consume, and whether that renews the window. As fifty arguments they would take longer to send and to
# read than all the rest.
# A script spends most of its time on calls of commands, so that it reads by one.
_CONSUME = """
local limits, exceeded, wait, read = cjson.decode(ARGV[1]), 0, -1, redis.call('MGET', unpack(KEYS))
for i, key in ipairs(KEYS) do
    local maximum, window, amount = unpack(limits[i])
    if tonumber(read[i] or '0') + amount > maximum then
        local left = redis.call('PTTL', key)
        if left < 0 then left = window end
        if left > wait then exceeded, wait = i, left end
    end
end
local answer = {exceeded, wait}
for i, key in ipairs(KEYS) do
    local _, window, amount, renews = unpack(limits[i])
    if amount > 0 and exceeded == 0 then
        answer[i + 2] = redis.call('INCRBY', key, amount)
        if answer[i + 2] == amount or renews and redis.call('PTTL', key) < window then
            redis.call('PEXPIRE', key, window)
        end
    else
        answer[i + 2] = tonumber(read[i] or '0')
    end
end
return answer
"""

_ROLLBACK = """
local limits = cjson.decode(ARGV[1])
for i, key in ipairs(KEYS) do
    local amount = limits[i][3]
    if amount > 0 and tonumber(redis.call('GET', key) or '0') >= amount then redis.call('DECRBY', key, amount) end
end
"""

_WAITS = """
local limits, waits, read = cjson.decode(ARGV[1]), {}, redis.call('MGET', unpack(KEYS))
for i, key in ipairs(KEYS) do
    local maximum, window, amount = unpack(limits[i])
    local left = 0
    if tonumber(read[i] or '0') + amount > maximum then
        left = redis.call('PTTL', key)
        if left < 0 then left = window end
    end
    waits[i] = left
end
return waits
"""


class RedisCounterStore(CounterStore):
    """Counters behind Django's Redis cache or django-redis.

    :param client: of redis-py.
    :param make_key: the cache's, so that projects that share a Redis don't share counters.
    """

    def __init__(self, client: Any, make_key: Callable[[str], str]) -> None:
        self._make_key = make_key
        self._consume = client.register_script(_CONSUME)
        self._rollback = client.register_script(_ROLLBACK)
        self._waits = client.register_script(_WAITS)

    def consume(self, limits: Sequence[Limit]) -> Consumed | Exceeded:
        # Lua indexes from 1, so 0 is free to mean that no limit is exceeded.
        exceeded, wait, *counts = self._run(self._consume, limits)
        if exceeded:
            return Exceeded(index=exceeded - 1, retry_after=wait / 1000, counts=tuple(counts))
        return Consumed(tuple(counts))

    def rollback(self, limits: Sequence[Limit]) -> None:
        self._run(self._rollback, limits)

    def waits(self, limits: Sequence[Limit]) -> tuple[float, ...]:
        milliseconds = self._run(self._waits, limits)
        return tuple(left / 1000 for left in milliseconds)

    def keeps_keys_together(self) -> bool:
        """Return whether a Redis Cluster would keep all counters on one node. It refuses the scripts otherwise."""
        return _hash_tag(self._make_key("{ding}:a")) == _hash_tag(self._make_key("{ding}:b"))

    def _run(self, script: Callable[..., Any], limits: Sequence[Limit]) -> Any:
        keys = [self._make_key(limit.key) for limit in limits]
        return script(keys=keys, args=[_as_json(tuple(limit[1:] for limit in limits))])


@lru_cache(maxsize=64)
def _as_json(limits: tuple[tuple[int, int, int, bool], ...]) -> str:
    """Return the argument of a script. Messages have few different ones: their limits differ by their keys."""
    return json.dumps([(maximum, seconds * 1000, *rest) for maximum, seconds, *rest in limits])


def _hash_tag(key: str) -> str:
    """Return the part of a key that says on which node of a Redis Cluster it is.

    https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
    """
    tag, brace, _ = str(key).partition("{")[2].partition("}")
    return tag if tag and brace else str(key)


def redis_client(cache: Any) -> Any | None:
    """Return the redis-py client of a cache, ``None`` if the cache is not in Redis.

    :raises NotImplementedError: when it has several, as with the ``ShardClient`` of django-redis.
    """
    for holder in (getattr(cache, "client", None), getattr(cache, "_cache", None)):  # django-redis, Django
        client = holder.get_client(write=True) if holder and hasattr(holder, "get_client") else None
        if hasattr(client, "register_script"):
            return client
    return None
