"""One contract for every place where counts can be kept."""

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
    CacheCounters,
    DatabaseCounters,
    RedisCounters,
    Slot,
    Taken,
    get_counters,
)
from django_ding.models import Counter
from tests.guard.conftest import REDIS, REDIS_URL, Counting, redis

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counters"}}


@pytest.fixture
def local_caches():
    with override_settings(CACHES=LOCAL):
        yield
        caches["default"].clear()


everywhere = pytest.mark.parametrize(
    "counters",
    ["redis", "local", pytest.param("database", marks=pytest.mark.django_db(transaction=True))],
    indirect=True,
)


@pytest.fixture
def counters(request):
    if request.param == "database":
        return get_counters("database")
    request.getfixturevalue(f"{request.param}_caches")
    return get_counters("default")


@pytest.fixture
def slot():
    """Return a function that makes slots of counters that nothing else uses."""
    run = uuid4()

    def make(name, limit=2, seconds=60, amount=1):
        return Slot(key=f"{{ding}}:{run}:{name}", limit=limit, seconds=seconds, amount=amount)

    return make


def fits(counters, *slots):
    return isinstance(counters.take(slots), Taken)


@everywhere
def test_take_until_it_is_full(counters, slot):
    assert [fits(counters, slot("a")) for _ in range(4)] == [True, True, False, False]


@everywhere
def test_full_tells_which_and_for_how_long(counters, slot):
    counters.take([slot("b", 1, 30), slot("c", 1, 90), slot("d")])
    full = counters.take([slot("a"), slot("b", 1, 30), slot("c", 1, 90)])
    assert full.index == 2
    assert 85 < full.retry_after <= 90


@everywhere
def test_refusal_takes_nothing_from_the_others(counters, slot):
    counters.take([slot("a", 1)])
    for _ in range(5):
        assert not fits(counters, slot("b"), slot("a", 1))
    assert [fits(counters, slot("b")) for _ in range(3)] == [True, True, False]


@everywhere
def test_limit_of_zero_lets_nothing_through(counters, slot):
    assert not fits(counters, slot("a", 0))


@everywhere
def test_given_back_is_free_again(counters, slot):
    slots = [slot("a", 1), slot("b", 1)]
    counters.take(slots)
    counters.give_back(slots)
    assert fits(counters, *slots)
    assert not fits(counters, *slots)


@everywhere
def test_giving_back_what_was_not_taken_gives_nothing(counters, slot):
    counters.give_back([slot("a", 1)])
    assert [fits(counters, slot("a", 1)) for _ in range(2)] == [True, False]


@everywhere
def test_window_ends(counters, slot, request):
    if isinstance(counters, RedisCounters):
        pytest.skip("Redis has a clock of its own")
    clock = request.getfixturevalue("clock")
    assert fits(counters, slot("a", 1, 30))
    clock.shift(29.5)
    assert counters.take([slot("a", 1, 30)]).retry_after == pytest.approx(0.5, abs=0.1)
    clock.shift(1)
    assert fits(counters, slot("a", 1, 30))
    assert not fits(counters, slot("a", 1, 30))


@everywhere
def test_window_begins_anew_when_everything_was_given_back(counters, slot):
    counters.take([slot("a", 1, 30)])
    counters.give_back([slot("a", 1, 30)])
    counters.take([slot("a", 1, 90)])
    assert 85 < counters.take([slot("a", 1, 90)]).retry_after <= 90


@everywhere
def test_counts_are_told_in_order(counters, slot):
    counters.take([slot("a", 9), slot("a2", 9)])
    counters.take([slot("a", 9)])
    tally = slot("c", NO_LIMIT)
    assert counters.take([slot("a2", 9), tally, slot("a", 9)]) == Taken((2, 1, 3))
    assert counters.take([tally]) == Taken((2,))


@everywhere
def test_amount_is_taken_and_given_back_whole(counters, slot):
    assert counters.take([slot("a", 5, amount=3)]) == Taken((3,))
    assert not fits(counters, slot("a", 5, amount=3))
    assert counters.take([slot("a", 5, amount=2), slot("b", 5)]) == Taken((5, 1))
    counters.give_back([slot("a", 5, amount=2), slot("b", 5)])
    assert counters.take([slot("a", 5, amount=0), slot("b", 5, amount=0)]) == Taken((3, 0))


