import pytest
from django.core.cache import caches
from django.test import override_settings

from django_ding.conf import DEFAULT_CONVERSION, DEFAULT_RATES
from django_ding.exceptions import BackendUnavailable, InputError, RateLimited
from django_ding.guard import admit
from django_ding.testing import sandbox
from tests.guard.conftest import REDIS, redis

pytestmark = pytest.mark.usefixtures("own_counters")


def outcomes(rates, *messages):
    """Return, for each message, which scope refused it: its number, user and address."""
    return [outcome(message) for message in messages] if not rates else _limited(rates, messages)


def _limited(rates, messages):
    with sandbox(RATES={"send": rates}):
        return [outcome(message) for message in messages]


def outcome(message):
    number, user_id, ip = message
    try:
        admit(number, user_id=user_id, ip=ip)
    except RateLimited as refusal:
        return refusal.scope
    return None


A, B = "+12025550100", "+12025550101"
FAR = "+33612345678"


@pytest.mark.parametrize(
    ("rates", "messages", "expected"),
    [
        ("1/h/phone", [(A, 1, None), (A, 2, None), (B, 1, None)], [None, "phone", None]),
        ("1/h/user", [(A, 1, None), (B, 1, None), (B, 2, None)], [None, "user", None]),
        ("1/h/user", [(A, None, None), (B, None, None)], [None, None]),
        ("1/h/ip", [(A, 1, "192.0.2.1"), (B, 2, "192.0.2.1"), (B, 2, "192.0.2.2")], [None, "ip", None]),
        ("1/h/ip", [(A, 1, "2001:db8::1"), (B, 2, "2001:db8::2")], [None, "ip"]),
        ("1/h/ip", [(A, 1, None), (B, 2, None)], [None, None]),
        ("1/h/prefix", [(A, 1, None), (B, 2, None), (FAR, 1, None)], [None, "prefix", None]),
        ("1/h/country", [(A, 1, None), (B, 2, None), (FAR, 1, None)], [None, "country", None]),
        ("1/h/all", [(A, 1, None), (FAR, 2, None)], [None, "all"]),
        ("2/h/phone,1/s/phone", [(A, 1, None), (A, 1, None)], [None, "phone"]),
        ("1/h/phone,9/h/all", [(A, 1, None), (A, 1, None), (B, 1, None)], [None, "phone", None]),
    ],
)
def test_admit_counts_by_each_scope(rates, messages, expected):
    assert outcomes(rates, *messages) == expected


def test_admit_refusal_tells_when_and_no_more(clock):
    with sandbox(RATES={"send": "1/2h/prefix"}):
        admit(A, user_id=None, ip=None)
        clock.shift(1800)
        with pytest.raises(RateLimited) as caught:
            admit(B, user_id=None, ip=None)
    assert caught.value.retry_after == pytest.approx(5400, abs=1)
    assert str(caught.value) == "Too many codes were asked for. Try again in 90 minutes."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 second"),
        (0.2, "1 second"),
        (89.1, "90 seconds"),
        (91, "2 minutes"),
        (5401, "2 hours"),
        (90_000, "25 hours"),
    ],
)
def test_refusal_rounds_up_in_words(seconds, words):
    assert str(RateLimited(scope="all", retry_after=seconds)).endswith(f"Try again in {words}.")


def test_admit_ticket_can_be_given_back():
    with sandbox(RATES={"send": "1/h/phone"}):
        admit(A, user_id=None, ip=None).give_back()
        assert outcome((A, None, None)) is None


def test_admit_without_rates_asks_no_counter():
    with override_settings(CACHES={"default": {"BACKEND": "nowhere"}}), sandbox(RATES={}):
        admit(A, user_id=1, ip="192.0.2.1").give_back()


def test_admit_when_the_counters_are_out_of_reach_sends_nothing(caplog):
    caches_out_of_reach = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    with (
        override_settings(CACHES=caches_out_of_reach),
        sandbox(RATES={"send": "1/h/phone"}),
        pytest.raises(BackendUnavailable) as caught,
    ):
        admit(A, user_id=None, ip=None)
    assert caught.value.code == "counters_unavailable"
    assert not caught.value.reached
    assert "counters" in caplog.text
    assert A not in caplog.text


class Listening(redis.Connection):
    """Keeps the names of the commands that it sends."""

    sent = []

    def send_command(self, name, *arguments, **options):
        self.sent.append(name)
        super().send_command(name, *arguments, **options)


def test_admit_takes_one_round_trip_to_redis(redis_caches):
    heard = {"default": REDIS["default"] | {"OPTIONS": {"connection_class": Listening}}}
    with override_settings(CACHES=heard), sandbox(RATES={"send": DEFAULT_RATES}, CONVERSION=DEFAULT_CONVERSION):
        caches["default"].clear()
        admit(A, user_id=1, ip="192.0.2.1")
        for expected in (None, "phone"):  # A refusal takes no more.
            Listening.sent.clear()
            assert outcome((A if expected else B, 1, "192.0.2.1")) == expected
            assert Listening.sent == ["EVALSHA"]


PREMIUM, TOLL_FREE, LANDLINE, MOBILE = "+33899701234", "+33801234567", "+33123456789", "+33612345678"


@pytest.mark.parametrize(
    ("number", "settings", "code"),
    [
        (PREMIUM, {}, "invalid_line"),
        (TOLL_FREE, {}, "invalid_line"),
        (LANDLINE, {}, "invalid_line"),
        (LANDLINE, {"BLOCKED_LINE_TYPES": ["PremiumRate"]}, None),
        (MOBILE, {}, None),
        (MOBILE, {"BLOCKED_COUNTRIES": ["FR"]}, "unsupported_region"),
        (MOBILE, {"ALLOWED_COUNTRIES": ["US"]}, "unsupported_region"),
        (A, {"ALLOWED_COUNTRIES": ["US"]}, None),
        (A, {"ALLOWED_COUNTRIES": ["US"], "BLOCKED_COUNTRIES": ["US"]}, "unsupported_region"),
    ],
)
def test_admit_refuses_what_the_settings_rule_out(number, settings, code):
    with sandbox(**settings):
        assert refusal(number) == code


def refusal(number):
    try:
        admit(number, user_id=None, ip=None)
    except InputError as error:
        return error.code
    return None
