"""The channels that callers may choose: which ones, phone calls to landlines, and silent verification."""

import pytest

from django_ding.backends.types import RetryResponse
from django_ding.exceptions import BackendUnavailable, InputError, RateLimited
from django_ding.line_types import LineType
from django_ding.models import Authentication
from django_ding.services import Channel, CheckStatus, RetryStatus, check, get_channels, retry, send
from tests.helpers import timeline
from tests.stubs import Multichannel, Plain, using

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

LANDLINE, PREMIUM = "+33123456789", "+33899123456"
SILENT_URL = "https://silent.example/5b0c9f5e"


@pytest.fixture
def messages():
    """The channel of each message that the backend was asked for."""
    with using(Multichannel, CHANNELS=["whatsapp", "sms", "voice"]):
        yield Multichannel.messages


@pytest.fixture
def landline(messages, monkeypatch):
    """A number that only a lookup knows to be a landline's."""
    monkeypatch.setattr(Multichannel, "line_type", LineType.FIXED_LINE)
    with using(Multichannel, CHANNELS=["sms", "voice"], LOOKUP_BEFORE_SEND=True):
        yield "+12025550141"


def refusal(call, *args, **options):
    with pytest.raises(InputError) as caught:
        call(*args, **options)
    return caught.value.code


def test_channel_that_the_setting_lacks_is_refused(messages, phone, clock):
    assert refusal(send, phone, channel="viber") == "unsupported_channel"
    authentication = send(phone, channel="whatsapp").authentication
    clock.shift(30)
    assert refusal(retry, authentication, channel="viber") == "unsupported_channel"
    assert messages == ["whatsapp"]


def test_only_sms_may_be_chosen_by_default(phone, clock):
    with using(Multichannel):
        authentication = send(phone, channel="sms").authentication
        assert refusal(send, phone, channel="voice") == "unsupported_channel"
        assert get_channels(authentication) == ("sms",)


def test_channels_to_choose_have_the_order_of_the_setting(messages, phone):
    assert get_channels(send(phone).authentication) == ("whatsapp", "sms", "voice")


def test_channels_to_choose_are_those_of_the_backend(phone):
    with using(Plain, CHANNELS=["sms", "voice"]):
        assert get_channels(send(phone).authentication) == ()


# Landlines


def test_landline_is_called(messages, user, clock):
    authentication = send(LANDLINE, user=user).authentication
    assert (authentication.channel, get_channels(authentication)) == ("voice", ("voice",))
    clock.shift(30)
    assert retry(authentication).status is RetryStatus.APPROVED
    clock.shift(30)
    assert send(LANDLINE, user=user).retry.status is RetryStatus.APPROVED
    assert messages == ["voice"] * 3
    assert "requested_channel" not in str(timeline(authentication, "data")), "Nobody asked for a call."


def test_landline_is_called_when_asked_for(messages):
    send(LANDLINE, channel="voice")
    assert messages == ["voice"]


def test_landline_is_not_texted(messages, clock):
    assert refusal(send, LANDLINE, channel="sms") == "invalid_line"
    authentication = send(LANDLINE).authentication
    clock.shift(30)
    assert refusal(retry, authentication, channel="whatsapp") == "invalid_line"
    assert Authentication.objects.get().retry_count == 0
    assert messages == ["voice"]


def test_other_lines_are_not_called(messages):
    assert refusal(send, PREMIUM, channel="voice") == "invalid_line"
    assert refusal(send, PREMIUM) == "invalid_line"


@pytest.mark.parametrize(("backend", "channels"), [(Multichannel, ["sms"]), (Plain, ["sms", "voice"])])
def test_landline_is_refused_without_calls(backend, channels):
    with using(backend, CHANNELS=channels):
        assert refusal(send, LANDLINE) == "invalid_line"


def test_landline_that_may_be_texted_is_not_called_without_calls(phone):
    with using(Multichannel, BLOCKED_LINE_TYPES=[]):
        send(LANDLINE)
    assert Multichannel.messages == [None]


def test_landline_that_a_lookup_finds_is_called(landline, clock):
    authentication = send(landline).authentication
    clock.shift(30)
    retry(authentication)
    clock.shift(30)
    assert refusal(retry, authentication, channel="sms") == "invalid_line"
    assert Multichannel.messages == ["voice", "voice"]


def test_landline_that_a_lookup_finds_is_not_texted(landline):
    assert refusal(send, landline, channel="sms") == "invalid_line"
    assert not Authentication.objects.exists()