@everywhere
def test_look_takes_nothing_and_is_refused_while_something_is_taken(counters, slot):
    look = slot("a", 0, amount=0)
    assert [counters.take([look]) for _ in range(2)] == [Taken((0,))] * 2
    counters.take([slot("a", 1, 90)])
    full = counters.take([slot("b", 1), look])
    assert full.index == 1
    assert 85 < full.retry_after <= 90
    counters.give_back([look])
    assert not fits(counters, slot("b", 1), look)
    counters.give_back([slot("a", 1)])
    assert fits(counters, slot("b", 1), look)


def test_look_leaves_no_key_in_redis(redis_caches, slot):
    counters, client = get_counters("default"), redis.Redis.from_url(REDIS_URL)
    counters.take([slot("a", 0, amount=0)])
    counters.give_back([slot("a", 0, amount=0)])
    assert not client.keys(f"*{slot('a').key}")


@pytest.mark.django_db
def test_look_leaves_no_row(slot):
    DatabaseCounters().take([slot("a"), slot("b", 0, amount=0)])
    assert [row.key for row in Counter.objects.all()] == [slot("a").key]


def test_window_is_not_prolonged(redis_caches, slot):
    counters, client = get_counters("default"), redis.Redis.from_url(REDIS_URL)
    for _ in range(3):
        counters.take([slot("a", 2, 1000)])
        (key,) = client.keys(f"*{slot('a').key}")
        client.pexpire(key, 500_000)
    assert counters.take([slot("a", 2, 1000)]).retry_after <= 500


@everywhere
def test_many_at_once_take_what_there_is(counters, slot):
    def take(_):
        try:
            return fits(get_counters_of(counters), slot("a", 7), slot("b", 1000))
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(take, range(48)))
    assert taken.count(True) == 7


def get_counters_of(counters):
    return counters if isinstance(counters, DatabaseCounters) else get_counters("default")


def test_redis_decides_in_one_round_trip(redis_caches, slot):
    counted = REDIS["default"] | {"OPTIONS": {"connection_class": Counting}}
    slots = [*(slot(name, 1) for name in "abcdef"), slot("tally", NO_LIMIT), slot("block", 0, amount=0)]
    with override_settings(CACHES={"default": counted}):
        counters = get_counters("default")
        counters.take(slots)  # Opens the connection, and lets Redis know the scripts.
        counters.give_back(slots)
        before = Counting.sent
        assert fits(counters, *slots)
        assert not fits(counters, *slots)
        counters.give_back(slots)
    assert Counting.sent - before == 3


@pytest.mark.django_db
def test_database_decides_in_three_statements(slot, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 1.0)  # Nothing is swept now.
    slots = [*(slot(name, 1) for name in "abcdef"), slot("tally", NO_LIMIT), slot("block", 0, amount=0)]
    for expected in (3, 2):  # A refusal changes nothing.
        with CaptureQueriesContext(connection) as statements:
            DatabaseCounters().take(slots)
        sql = [query["sql"] for query in statements.captured_queries]
        assert len([line for line in sql if line.startswith(("INSERT", "SELECT", "UPDATE", "DELETE"))]) == expected


@pytest.mark.django_db
def test_database_forgets_what_is_over(slot, clock, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    DatabaseCounters().take([slot("a")])
    clock.shift(61)
    DatabaseCounters().take([slot("b")])
    assert [row.key for row in Counter.objects.all()] == [slot("b").key]
    assert str(Counter(key="k", count=1, expires_at=timezone.now())) == "k 1"


@pytest.mark.parametrize("path", ["dummy.DummyCache", "filebased.FileBasedCache"])
def test_cache_that_cannot_count_is_refused(path, tmp_path):
    with (
        override_settings(CACHES={"default": {"BACKEND": f"django.core.cache.backends.{path}", "LOCATION": tmp_path}}),
        pytest.raises(ImproperlyConfigured, match="can't count"),
    ):
        get_counters("default")


def test_counters_of_a_cache_are_made_once(local_caches):
    assert isinstance(caches["default"], LocMemCache)
    assert isinstance(get_counters("default"), CacheCounters)
    assert get_counters("default") is get_counters("default")
