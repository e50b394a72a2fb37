"""One contract for every store of counters."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.guard.counters import (
    NO_LIMIT,
    CacheCounterStore,
    Consumed,
    Limit,
    RedisCounterStore,
    counter_key,
    get_counter_store,
)
from django_ding.guard.counters.database import DatabaseCounterStore
from django_ding.models import RateLimitCounter
from tests.guard.helpers import REDIS, Counting, redis
from tests.settings import REDIS_URL

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counters"}}


@pytest.fixture
def local_caches():
    with override_settings(CACHES=LOCAL):
        yield
        caches["default"].clear()


def test_key_changes_with_the_secret(settings):
    before = counter_key("send", "+33612345678")
    settings.SECRET_KEY = "new"
    assert counter_key("send", "+33612345678") != before
    assert "612345678" not in before


everywhere = pytest.mark.parametrize(
    "counters",
    ["redis", "local", pytest.param("database", marks=pytest.mark.django_db(transaction=True))],
    indirect=True,
)


@pytest.fixture
def counters(request):
    if request.param == "database":
        return get_counter_store(None)
    request.getfixturevalue(f"{request.param}_caches")
    return get_counter_store("default")


@pytest.fixture
def limit():
    """Return a function that makes limits with keys that nothing else uses."""
    run = uuid4()

    def make(name, maximum=2, seconds=60, **others):
        return Limit(key=f"{{ding}}:{run}:{name}", maximum=maximum, seconds=seconds, **others)

    return make


def has_room(counters, *limits):
    return isinstance(counters.consume(limits), Consumed)


@everywhere
def test_consume_up_to_the_maximum(counters, limit):
    assert [has_room(counters, limit("a")) for _ in range(4)] == [True, True, False, False]


@everywhere
def test_exceeded_has_the_index_and_the_wait(counters, limit):
    counters.consume([limit("b", 1, 30), limit("c", 1, 90), limit("d")])
    exceeded = counters.consume([limit("a"), limit("b", 1, 30), limit("c", 1, 90)])
    assert exceeded.index == 2
    assert 85 < exceeded.retry_after <= 90


@everywhere
def test_exceeded_limit_consumes_none_of_the_others(counters, limit):
    counters.consume([limit("a", 1)])
    for _ in range(5):
        assert not has_room(counters, limit("b"), limit("a", 1))
    assert [has_room(counters, limit("b")) for _ in range(3)] == [True, True, False]


@everywhere
def test_maximum_of_zero_allows_nothing(counters, limit):
    assert not has_room(counters, limit("a", 0))


@everywhere
def test_rollback_makes_room_again(counters, limit):
    limits = [limit("a", 1), limit("b", 1)]
    counters.consume(limits)
    counters.rollback(limits)
    assert has_room(counters, *limits)
    assert not has_room(counters, *limits)


@everywhere
def test_rollback_of_what_was_not_consumed_makes_no_room(counters, limit):
    counters.rollback([limit("a", 1)])
    assert [has_room(counters, limit("a", 1)) for _ in range(2)] == [True, False]


@everywhere
def test_window_ends(counters, limit, request):
    if isinstance(counters, RedisCounterStore):
        pytest.skip("Redis has a clock of its own")
    clock = request.getfixturevalue("clock")
    assert has_room(counters, limit("a", 1, 30))
    clock.shift(29.5)
    assert counters.consume([limit("a", 1, 30)]).retry_after == pytest.approx(0.5, abs=0.1)
    clock.shift(1)
    assert has_room(counters, limit("a", 1, 30))
    assert not has_room(counters, limit("a", 1, 30))


@everywhere
def test_window_restarts_after_everything_was_rolled_back(counters, limit):
    counters.consume([limit("a", 1, 30)])
    counters.rollback([limit("a", 1, 30)])
    counters.consume([limit("a", 1, 90)])
    assert 85 < counters.consume([limit("a", 1, 90)]).retry_after <= 90


@everywhere
def test_counts_are_in_the_order_of_the_limits(counters, limit):
    counters.consume([limit("a", 9), limit("a2", 9)])
    counters.consume([limit("a", 9)])
    only_counts = limit("c", NO_LIMIT)
    assert counters.consume([limit("a2", 9), only_counts, limit("a", 9)]) == Consumed((2, 1, 3))
    assert counters.consume([only_counts]) == Consumed((2,))


@everywhere
def test_exceeded_has_the_counts_where_no_counter_is_ever_lost(counters, limit):
    counters.consume([limit("a", 9, amount=3), limit("b", 1)])
    outcomes = [
        counters.consume([limit("a", 9), limit("b", 1), limit("c")]),
        counters.consume([limit("a", 9, amount=0), limit("b", 1)]),
    ]
    is_cache = isinstance(counters, CacheCounterStore)
    assert [outcome.counts for outcome in outcomes] == ([None, None] if is_cache else [(3, 1, 0), (3, 1)])


@everywhere
def test_window_of_a_renewed_counter_lasts_from_the_last_amount_on(counters, limit):
    counters.consume([limit("a", NO_LIMIT, 30), limit("b", NO_LIMIT, 30, renews=True)])
    counters.consume([limit("a", NO_LIMIT, 90), limit("b", NO_LIMIT, 90, renews=True)])
    assert 25 < counters.consume([limit("a", 1)]).retry_after <= 30
    assert 85 < counters.consume([limit("b", 1)]).retry_after <= 90


@everywhere
def test_renewal_never_shortens_a_window(counters, limit):
    if isinstance(counters, CacheCounterStore):
        pytest.skip("A cache doesn't say when a key expires")
    for seconds in (90, 30):
        counters.consume([limit("a", NO_LIMIT, seconds, renews=True)])
    assert 85 < counters.consume([limit("a", 1)]).retry_after <= 90


@everywhere
def test_refusal_renews_nothing(counters, limit):
    counters.consume([limit("a", NO_LIMIT, 30, renews=True)])
    counters.consume([limit("a", NO_LIMIT, 90, renews=True), limit("b", 0)])
    assert 25 < counters.consume([limit("a", 1)]).retry_after <= 30


@everywhere
def test_amount_is_consumed_and_rolled_back_whole(counters, limit):
    assert counters.consume([limit("a", 5, amount=3)]) == Consumed((3,))
    assert not has_room(counters, limit("a", 5, amount=3))
    assert counters.consume([limit("a", 5, amount=2), limit("b", 5)]) == Consumed((5, 1))
    counters.rollback([limit("a", 5, amount=2), limit("b", 5)])
    assert counters.consume([limit("a", 5, amount=0), limit("b", 5, amount=0)]) == Consumed((3, 0))


@everywhere
def test_amount_of_zero_consumes_nothing_and_requires_an_empty_counter(counters, limit):
    empty = limit("a", 0, amount=0)
    assert [counters.consume([empty]) for _ in range(2)] == [Consumed((0,))] * 2
    counters.consume([limit("a", 1, 90)])
    exceeded = counters.consume([limit("b", 1), empty])
    assert exceeded.index == 1
    assert 85 < exceeded.retry_after <= 90
    counters.rollback([empty])
    assert not has_room(counters, limit("b", 1), empty)
    counters.rollback([limit("a", 1)])
    assert has_room(counters, limit("b", 1), empty)


def test_amount_of_zero_leaves_no_key_in_redis(redis_caches, limit):
    counters, client = get_counter_store("default"), redis.Redis.from_url(REDIS_URL)
    counters.consume([limit("a", 0, amount=0)])
    counters.rollback([limit("a", 0, amount=0)])
    assert not client.keys(f"*{limit('a').key}")


@pytest.mark.django_db
def test_amount_of_zero_leaves_no_row(limit):
    DatabaseCounterStore().consume([limit("a"), limit("b", 0, amount=0)])
    assert [row.key for row in RateLimitCounter.objects.all()] == [limit("a").key]


def test_window_is_not_extended(redis_caches, limit):
    counters, client = get_counter_store("default"), redis.Redis.from_url(REDIS_URL)
    for _ in range(3):
        counters.consume([limit("a", 2, 1000)])
        (key,) = client.keys(f"*{limit('a').key}")
        client.pexpire(key, 500_000)
    assert counters.consume([limit("a", 2, 1000)]).retry_after <= 500


@everywhere
def test_many_at_once_consume_up_to_the_maximum(counters, limit):
    def consume(_):
        try:
            return has_room(store_like(counters), limit("a", 7), limit("b", 1000))
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        allowed = list(pool.map(consume, range(48)))
    assert allowed.count(True) == 7


def store_like(counters):
    return counters if isinstance(counters, DatabaseCounterStore) else get_counter_store("default")


def test_redis_decides_in_one_round_trip(redis_caches, limit):
    counted = REDIS["default"] | {"OPTIONS": {"connection_class": Counting}}
    limits = [*(limit(name, 1) for name in "abcdef"), limit("tally", NO_LIMIT), limit("block", 0, amount=0)]
    with override_settings(CACHES={"default": counted}):
        counters = get_counter_store("default")
        counters.consume(limits)  # Opens the connection and loads the scripts.
        counters.rollback(limits)
        before = Counting.sent
        assert has_room(counters, *limits)
        assert not has_room(counters, *limits)
        counters.rollback(limits)
    assert Counting.sent - before == 3


@pytest.mark.django_db
def test_database_decides_in_three_statements(limit, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 1.0)  # Nothing is deleted.
    limits = [*(limit(name, 1) for name in "abcdef"), limit("tally", NO_LIMIT), limit("block", 0, amount=0)]
    for expected in (3, 2):  # An exceeded limit changes nothing.
        with CaptureQueriesContext(connection) as statements:
            DatabaseCounterStore().consume(limits)
        sql = [query["sql"] for query in statements.captured_queries]
        assert len([line for line in sql if line.startswith(("INSERT", "SELECT", "UPDATE", "DELETE"))]) == expected


@pytest.mark.django_db
def test_database_deletes_ended_windows(limit, clock, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    DatabaseCounterStore().consume([limit("a")])
    clock.shift(61)
    DatabaseCounterStore().consume([limit("b")])
    assert [row.key for row in RateLimitCounter.objects.all()] == [limit("b").key]
    assert str(RateLimitCounter(key="k", count=1, expires_at=timezone.now())) == "k 1"


@pytest.mark.parametrize("path", ["dummy.DummyCache", "filebased.FileBasedCache"])
def test_cache_without_atomic_incr_is_refused(path, tmp_path):
    with (
        override_settings(CACHES={"default": {"BACKEND": f"django.core.cache.backends.{path}", "LOCATION": tmp_path}}),
        pytest.raises(ImproperlyConfigured, match="can't count requests"),
    ):
        get_counter_store("default")


class Expiring(LocMemCache):
    """Ends the window between ``add`` and ``incr``, once."""

    has_ended = False

    def incr(self, key, delta=1, version=None):
        if not self.has_ended:
            self.has_ended = True
            self.delete(key, version=version)
        return super().incr(key, delta, version)


def test_window_that_ends_while_it_is_counted_begins_anew(limit):
    cache = {"BACKEND": f"{__name__}.Expiring", "LOCATION": "expiring"}
    with override_settings(CACHES={"default": cache}):
        counters = get_counter_store("default")
        assert [has_room(counters, limit("a")) for _ in range(3)] == [True, True, False]
        caches["default"].clear()


def test_store_of_a_cache_is_created_once(local_caches):
    assert isinstance(caches["default"], LocMemCache)
    assert isinstance(get_counter_store("default"), CacheCounterStore)
    assert get_counter_store("default") is get_counter_store("default")


@everywhere
def test_waits_are_of_each_limit_and_change_nothing(counters, limit):
    full, free, unused = limit("a", 1, 90), limit("b", 2, 60), limit("c", 1, 30)
    counters.consume([full, free])
    for _ in range(3):
        waits = counters.waits([full, free, unused, limit("d", 0, 45)])
        assert 85 < waits[0] <= 90
        assert waits[1:] == pytest.approx((0, 0, 45), abs=0.1)
    assert counters.consume([free, unused]) == Consumed((2, 1))


def test_waits_leave_no_key_in_redis(redis_caches, limit):
    counters, client = get_counter_store("default"), redis.Redis.from_url(REDIS_URL)
    counters.waits([limit("a"), limit("b", 0)])
    assert not client.keys(f"*{limit('a').key[:-1]}*")


@pytest.mark.django_db
def test_waits_only_read_the_database(limit):
    with CaptureQueriesContext(connection) as queries:
        DatabaseCounterStore().waits([limit("a"), limit("b", 0)])
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