def test_call_is_repeated_and_another_channel_only_on_request(messages, phone, clock):
    authentication = send(phone, channel="voice").authentication
    for channel in (None, "whatsapp", None):
        clock.shift(30)
        retry(authentication, channel=channel)
    assert messages == ["voice", "voice", "whatsapp", "voice"]


def test_call_is_not_repeated_once_calls_are_not_allowed(messages, phone, clock):
    authentication = send(phone, channel="voice").authentication
    clock.shift(30)
    with using(Multichannel):
        retry(authentication)
        assert Multichannel.messages == [None]


def test_requested_channel_is_in_the_timeline(messages, phone, clock):
    authentication = send(phone).authentication
    for channel in ("whatsapp", None):
        clock.shift(30)
        retry(authentication, channel=channel)
    assert timeline(authentication, "channel", "data")[1:] == [
        ("attempt", "approved", "whatsapp", {"requested_channel": "whatsapp"}),
        ("attempt", "approved", "sms", {}),
    ]


# Silent verification


@pytest.fixture
def silent(monkeypatch):
    monkeypatch.setattr(Multichannel, "silent_request_url", SILENT_URL)
    with using(Multichannel, CHANNELS=["sms", "silent"], RATE_LIMITS={"send": "2/h/phone"}):
        yield Multichannel.messages


def test_silent_verification_has_a_url(silent, phone):
    result = send(phone, channel="silent")
    assert (result.silent_request_url, result.authentication.channel) == (SILENT_URL, Channel.SILENT)
    assert SILENT_URL not in repr(result)
    assert check(result.authentication, "123456").status is CheckStatus.VALID


def test_silent_url_is_not_stored(silent, phone):
    send(phone)
    assert SILENT_URL not in str([*Authentication.objects.values(), *Authentication.objects.get().events.values()])


def test_silent_verification_falls_back_to_a_message_at_once(silent, phone, clock):
    authentication = send(phone).authentication
    assert not authentication.is_cooling(authentication.created_at)
    assert retry(authentication).status is RetryStatus.APPROVED
    assert authentication.channel == Channel.SMS
    assert retry(authentication).status is RetryStatus.RATE_LIMITED


def test_message_after_a_silent_verification_is_not_counted_twice(silent, phone, clock):
    authentication = send(phone).authentication
    for _ in range(2):  # Two messages, as the rate allows: the silent verification was none.
        assert retry(authentication).status is RetryStatus.APPROVED
        clock.shift(30)
    with pytest.raises(RateLimited):
        retry(authentication)


def test_message_after_a_silent_verification_is_sent_beyond_a_rate(silent, user, phone, clock):
    with using(Multichannel, CHANNELS=["sms", "silent"], RATE_LIMITS={"send": "1/h/phone"}):
        first = send(phone, user=user).authentication
        result = send(phone, user=user)
    assert (result.authentication, result.retry.status) == (first, RetryStatus.APPROVED)


@pytest.mark.parametrize("counting_in", ["default", None])
def test_message_after_a_silent_verification_is_found_for_as_long_as_its_code_lives(
    silent, user, phone, clock, monkeypatch, counting_in
):
    """It wasn't counted, so the counters know of the silent verification only, ten minutes before."""
    monkeypatch.setattr(Multichannel, "retry", renew)
    rates = {"RATE_LIMITS": {"send": "1/d/phone"}, "RETRY_COOLDOWN": 599, "RATE_LIMIT_CACHE": counting_in}
    with using(Multichannel, CHANNELS=["sms", "silent"], **rates):
        first = send(phone, user=user).authentication
        clock.shift(599)
        assert retry(first).status is RetryStatus.APPROVED
        clock.shift(590)
        assert send(phone, user=user).authentication == first


def renew(backend, sent, *, channel=None):
    return RetryResponse(status=RetryStatus.APPROVED, authentication_uuid=sent.authentication_uuid, is_new=True)


def test_message_that_was_certainly_not_sent_is_not_counted_when_tried_again(silent, phone, clock, monkeypatch):
    authentication = send(phone).authentication
    with monkeypatch.context() as patched:
        patched.setattr(Multichannel, "retry", unreachable)
        with pytest.raises(BackendUnavailable):
            retry(authentication)
    for _ in range(2):
        assert retry(authentication).status is RetryStatus.APPROVED
        clock.shift(30)
    with pytest.raises(RateLimited):
        retry(authentication)


def unreachable(backend, sent, *, channel=None):
    raise BackendUnavailable(code="connection_failed", reached=False)


def test_a_backend_that_is_gone_has_no_channels(phone, settings):
    authentication = send(phone).authentication
    settings.DING = {**settings.DING, "BACKENDS": {}}
    assert get_channels(authentication) == ()
