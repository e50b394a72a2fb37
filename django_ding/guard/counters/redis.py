"""Counters in Redis: one script, and so one round trip, per decision."""

from collections.abc import Callable, Sequence
from typing import Any

from django_ding.guard.counters.base import Consumed, CounterStore, Exceeded, Limit

# Each script's arguments, for each key: its maximum, its window in milliseconds, and the amount to consume. That of
# _ROLLBACK has the amounts only. A script spends most of its time on calls of commands, so that it reads by one.
_CONSUME = """
local exceeded, wait, read = 0, -1, redis.call('MGET', unpack(KEYS))
for i, key in ipairs(KEYS) do
    if tonumber(read[i] or '0') + tonumber(ARGV[3 * i]) > tonumber(ARGV[3 * i - 2]) then
        local left = redis.call('PTTL', key)
        if left < 0 then left = tonumber(ARGV[3 * i - 1]) end
        if left > wait then exceeded, wait = i, left end
    end
end
if exceeded > 0 then return {exceeded, wait} end
local counts = {0}
for i, key in ipairs(KEYS) do
    local amount = tonumber(ARGV[3 * i])
    if amount > 0 then
        counts[i + 1] = redis.call('INCRBY', key, amount)
        if counts[i + 1] == amount then redis.call('PEXPIRE', key, ARGV[3 * i - 1]) end
    else
        counts[i + 1] = tonumber(read[i] or '0')
    end
end
return counts
"""

_ROLLBACK = """
for i, key in ipairs(KEYS) do
    local amount = tonumber(ARGV[i])
    if amount > 0 and tonumber(redis.call('GET', key) or '0') >= amount then redis.call('DECRBY', key, amount) end
end
"""

_WAITS = """
local waits, read = {}, redis.call('MGET', unpack(KEYS))
for i, key in ipairs(KEYS) do
    local left = 0
    if tonumber(read[i] or '0') + tonumber(ARGV[3 * i]) > tonumber(ARGV[3 * i - 2]) then
        left = redis.call('PTTL', key)
        if left < 0 then left = tonumber(ARGV[3 * i - 1]) end
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
        exceeded, *values = self._consume(keys=self._keys(limits), args=_arguments(limits))
        return Exceeded(index=exceeded - 1, retry_after=values[0] / 1000) if exceeded else Consumed(tuple(values))

    def rollback(self, limits: Sequence[Limit]) -> None:
        self._rollback(keys=self._keys(limits), args=[limit.amount for limit in limits])

    def waits(self, limits: Sequence[Limit]) -> tuple[float, ...]:
        milliseconds = self._waits(keys=self._keys(limits), args=_arguments(limits))
        return tuple(left / 1000 for left in milliseconds)

    def keeps_keys_together(self) -> bool:
        """Return whether a Redis Cluster would keep all counters on one node. It refuses the scripts otherwise."""
        return _hash_tag(self._make_key("{ding}:a")) == _hash_tag(self._make_key("{ding}:b"))

    def _keys(self, limits: Sequence[Limit]) -> list[str]:
        return [self._make_key(limit.key) for limit in limits]


def _arguments(limits: Sequence[Limit]) -> list[int]:
    return [number for limit in limits for number in (limit.maximum, limit.seconds * 1000, limit.amount)]


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
