import pytest
from django.core.cache import caches
from django.test import override_settings

from django_ding.channels import Channel
from django_ding.conf import DEFAULT_MIN_CONVERSION, DEFAULT_RATE_LIMITS
from django_ding.exceptions import BackendUnavailable, InputError, RateLimited
from django_ding.testing import sandbox
from tests.guard.consume import consume
from tests.guard.helpers import REDIS, redis
from tests.stubs import Multichannel, using

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


def outcomes(rates, *messages):
    """Return the scope of the limit that each message (a number, a user, an IP address) exceeded, ``None`` for none."""
    return [outcome(message) for message in messages] if not rates else _limited(rates, messages)


def _limited(rates, messages):
    with sandbox(RATE_LIMITS={"send": rates}):
        return [outcome(message) for message in messages]


def outcome(message):
    number, user_id, ip = message
    try:
        consume(number, user_id=user_id, ip=ip)
    except RateLimited as error:
        return error.scope
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
def test_consume_counts_by_each_scope(rates, messages, expected):
    assert outcomes(rates, *messages) == expected


def test_consume_says_only_how_long_to_wait(clock):
    with sandbox(RATE_LIMITS={"send": "1/2h/prefix"}):
        consume(A, user_id=None, ip=None)
        clock.shift(1800)
        with pytest.raises(RateLimited) as caught:
            consume(B, user_id=None, ip=None)
    assert caught.value.retry_after == pytest.approx(5400, abs=1)
    assert str(caught.value) == "Wait 90 minutes before requesting another code."


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
def test_rate_limited_rounds_the_wait_up(seconds, words):
    assert str(RateLimited(scope="all", retry_after=seconds)) == f"Wait {words} before requesting another code."


def test_message_in_place_of_a_counted_one_is_not_counted():
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        consume(A, user_id=None, ip=None)
        consume(A, user_id=None, ip=None, is_retry=True, is_counted=True).rollback()
        assert outcome((A, None, None)) == "phone"


@pytest.mark.parametrize(
    ("number", "channel", "admitted"),
    [(A, None, None), (A, "whatsapp", "whatsapp"), ("+33123456789", None, "voice"), ("+33123456789", "voice", "voice")],
)
def test_consume_says_by_which_channel(number, channel, admitted):
    with using(Multichannel, CHANNELS=["sms", "whatsapp", "voice"]):
        usage = consume(number, user_id=None, ip=None, channel=channel and Channel(channel))
    assert usage.channel == admitted


def test_usage_can_be_rolled_back():
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        consume(A, user_id=None, ip=None).rollback()
        assert outcome((A, None, None)) is None


def test_consume_without_rates_uses_no_cache():
    with override_settings(CACHES={"default": {"BACKEND": "nowhere"}}), sandbox(RATE_LIMITS={}):
        consume(A, user_id=1, ip="192.0.2.1").rollback()


def test_consume_while_the_cache_is_down_is_an_outage(caplog):
    unreachable = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    with (
        override_settings(CACHES=unreachable),
        sandbox(RATE_LIMITS={"send": "1/h/phone"}),
        pytest.raises(BackendUnavailable) as caught,
    ):
        consume(A, user_id=None, ip=None)
    assert caught.value.code == "counters_unavailable"
    assert not caught.value.reached
    assert caplog.records[0].ding_event == "rate_limits_unavailable"
    assert A not in caplog.text


class Recording(redis.Connection):
    """Records the names of the commands that it sends."""

    sent = []

    def send_command(self, name, *arguments, **options):
        self.sent.append(name)
        super().send_command(name, *arguments, **options)


def test_consume_takes_one_round_trip_to_redis(redis_caches):
    recorded = {"default": REDIS["default"] | {"OPTIONS": {"connection_class": Recording}}}
    with (
        override_settings(CACHES=recorded),
        sandbox(RATE_LIMITS={"send": DEFAULT_RATE_LIMITS}, MIN_CONVERSION=DEFAULT_MIN_CONVERSION),
    ):
        caches["default"].clear()
        consume(A, user_id=1, ip="192.0.2.1")
        for expected in (None, "phone"):  # A refusal needs no other.
            Recording.sent.clear()
            assert outcome((A if expected else B, 1, "192.0.2.1")) == expected
            assert Recording.sent == ["EVALSHA"]


PREMIUM, TOLL_FREE, LANDLINE, MOBILE = "+33899701234", "+33801234567", "+33123456789", "+33612345678"


@pytest.mark.parametrize(
    ("number", "settings", "code"),
    [
        (PREMIUM, {}, "invalid_line"),
        (TOLL_FREE, {}, "invalid_line"),
        (LANDLINE, {}, "invalid_line"),
        (LANDLINE, {"BLOCKED_LINE_TYPES": ["premium_rate"]}, None),
        (MOBILE, {}, None),
        (MOBILE, {"BLOCKED_COUNTRIES": ["FR"]}, "unsupported_region"),
        (MOBILE, {"ALLOWED_COUNTRIES": ["US"]}, "unsupported_region"),
        (A, {"ALLOWED_COUNTRIES": ["US"]}, None),
        (A, {"ALLOWED_COUNTRIES": ["US"], "BLOCKED_COUNTRIES": ["US"]}, "unsupported_region"),
    ],
)
def test_consume_refuses_destinations_ruled_out_by_the_settings(number, settings, code):
    with sandbox(**settings):
        assert refusal(number) == code


def refusal(number):
    error = refusal_error(number)
    return error and error.code


def refusal_error(number):
    try:
        consume(number, user_id=None, ip=None)
    except InputError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("allowed", "number", "territory"),
    [
        ("GB", "+447797712345", "Jersey"),
        ("GB", "+447781123456", "Guernsey"),
        ("GB", "+447624123456", "Isle of Man"),
        ("US", "+18765551234", "Jamaica"),
        ("US", "+17875550100", "Puerto Rico"),
        ("US", "+14165550100", "Canada"),
        ("RS", "+38344123456", "Kosovo"),
        ("FI", "+358457123456", None),
    ],
)
def test_consume_names_the_territory_that_gets_no_codes(allowed, number, territory):
    with sandbox(ALLOWED_COUNTRIES=[allowed]):
        error = refusal_error(number)
    assert (error and str(error)) == (territory and f"We can't send codes to {territory}.")


def test_consume_names_the_network_that_gets_no_codes():
    message = "We can't send codes to numbers that start with \u2066+881\u2069."
    assert str(refusal_error("+881612345678")) == message


def test_consume_says_which_digit_a_mobile_number_in_argentina_has():
    error = refusal_error("+541123456789")
    assert error.code == "invalid_line"
    assert str(error) == ("We can't send codes to landlines. If this is a mobile number, add 9 after \u2066+54\u2069.")


def test_consume_refuses_a_number_that_is_no_longer_valid():
    assert refusal("+22507123456") == "outdated_phone_number"
