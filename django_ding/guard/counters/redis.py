"""Counters in Redis: one script, and so one round trip, per decision."""

from collections.abc import Callable, Sequence
from typing import Any

from django_ding.guard.counters.base import Counters, Full, Slot, Taken

# For each key: its limit, its window in milliseconds, and how much to take of it.
_TAKE = """
local full, wait = 0, -1
for i, key in ipairs(KEYS) do
    local count = tonumber(redis.call('GET', key) or '0')
    if count + tonumber(ARGV[3 * i]) > tonumber(ARGV[3 * i - 2]) then
        local left = redis.call('PTTL', key)
        if left < 0 then left = tonumber(ARGV[3 * i - 1]) end
        if left > wait then full, wait = i, left end
    end
end
if full > 0 then return {full, wait} end
local taken = {0}
for i, key in ipairs(KEYS) do
    local amount = tonumber(ARGV[3 * i])
    if amount > 0 then
        taken[i + 1] = redis.call('INCRBY', key, amount)
        if taken[i + 1] == amount then redis.call('PEXPIRE', key, ARGV[3 * i - 1]) end
    else
        taken[i + 1] = tonumber(redis.call('GET', key) or '0')
    end
end
return taken
"""

_GIVE_BACK = """
for i, key in ipairs(KEYS) do
    local amount = tonumber(ARGV[i])
    if amount > 0 and tonumber(redis.call('GET', key) or '0') >= amount then redis.call('DECRBY', key, amount) end
end
"""


class RedisCounters(Counters):
    """Counters behind Django's Redis cache or django-redis.

    :param client: of redis-py.
    :param make_key: the cache's, so that projects that share a Redis don't share counters.
    """

    def __init__(self, client: Any, make_key: Callable[[str], str]) -> None:
        self._make_key = make_key
        self._take = client.register_script(_TAKE)
        self._give_back = client.register_script(_GIVE_BACK)

    def take(self, slots: Sequence[Slot]) -> Taken | Full:
        numbers = [number for slot in slots for number in (slot.limit, slot.seconds * 1000, slot.amount)]
        full, *told = self._take(keys=self._keys(slots), args=numbers)
        return Full(index=full - 1, retry_after=told[0] / 1000) if full else Taken(tuple(told))

    def give_back(self, slots: Sequence[Slot]) -> None:
        self._give_back(keys=self._keys(slots), args=[slot.amount for slot in slots])

    def _keys(self, slots: Sequence[Slot]) -> list[str]:
        return [self._make_key(slot.key) for slot in slots]


def redis_client(cache: Any) -> Any | None:
    """Return the redis-py client of a cache, ``None`` when it is kept elsewhere."""
    for holder in (getattr(cache, "client", None), getattr(cache, "_cache", None)):  # django-redis, Django
        client = holder.get_client(write=True) if holder and hasattr(holder, "get_client") else None
        if hasattr(client, "register_script"):
            return client
    return None
