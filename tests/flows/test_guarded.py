"""Every way to send passes the guard."""

import pytest
from django.core.cache import caches
from django.test import override_settings
from rest_framework.test import APIClient

from django_ding import guard
from django_ding.exceptions import BackendRejected, BackendUnavailable, InputError, RateLimited
from django_ding.models import Authentication
from django_ding.services import retry, send
from django_ding.testing import sandbox, script

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


@pytest.fixture
def hourly():
    """Two messages an hour for each number. The provider sends each requester their own."""
    with sandbox(RATE_LIMITS={"send": "2/h/phone"}, SANDBOX={"stateless": False}) as outbox:
        yield outbox


def test_send_beyond_the_rate_leaves_no_trace(hourly, phone):
    send(phone, ip="192.0.2.1")
    send(phone, ip="192.0.2.2")
    with pytest.raises(RateLimited):
        send(phone, ip="192.0.2.3")
    assert Authentication.objects.count() == 2


def test_send_again_within_the_cooldown_takes_nothing(hourly, phone):
    for _ in range(5):
        send(phone, ip="192.0.2.1")
    send(phone, ip="192.0.2.2")
    with pytest.raises(RateLimited):
        send(phone, ip="192.0.2.3")


def test_send_again_that_a_rate_refuses_returns_the_live_one(user, phone, caplog):
    with sandbox(RATE_LIMITS={"send": "1/30s/phone"}):
        first = send(phone, user=user).authentication
        result = send(phone, user=user)
    assert (result.authentication, result.is_new, result.retry) == (first, False, None)
    assert not caplog.records


@pytest.mark.parametrize("counting_in", ["default", None])
def test_live_one_is_returned_until_its_cooldown_ends_however_long_ago_another_was_sent(
    clock, user, phone, counting_in
):
    """The counters know for how long there may be one, from its own message on."""
    rates = {"RATE_LIMITS": {"send": "2/d/phone"}, "RETRY_COOLDOWN": 599, "CODE_TIMEOUT": 600}
    with sandbox(**rates, RATE_LIMIT_CACHE=counting_in):
        send(phone, user=user)
        clock.shift(1100)
        second = send(phone, user=user).authentication
        clock.shift(598)
        assert send(phone, user=user).authentication == second
        clock.shift(2)
        with pytest.raises(RateLimited):
            send(phone, user=user)


@pytest.mark.parametrize("counting_in", ["default", None])
def test_live_one_is_returned_that_no_rate_has_counted(phone, user, counting_in):
    """A task's message has no address, and that is all the rates go by."""
    with sandbox(RATE_LIMITS={"send": "0/h/ip"}, MIN_CONVERSION="", RATE_LIMIT_CACHE=counting_in):
        first = send(phone, user=user).authentication
        assert send(phone, user=user, ip="192.0.2.1").authentication == first


def test_live_one_is_returned_although_the_setting_of_how_long_it_lives_was_lowered(clock, phone):
    """Who asks again is counted again, and for a shorter time."""
    rates = {"RATE_LIMITS": {"send": "2/d/phone"}, "RATE_LIMIT_CACHE": None}
    with sandbox(**rates, CODE_TIMEOUT=3600, RETRY_COOLDOWN=3000):
        first = send(phone, ip="192.0.2.1").authentication
    with sandbox(**rates, CODE_TIMEOUT=60):
        send(phone, ip="192.0.2.1")
        send(phone, ip="192.0.2.8")
        clock.shift(200)
        assert send(phone, ip="192.0.2.1").authentication == first


def test_live_one_is_returned_although_the_cache_has_dropped_a_counter(phone, user):
    """Local memory keeps 300 entries by default, and Memcached what it has room for."""
    with sandbox(RATE_LIMITS={"send": "1/30s/phone"}):
        first = send(phone, user=user).authentication
        entries = caches["default"]._cache
        for key in [key for key in entries if "{ding}:live:" in key]:
            del entries[key]
        assert send(phone, user=user).authentication == first


@pytest.mark.parametrize("counting_in", ["default", None])
def test_message_that_was_certainly_not_sent_leaves_none_to_look_for(phone, user, counting_in):
    with sandbox(RATE_LIMITS={"send": "1/h/user"}, RATE_LIMIT_CACHE=counting_in):
        script("send", "invalid_phone_number")
        with pytest.raises(InputError):
            send(phone, user=user)
        with pytest.raises(guard.NoneLive if counting_in is None else RateLimited):
            send(phone, user=user)


def test_send_again_after_the_cooldown_is_counted_once(clock, user, phone):
    with sandbox(RATE_LIMITS={"send": "1/30s/phone,2/h/phone"}) as outbox:
        for _ in range(2):
            send(phone, user=user)
            clock.shift(30)
        with pytest.raises(RateLimited):
            send(phone, user=user)
    assert [message.attempt_number for message in outbox] == [1, 2]


