"""When the next code may be sent: what the guard would say, asked without counting."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.exceptions import RateLimited
from django_ding.guard.availability import FOREVER, LimitState, Obstacle, limit_states, longest_wait
from django_ding.guard.lockouts import lockout_keys
from django_ding.models import Authentication, Lockout, PhoneNumber
from django_ding.models.base import RequesterType
from django_ding.services import check, send
from django_ding.testing import sandbox
from tests.guard.consume import consume

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters", "clock")]

A, B = "+12025550100", "+12025550101"


def row(phone_number=A, *, user=None, ip=None, requester_type=None, **fields):
    """Return an authentication that isn't saved, by default a user's or else a visitor's."""
    requester_type = requester_type or (RequesterType.USER if user else RequesterType.VISITOR)
    fields = {"expires_at": timezone.now() + timedelta(minutes=10)} | fields
    return Authentication(phone_number=phone_number, user=user, ip=ip, requester_type=requester_type, **fields)


def waits(authentication):
    """Return the seconds of each limit that is exhausted."""
    states = limit_states(authentication)
    return {f"{state.kind}:{state.scope}": round(state.wait) for state in states if state.wait}


def test_each_rate_has_its_own_wait(clock):
    with sandbox(RATE_LIMITS={"send": "1/30s/phone,2/h/phone,5/d/ip"}):
        for _ in range(2):
            consume(A, ip="192.0.2.1")
            clock.shift(40)
        states = [state for state in limit_states(row(ip="192.0.2.1")) if state.kind is Obstacle.RATE]
    assert [(state.rate.name, round(state.wait)) for state in states] == [
        ("phone:1:30", 0),
        ("phone:2:3600", 3520),
        ("ip:5:86400", 0),
    ]


def test_reading_counts_nothing():
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        for _ in range(5):
            assert not waits(row())
        consume(A)
        assert waits(row()) == {"rate:phone": 3600}
        with pytest.raises(RateLimited):
            consume(A)


def test_networks_of_an_address_are_one_limit():
    with sandbox(RATE_LIMITS={"send": "1/h/ip"}):
        consume(A, ip="2001:db8::1")
        states = [state for state in limit_states(row(B, ip="2001:db8::2")) if state.kind is Obstacle.RATE]
    assert [round(state.wait) for state in states] == [3600]


def test_own_number_has_rates_in_reserve(user, other_user):
    with sandbox(RATE_LIMITS={"send": "1/h/phone,1/h/ip"}):
        consume(A, user_id=other_user.pk, ip="192.0.2.1")
        assert waits(row(user=user, ip="192.0.2.1")) == {"rate:phone": 3600, "rate:ip": 3600}
        PhoneNumber.objects.create(user=user, phone_number=A)
        assert not waits(row(user=user, ip="192.0.2.1"))


def test_reserve_does_not_help_beyond_a_users_own_rate(user):
    PhoneNumber.objects.create(user=user, phone_number=A)
    with sandbox(RATE_LIMITS={"send": "1/h/user"}):
        consume(A, user_id=user.pk)
        assert waits(row(user=user)) == {"rate:user": 3600}


def test_block(clock, phone):
    with sandbox(MIN_CONVERSION="100%/1/h/prefix", CONVERSION_BLOCK_SECONDS=600):
        send(phone, ip="192.0.2.1")
        clock.shift(150)
        with pytest.raises(RateLimited):
            send(phone)
        clock.shift(100)
        assert waits(row(phone)) == {"block:prefix": 500}
        assert not waits(row(phone, requester_type=RequesterType.LOGIN))


def test_lockout_of_a_user(user):
    authentication = row(user=user, purpose="second_factor")
    ((scope, key),) = lockout_keys(authentication).items()
    lockout = Lockout.objects.create(scope=scope, user=user, phone_number=A, wrong_codes=50, active_key=key)
    assert limit_states(authentication)[-1] == LimitState(
        kind=Obstacle.LOCKOUT, scope="user", wait=FOREVER, row=lockout
    )
    assert longest_wait(limit_states(authentication)) == FOREVER


def test_lockout_that_a_right_code_has_ended_is_left_to_the_next_request(user, outbox, clock, phone):
    sent = send(phone, user=user).authentication
    key = next(iter(lockout_keys(sent).values()))
    lockout = Lockout.objects.create(scope="user", user=user, phone_number=phone, wrong_codes=50, active_key=key)
    clock.shift(1)
    Authentication.objects.filter(pk=sent.pk).update(status="validated", validated_at=timezone.now())
    assert not [state for state in limit_states(sent) if state.row]
    lockout.refresh_from_db()
    assert lockout.active_key == key


@pytest.mark.parametrize(
    ("fields", "wait"),
    [
        ({}, 30),
        ({"next_retry_at": None}, 0),
        ({"remaining_retry": 0}, 600),
        ({"check_count": 99}, 600),
        ({"status": "failed"}, 30),
        ({"dedup_key": None}, 0),
    ],
)
def test_code_of_its_own(fields, wait):
    next_retry_at = timezone.now() + timedelta(seconds=30)
    fields = {"dedup_key": uuid4(), "status": "pending", "remaining_retry": 3, "next_retry_at": next_retry_at} | fields
    assert longest_wait(limit_states(row(**fields))) == pytest.approx(wait)


def test_code_of_its_own_that_was_entered(outbox, phone):
    sent = send(phone, user=None, ip="192.0.2.1").authentication
    assert waits(sent).get("cooldown:") == 30
    check(sent, outbox[-1].code)
    assert "cooldown:" not in waits(sent)


def test_newer_code_of_the_same_requester(clock, phone, user, other_user):
    with sandbox(RATE_LIMITS={"send": ""}):
        ended = send(phone, user=user).authentication
        Authentication.objects.filter(pk=ended.pk).update(dedup_key=None, status="expired")
        ended.refresh_from_db()
        clock.shift(60)
        send(phone, user=other_user)
        assert not waits(ended)
        clock.shift(60)
        send(phone, user=user)
        assert waits(ended) == {"cooldown:": 30}


@pytest.mark.parametrize(("ip", "is_held"), [("192.0.2.1", True), ("192.0.2.2", False), (None, False), ("::", False)])
def test_newer_code_of_the_same_visitor(outbox, phone, ip, is_held):
    send(phone, ip="192.0.2.1")
    visitor = row(phone, ip=ip, purpose="signup")
    assert ("cooldown:" in waits(visitor)) is is_held


def test_destination_that_the_settings_rule_out():
    with sandbox(BLOCKED_COUNTRIES=["US"]):
        assert limit_states(row())[0] == LimitState(kind=Obstacle.DESTINATION, scope="unsupported_region", wait=FOREVER)


def test_test_number_has_rates_only():
    with sandbox(BLOCKED_COUNTRIES=["US"], RATE_LIMITS={"send": "1/h/phone"}):
        kinds = {state.kind for state in limit_states(row(backend="test-numbers"))}
    assert kinds == {Obstacle.COOLDOWN, Obstacle.RATE, Obstacle.LOCKOUT}


@pytest.mark.parametrize("cache", [None, "default"])
def test_nothing_is_written(user, cache):
    with sandbox(RATE_LIMIT_CACHE=cache), CaptureQueriesContext(connection) as queries:
        before = dict(caches["default"]._cache)
        limit_states(row(user=user, ip="192.0.2.1"))
        assert dict(caches["default"]._cache) == before
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
