"""Destinations ruled out by the provider's lookup before a send."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test import override_settings

from django_ding.exceptions import BackendRejected, BackendUnavailable, InputError, RateLimited, UnsupportedOperation
from django_ding.guard.destinations import cached_lookup
from django_ding.models import Authentication
from django_ding.services import RetryStatus, retry, send
from django_ding.testing import sandbox, script
from tests.guard.consume import consume
from tests.helpers import Statements

VOIP, TEMPORARY, LANDLINE, PAGER, PORTED, UNKNOWN = (f"+120255501{digits}" for digits in (58, 59, 41, 46, 60, 55))
NUMBER = "+12025550100"
URL = "/api/phone/authentications/"


class CountingCache(LocMemCache):
    """Counts the calls that would each be a round trip."""

    calls: Counter[str] = Counter()

    def get(self, *args, **kwargs):
        self.calls["get"] += 1
        return super().get(*args, **kwargs)

    def set(self, *args, **kwargs):
        self.calls["set"] += 1
        return super().set(*args, **kwargs)


def local(alias="default", path=f"{__name__}.CountingCache"):
    return {alias: {"BACKEND": path, "LOCATION": f"lookups-{alias}"}}


@pytest.fixture(autouse=True)
def local_caches():
    with override_settings(CACHES=local()):
        yield
        caches["default"].clear()
        CountingCache.calls.clear()


@pytest.fixture(autouse=True)
def outbox():
    with sandbox(LOOKUP_BEFORE_SEND=True) as messages:
        yield messages


def outcome(number=NUMBER, **options):
    """Return the code or the scope of a refusal, ``None`` for none."""
    try:
        consume(number, user_id=None, ip=None, **options)
    except InputError as error:
        return error.code
    except RateLimited as error:
        return error.scope
    return None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        *[(number, "invalid_line") for number in (VOIP, TEMPORARY, LANDLINE, PAGER)],
        *[(number, None) for number in (NUMBER, PORTED, UNKNOWN, "+33612345678")],
    ],
)
def test_lookup_decides(number, code):
    assert outcome(number) == code
    assert outcome(number) == code, "The cached answer decides the same."


def test_blocked_line_types_are_those_of_the_settings():
    with sandbox(LOOKUP_BEFORE_SEND=True, BLOCKED_LINE_TYPES=["satellite"]):
        assert [outcome(number) for number in (LANDLINE, "+12025550149", VOIP)] == [None, *["invalid_line"] * 2]


def test_cached_answer_is_compared_with_the_current_settings():
    with sandbox(LOOKUP_BEFORE_SEND=True, BLOCKED_LINE_TYPES=[]):
        assert outcome(LANDLINE) is None
    assert outcome(LANDLINE) == "invalid_line"


def test_number_is_looked_up_once(simulator):
    for _ in range(3):
        outcome(NUMBER)
        outcome(VOIP)
    assert simulator.calls == {"lookup": 2}


def test_new_number_takes_a_read_and_a_write_and_a_known_one_a_read():
    outcome()
    assert CountingCache.calls == {"get": 1, "set": 1}
    outcome()
    assert CountingCache.calls == {"get": 2, "set": 1}


def test_nothing_is_looked_up_when_it_is_off(simulator):
    outcome()
    CountingCache.calls.clear()
    with sandbox(LOOKUP_BEFORE_SEND=False):
        assert outcome(VOIP) is None
        assert outcome() is None
    assert not CountingCache.calls
    assert not simulator.calls


def test_forbidden_number_is_not_looked_up(simulator):
    assert outcome("+33123456789") == "invalid_line"
    assert not simulator.calls


def test_answer_is_cached_for_its_time(clock, simulator):
    with sandbox(LOOKUP_BEFORE_SEND=True, LOOKUP_CACHE_SECONDS=60):
        for seconds in (0, 59, 2):
            clock.shift(seconds)
            assert outcome(VOIP) == "invalid_line"
        assert simulator.calls["lookup"] == 2


def test_answer_is_cached_where_rates_are_counted(simulator):
    with (
        override_settings(CACHES=local() | local("other")),
        sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMIT_CACHE="other"),
    ):
        outcome()
        caches["default"].clear()
        outcome()
        assert simulator.calls["lookup"] == 1
        caches["other"].clear()
        outcome()
        assert simulator.calls["lookup"] == 2


def test_answer_is_in_the_default_cache_when_rates_are_in_the_database(simulator):
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMIT_CACHE=None):
        assert [outcome(), outcome()] == [None, None]
    assert simulator.calls["lookup"] == 1


def test_answer_in_redis_does_not_name_the_number(redis_caches, simulator):
    cache.clear()
    with sandbox(LOOKUP_BEFORE_SEND=True, LOOKUP_CACHE_SECONDS=60):
        assert [outcome(VOIP), outcome(VOIP)] == ["invalid_line"] * 2
    assert simulator.calls["lookup"] == 1
    client = cache._cache.get_client()
    (key,) = client.keys()
    assert VOIP[1:] not in key.decode()
    assert 0 < client.ttl(key) <= 60


# What is counted


def test_refusal_after_a_lookup_stays_counted():
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "1/h/prefix"}):
        assert [outcome(VOIP), outcome(NUMBER)] == ["invalid_line", "prefix"]


def test_cached_refusal_is_not_counted():
    outcome(VOIP)
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "1/h/prefix"}):
        assert [outcome(VOIP), outcome(VOIP), outcome(NUMBER), outcome(NUMBER)] == [
            *["invalid_line"] * 2,
            None,
            "prefix",
        ]


def test_exceeded_rate_makes_no_lookup(simulator):
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "1/h/all"}):
        assert [outcome(NUMBER), outcome(VOIP)] == [None, "all"]
    assert simulator.calls["lookup"] == 1


@pytest.mark.parametrize(
    ("answer", "refusal", "code"),
    [
        ("too_many_requests", BackendUnavailable, "too_many_requests"),
        ("negative_balance", BackendRejected, "negative_balance"),
        ("invalid_phone_number", InputError, "invalid_phone_number"),
    ],
)
def test_lookup_that_was_not_made_is_rolled_back(answer, refusal, code):
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "1/h/phone"}):
        script("lookup", answer)
        with pytest.raises(refusal) as caught:
            ask()
        assert caught.value.code == code
        assert cached_lookup(NUMBER) is None
        assert outcome() is None


def ask():
    consume(NUMBER, user_id=None, ip=None)


@pytest.mark.parametrize("fault", ["dropped", "server_error", "garbage", "slow"])
def test_lookup_whose_answer_was_lost_stays_counted(fault):
    with sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "1/h/phone"}):
        script("lookup", fault)
        with pytest.raises(BackendUnavailable):
            ask()
        assert outcome() == "phone"


def test_backend_without_a_lookup_sends_nothing():
    plain = {"default": {"BACKEND": "tests.stubs.Plain"}}
    with sandbox(LOOKUP_BEFORE_SEND=True, BACKENDS=plain, RATE_LIMITS={"send": "1/h/phone"}):
        for _ in range(2):  # It isn't counted.
            with pytest.raises(UnsupportedOperation):
                ask()


def test_cache_that_is_down_counts_as_empty(simulator, caplog):
    nowhere = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    with override_settings(CACHES=nowhere):
        assert [outcome(VOIP), outcome(NUMBER)] == ["invalid_line", None]
    assert simulator.calls["lookup"] == 2
    assert {record.ding_event for record in caplog.records} == {"lookup_cache_unavailable"}
    assert all(record.exc_info for record in caplog.records)
    assert not any(number[1:] in caplog.text for number in (VOIP, NUMBER))


# From the services and the API


@pytest.mark.django_db
def test_send_to_a_refused_line_leaves_no_trace(user, simulator):
    with pytest.raises(InputError) as caught:
        send(VOIP, user=user)
    assert caught.value.code == "invalid_line"
    assert not Authentication.objects.exists()
    assert simulator.calls == {"lookup": 1}


@pytest.mark.django_db
def test_send_without_an_answer_leaves_no_row(user):
    script("lookup", "dropped")
    with pytest.raises(BackendUnavailable):
        send(NUMBER, user=user)
    assert not Authentication.objects.exists()
    assert send(NUMBER, user=user).authentication.status == "pending"


@pytest.mark.django_db
def test_send_takes_no_statement_more(user):
    with Statements() as statements:
        send(NUMBER, user=user)
    assert len(statements) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("is_cached", [True, False])
def test_retry_does_not_look_up(user, clock, simulator, is_cached):
    authentication = send(NUMBER, user=user).authentication
    clock.shift(30)
    if not is_cached:
        cache.clear()
    script("lookup", "Voip")
    CountingCache.calls.clear()
    assert retry(authentication).status is RetryStatus.APPROVED
    clock.shift(30)
    assert send(NUMBER, user=user).authentication == authentication
    assert simulator.calls == {"send": 1, "lookup": 1, "retry": 2}
    assert not CountingCache.calls


@pytest.mark.django_db
def test_lookup_is_made_by_the_backend_that_sends(user):
    backends = {
        "default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"},
        "other": {"BACKEND": "tests.stubs.Plain"},
    }
    with sandbox(LOOKUP_BEFORE_SEND=True, BACKENDS=backends):
        with pytest.raises(UnsupportedOperation, match="'other'"):
            send(NUMBER, user=user, backend="other")
        assert send(NUMBER, user=user).authentication.status == "pending"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(VOIP, 400, "invalid_line"), (TEMPORARY, 400, "invalid_line"), ("+12025550116", 503, "unavailable")],
)
def test_rest_responds_as_to_the_provider(client, user, number, status, code):
    client.force_login(user)
    answer = client.post(URL, {"phone_number": number})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["default", None])
def test_many_at_once_make_as_many_lookups_as_the_rates_allow(redis_caches, simulator, where):
    def one_of_many(_):
        try:
            return outcome(VOIP)
        finally:
            connection.close()

    cache.clear()
    with (
        sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMIT_CACHE=where, RATE_LIMITS={"send": "2/h/phone"}),
        ThreadPoolExecutor(16) as pool,
    ):
        refusals = set(pool.map(one_of_many, range(48)))
    assert refusals <= {"invalid_line", "phone"}
    assert 1 <= simulator.calls["lookup"] <= 2