def test_send_again_while_the_counters_are_out_of_reach_returns_the_live_one(user, phone):
    away = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    first = send(phone, user=user).authentication
    with override_settings(CACHES=away):
        assert send(phone, user=user).authentication == first


def test_send_again_after_its_country_was_ruled_out_returns_the_live_one(user, phone):
    first = send(phone, user=user).authentication
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        assert send(phone, user=user).authentication == first


@pytest.mark.parametrize("call", [lambda first, phone: send(phone, purpose="reset"), lambda first, phone: retry(first)])
def test_refusal_is_logged_once_without_the_number(clock, phone, caplog, call):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        first = send(phone).authentication
        clock.shift(30)
        with pytest.raises(RateLimited):
            call(first, phone)
    (record,) = [record for record in caplog.records if record.name == "django_ding"]
    assert record.levelname == "WARNING"
    assert "phone" in record.getMessage()
    assert phone not in record.getMessage()


def test_retry_counts_as_a_message(hourly, clock, user, phone):
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    retry(authentication)
    clock.shift(30)
    with pytest.raises(RateLimited):
        retry(authentication)
    assert len(hourly) == 2
    row = Authentication.objects.get()
    assert (row.retry_count, row.remaining_retry) == (1, 2)


def test_send_that_retries_counts_as_a_message(hourly, clock, user, phone):
    for _ in range(2):
        send(phone, user=user)
        clock.shift(30)
    with pytest.raises(RateLimited):
        send(phone, user=user)
    assert len(hourly) == 2


@pytest.mark.parametrize("outcome", ["too_many_requests", "negative_balance", "invalid_line"])
def test_send_that_was_certainly_not_executed_is_rolled_back(hourly, user, phone, outcome):
    script("send", *[outcome] * 4)
    for _ in range(4):
        with pytest.raises(Exception, match=r"\w"):
            send(phone, user=user)
    assert send(phone, user=user).authentication.status == "pending"


def test_send_whose_answer_was_lost_stays_counted(hourly, phone):
    script("send", "dropped", "dropped")
    for ip in ("192.0.2.1", "192.0.2.2"):
        with pytest.raises(BackendUnavailable):
            send(phone, ip=ip)
    with pytest.raises(RateLimited):
        send(phone, ip="192.0.2.3")


def test_retry_that_was_certainly_not_executed_is_rolled_back(hourly, clock, user, phone):
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    script("retry", "too_many_requests", "negative_balance", "approved")
    for refusal in (BackendUnavailable, BackendRejected):
        with pytest.raises(refusal):
            retry(authentication)
    assert retry(authentication).status == "approved"


def test_send_to_a_forbidden_country_leaves_no_trace(phone, simulator):
    with sandbox(BLOCKED_COUNTRIES=["FR"]), pytest.raises(InputError) as caught:
        send(phone)
    assert caught.value.code == "unsupported_region"
    assert not Authentication.objects.exists()
    assert not simulator.calls


def test_send_counts_addresses_of_one_subscriber_together(phone):
    with sandbox(RATE_LIMITS={"send": "1/h/ip"}):
        send(phone, ip="2001:db8::1")
        with pytest.raises(RateLimited):
            send("+12025550100", ip="2001:db8::2")


def test_rest_refusal_says_when_and_no_more(user, clock):
    client = APIClient()
    client.force_authenticate(user)
    with sandbox(RATE_LIMITS={"send": "1/10m/prefix"}):
        answers = [
            client.post("/api/phone/authentications/", {"phone_number": f"+1202555010{n}"}, format="json")
            for n in range(2)
        ]
    assert [answer.status_code for answer in answers] == [201, 429]
    assert answers[1].json() == {
        "code": "rate_limited",
        "detail": "Wait 10 minutes before requesting another code.",
        "retry_after": 600,
    }
    assert answers[1]["Retry-After"] == "600"


def test_rest_refusal_for_want_of_entered_codes_is_like_any_other(user, other_user, clock):
    client = APIClient()
    client.force_authenticate(user)
    with sandbox(MIN_CONVERSION="100%/1/h/country"):
        answers = []
        for _ in range(3):
            answers.append(client.post("/api/phone/authentications/", {"phone_number": "+12025550150"}, format="json"))
            client.force_authenticate(other_user)
            clock.shift(150)
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    assert answers[1].json() == {
        "code": "rate_limited",
        "detail": "Wait 60 minutes before requesting another code.",
        "retry_after": 3600,
    }
    assert [answer["Retry-After"] for answer in answers[1:]] == ["3600", "3450"]
