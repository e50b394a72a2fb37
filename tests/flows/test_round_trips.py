"""How often a service asks Redis: once for each message, whatever the answer, and never for a check.

The first refusal of an hour asks it once more, since rows of refusals are limited.
"""

from uuid import uuid4

import pytest
from django.test import override_settings

from django_ding.exceptions import InputError, RateLimited
from django_ding.models import PhoneNumber
from django_ding.services import check, retry, send
from django_ding.testing import sandbox
from tests.guard.conftest import redis_caches  # noqa: F401 - a fixture
from tests.guard.helpers import REDIS, Counting, redis
from tests.helpers import Statements
from tests.settings import REDIS_URL

SCOPES = ("phone", "user", "ip", "prefix", "country", "all")

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_trips(redis_caches):  # noqa: F811
    """Return a function that counts the round trips of a call, whatever it raises."""
    run = str(uuid4())
    options = {"OPTIONS": {"connection_class": Counting}, "KEY_PREFIX": run}
    rates = ",".join(f"3/h/{scope}" for scope in SCOPES)
    with (
        override_settings(CACHES={"default": REDIS["default"] | options}),
        sandbox(RATE_LIMITS={"send": rates}, SANDBOX={"stateless": False}) as outbox,
    ):
        for _ in range(
            2
        ):  # Opens the connection, and lets Redis know both scripts: the second consumes and rolls back.
            send("+33612340000", ip="192.0.2.1")
        yield lambda call, *refusals: count(call, refusals), outbox
        client = redis.Redis.from_url(REDIS_URL)
        client.delete(*client.keys(f"{run}:*"))


def count(call, refusals):
    before = Counting.sent
    try:
        call()
    except refusals:
        pass
    else:
        assert not refusals
    return Counting.sent - before


def test_send_asks_redis_once(round_trips, user, phone):
    count, _ = round_trips
    assert count(lambda: send(phone, user=user).authentication) == 1


def test_send_beyond_a_rate_asks_redis_once(round_trips, phone):
    count, _ = round_trips
    for n in range(2):
        send(phone, ip=f"192.0.2.{n}")
    assert [count(lambda: send(phone, ip="192.0.2.3"), RateLimited) for _ in range(2)] == [2, 1]


@pytest.mark.usefixtures("round_trips")
@pytest.mark.parametrize("scope", ["phone", "ip", "prefix", "user"])
def test_send_beyond_a_rate_that_is_repeated_asks_no_database(user, phone, scope):
    costs = []
    with sandbox(RATE_LIMITS={"send": f"0/h/{scope}"}):
        for _ in range(320):
            with Statements() as statements, pytest.raises(RateLimited):
                send(phone, user=user if scope == "user" else None, ip="192.0.2.1")
            costs.append(len(statements))
    assert costs == [2, *[1] * 31, *[0, 1] * 16, *[0, 0, 0, 1] * 16, *[*[0] * 7, 1] * 16, *[*[0] * 15, 1] * 4]


def test_send_to_a_number_of_ones_own_beyond_a_rate_asks_redis_twice(round_trips, user, other_user, phone):
    count, _ = round_trips
    PhoneNumber.objects.create(user=user, phone_number=phone)
    for purpose in ("link", "login", "reset"):
        send(phone, user=other_user, purpose=purpose)
    assert count(lambda: send(phone, user=user)) == 2


def test_send_within_the_cooldown_consumes_and_rolls_back(round_trips, user, phone):
    count, _ = round_trips
    send(phone, user=user)
    assert count(lambda: send(phone, user=user).authentication) == 2


def test_send_within_the_cooldown_that_a_rate_refuses_asks_redis_once(round_trips, user, phone):
    count, _ = round_trips
    with sandbox(RATE_LIMITS={"send": "1/30s/phone"}):
        send(phone, user=user)
        assert count(lambda: send(phone, user=user).authentication) == 1


def test_send_that_retries_consumes_rolls_back_and_consumes(round_trips, user, phone, clock):
    count, _ = round_trips
    send(phone, user=user)
    clock.shift(30)
    assert count(lambda: send(phone, user=user).authentication) == 3


def test_send_to_a_blocked_country_asks_redis_nothing(round_trips, user, phone):
    count, _ = round_trips
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        assert [count(lambda: send(phone, user=user).authentication, InputError) for _ in range(2)] == [1, 0]


def test_retry_asks_redis_once(round_trips, user, phone, clock):
    count, _ = round_trips
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    for _ in range(2):
        assert count(lambda: retry(authentication)) == 1
        clock.shift(30)
    assert [count(lambda: retry(authentication), RateLimited) for _ in range(2)] == [2, 1]


def test_check_asks_redis_nothing(round_trips, user, phone):
    count, outbox = round_trips
    authentication = send(phone, user=user).authentication
    assert count(lambda: check(authentication, "000000")) == 0
    assert count(lambda: check(authentication, outbox[-1].code)) == 0
