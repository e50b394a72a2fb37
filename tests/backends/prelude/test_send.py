"""Creates that were meant to open a window: the request that the provider gets, and what its answer means."""

import pytest

from django_ding.backends.types import Channel, DeviceSignals, SendRequest, SendStatus
from django_ding.exceptions import BackendRejected, Blocked, InputError
from tests.backends.helpers import PHONE
from tests.backends.prelude.conftest import API_KEY
from tests.backends.servers import answer, refusal

ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
DISPATCH_ID = "123e4567-e89b-12d3-a456-426614174000"


def created(status="success", **fields):
    return answer({"id": ID, "status": status, "method": "message", **fields})


def sent_options(backend, provider, **fields):
    provider.will(created())
    backend.send(SendRequest(phone_number=PHONE, **fields))
    return provider.requests[-1].json.get("options", {})


# The request.


def test_the_least_request(backend, provider):
    provider.will(created())
    backend.send(SendRequest(phone_number=PHONE))
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v2/verification")
    assert request.headers["authorization"] == f"Bearer {API_KEY}"
    assert request.json == {"target": {"type": "phone_number", "value": PHONE}}


def test_every_field(make_backend, provider):
    provider.will(created())
    signals = DeviceSignals(
        device_id="device",
        device_type="IPADOS",
        device_model="iPad16,3",
        os_version="19",
        app_version="1.2.3",
        is_returning_user=True,
        user_agent="Shop/1",
        ja4_fingerprint="t13d1516h2_8daaf6152771_e5627efa2ab1",
    )
    make_backend(trust_returning_users=True).send(
        SendRequest(
            phone_number=PHONE,
            correlation_id="order-1",
            ip="1.1.1.1",
            device_signals=signals,
            locale="fr-FR",
            template_id="template",
            sender_id="Shop",
            callback_url="https://example.com/hook",
            dispatch_id=DISPATCH_ID,
            extra={"variables": {"name": "Ada"}, "code_size": 8},
        )
    )
    assert provider.requests[0].json == {
        "target": {"type": "phone_number", "value": PHONE},
        "dispatch_id": DISPATCH_ID,
        "metadata": {"correlation_id": "order-1"},
        "signals": {
            "ip": "1.1.1.1",
            "device_id": "device",
            "device_platform": "ipados",
            "device_model": "iPad16,3",
            "os_version": "19",
            "app_version": "1.2.3",
            "user_agent": "Shop/1",
            "ja4_fingerprint": "t13d1516h2_8daaf6152771_e5627efa2ab1",
            "is_trusted_user": True,
        },
        "options": {
            "template_id": "template",
            "locale": "fr-FR",
            "sender_id": "Shop",
            "callback_url": "https://example.com/hook",
            "variables": {"name": "Ada"},
            "code_size": 8,
            "method": "message",  # A client that isn't an app on a phone can't verify silently.
        },
    }


@pytest.mark.parametrize(("ip", "passed"), [("2606:4700::1111", True), ("10.0.0.1", False), ("127.0.0.1", False)])
def test_only_public_addresses_are_passed(backend, provider, ip, passed):
    provider.will(created())
    backend.send(SendRequest(phone_number=PHONE, ip=ip))
    assert ("signals" in provider.requests[0].json) is passed


def test_returning_users_are_not_trusted_by_default(backend, provider):
    provider.will(created())
    backend.send(SendRequest(phone_number=PHONE, device_signals=DeviceSignals(is_returning_user=True)))
    assert "signals" not in provider.requests[0].json


@pytest.mark.parametrize("url", ["", "/v2", "/v2/"])
def test_base_url_with_or_without_its_version(make_backend, provider, url):
    provider.will(created())
    make_backend(base_url=provider.url + url).send(SendRequest(phone_number=PHONE))
    assert provider.requests[0].path == "/v2/verification"


# Options.


def test_options_of_the_backend_and_of_the_call(make_backend, provider):
    options = {"code_size": 6, "method": "auto", "preferred_channel": "whatsapp", "max_auto_fallbacks": 0}
    backend = make_backend(**options, variables={"brand": "Shop"}, sender_id="Shop", force_challenge=True)
    usual = {**options, "variables": {"brand": "Shop"}, "sender_id": "Shop", "force_challenge": True}
    assert sent_options(backend, provider) == usual
    assert sent_options(backend, provider, sender_id="Other", extra={"code_size": 4}) == {
        **usual,
        "sender_id": "Other",
        "code_size": 4,
    }


@pytest.mark.parametrize(
    ("channel", "options"),
    [
        (Channel.VOICE, {"method": "voice"}),
        (Channel.WHATSAPP, {"method": "message", "preferred_channel": "whatsapp"}),
        (Channel.SMS, {"method": "message", "preferred_channel": "sms"}),
        (Channel.RCS, {"method": "message", "preferred_channel": "rcs"}),
        (Channel.VIBER, {"method": "message", "preferred_channel": "viber"}),
        (Channel.ZALO, {"method": "message", "preferred_channel": "zalo"}),
        (Channel.TELEGRAM, {"method": "message", "preferred_channel": "telegram"}),
    ],
)
def test_the_users_choice_of_a_channel_replaces_every_other(make_backend, provider, channel, options):
    assert channel in make_backend().channels
    for usual in ({"channels": ["viber", "sms"]}, {"preferred_channel": "viber"}, {"method": "voice"}):
        assert sent_options(make_backend(**usual), provider, channel=channel) == options


def test_the_calls_channels_replace_the_backends(make_backend, provider):
    backend = make_backend(channels=["sms"])
    assert sent_options(backend, provider, extra={"preferred_channel": "rcs"}) == {"preferred_channel": "rcs"}
    backend = make_backend(preferred_channel="sms")
    assert sent_options(backend, provider, extra={"channels": ["rcs"]}) == {"channels": ["rcs"]}


def test_android_apps_and_browsers_fill_the_code_in(make_backend, provider):
    backend = make_backend(webotp_domain="example.com")
    web = {"platform": "web", "value": "example.com"}
    android = {"platform": "android", "value": "FA+9qCX9VSu"}
    assert sent_options(backend, provider)["app_realm"] == web
    assert sent_options(backend, provider, device_signals=DeviceSignals(device_type="WEB"))["app_realm"] == web
    app = DeviceSignals(device_type="ANDROID", app_realm="FA+9qCX9VSu")
    assert sent_options(backend, provider, device_signals=app)["app_realm"] == android
    own = DeviceSignals(device_type="WEB", app_realm="shop.example.com")
    assert sent_options(backend, provider, device_signals=own)["app_realm"] == {**web, "value": "shop.example.com"}
    assert "app_realm" not in sent_options(backend, provider, device_signals=DeviceSignals(device_type="IOS"))


def test_a_custom_code_must_be_switched_on(backend, make_backend, provider):
    with pytest.raises(BackendRejected) as raised:
        backend.send(SendRequest(phone_number=PHONE, extra={"custom_code": "123456"}))
    assert raised.value.code == "invalid_options"
    assert "allow_custom_code" in str(raised.value)
    assert not provider.requests
    allowed = make_backend(allow_custom_code=True, code_size=8)
    assert sent_options(allowed, provider, extra={"custom_code": "123456"}) == {"custom_code": "123456"}


@pytest.mark.parametrize(
    "extra",
    [
        {"colour": "red"},
        {"code_size": 3},
        {"code_size": "6"},
        {"method": "pigeon"},
        {"preferred_channel": "voice"},
        {"channels": "sms"},
        {"channels": []},
        {"channels": ["email"]},
        {"variables": {"n": 1}},
        {"variables": []},
        {"max_auto_fallbacks": -1},
        {"force_challenge": 1},
        {"psd2": "12 EUR"},
        {"custom_code": "12ab"},
    ],
)
def test_an_option_that_cant_be_used_is_refused_before_anything_is_sent(make_backend, provider, extra):
    with pytest.raises(BackendRejected) as raised:
        make_backend(allow_custom_code=True).send(SendRequest(phone_number=PHONE, extra=extra))
    assert raised.value.code == "invalid_options"
    assert "12ab" not in str(raised.value)
    assert not provider.requests


# Silent verification.


@pytest.mark.parametrize(
    ("silent", "device_type", "method"),
    [(True, "ANDROID", None), (True, "IOS", None), (True, "WEB", "message"), (False, "IOS", "message")],
)
def test_silent_verification_is_for_apps_of_projects_that_want_it(make_backend, provider, silent, device_type, method):
    backend = make_backend(silent=silent)
    signals = DeviceSignals(device_type=device_type)
    options = sent_options(backend, provider, dispatch_id=DISPATCH_ID, device_signals=signals)
    assert options.get("method") == method


def test_a_silent_answer(make_backend, provider):
    provider.will(created(method="silent", silent={"request_url": "https://silent.example.com/1"}))
    response = make_backend(silent=True).send(SendRequest(phone_number=PHONE))
    assert (response.channel, response.silent_request_url) == (Channel.SILENT, "https://silent.example.com/1")
    assert "silent.example.com" not in repr(response)


# The answer.


@pytest.mark.parametrize(
    ("word", "status", "is_new", "provider_status"),
    [
        ("success", SendStatus.PENDING, True, ""),
        ("retry", SendStatus.PENDING, False, "retry"),
        ("challenged", SendStatus.PENDING, True, "challenged"),
        ("shadow_blocked", SendStatus.PENDING, True, "shadow_blocked"),
        ("brand_new", SendStatus.UNKNOWN, True, "brand_new"),
    ],
)
def test_status(backend, provider, word, status, is_new, provider_status):
    provider.will(created(word))
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.status, response.is_new, response.provider_status) == (status, is_new, provider_status)
    assert response.authentication_uuid == ID


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("repeated_attempts", SendStatus.RATE_LIMITED),
        ("suspicious", SendStatus.SPAM_DETECTED),
        ("invalid_signature", SendStatus.SPAM_DETECTED),
        ("expired_signature", SendStatus.SPAM_DETECTED),
        ("brand_new", SendStatus.SPAM_DETECTED),
        (None, SendStatus.SPAM_DETECTED),
    ],
)
def test_blocked_is_never_sent(backend, provider, reason, status):
    factors = ["ip_reputation", "brand_new_factor", 7]
    provider.will(created("blocked", reason=reason, risk_factors=factors, channels=["sms"]))
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.status, response.channel) == (status, None)
    assert response.details["risk_factors"] == ["ip_reputation", "brand_new_factor"]
    assert response.details.get("reason") == reason


@pytest.mark.parametrize(
    ("reason", "family", "code"),
    [
        ("in_block_list", Blocked, "blocked_number"),
        ("invalid_phone_line", InputError, "invalid_line"),
        ("invalid_phone_number", InputError, "invalid_phone_number"),
    ],
)
def test_blocked_for_what_the_number_is(backend, provider, reason, family, code):
    provider.will(created("blocked", reason=reason))
    with pytest.raises(family) as raised:
        backend.send(SendRequest(phone_number=PHONE))
    assert raised.value.code == code
    assert raised.value.details == {"reason": reason}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", 7])
def test_a_silent_url_that_no_app_may_open(backend, provider, url):
    provider.will(created(method="silent", silent={"request_url": url}))
    assert backend.send(SendRequest(phone_number=PHONE)).silent_request_url is None


@pytest.mark.parametrize(
    ("answered", "retry_after"),
    [
        ([refusal("too_many_attempts", status=400)] * 2, None),
        ([refusal("too_many_attempts", status=429)] * 2, None),
        ([answer({}, status=429, headers={"Retry-After": "17"})], 17),
        ([answer(body=b"slow down", status=429)], None),
    ],
)
def test_a_limit_of_the_provider(backend, provider, answered, retry_after):
    provider.will(*answered)
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.status, response.provider_status) == (SendStatus.RATE_LIMITED, "")
    assert response.retry_after == retry_after


@pytest.mark.parametrize("code", ["too_many_attempts", "too_many_checks"])
def test_a_window_that_others_used_up_is_followed_by_another(backend, provider, code):
    provider.will(refusal(code, status=429), created())
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.status, response.is_new) == (SendStatus.PENDING, True)
    assert provider.requests[0].body == provider.requests[1].body


def test_an_error_named_blocked(backend, provider):
    provider.will(refusal("blocked"))
    assert backend.send(SendRequest(phone_number=PHONE)).status is SendStatus.SPAM_DETECTED


@pytest.mark.parametrize(
    ("fields", "requested", "channel"),
    [
        ({"channels": ["rcs", "sms"]}, None, Channel.RCS),
        ({"channels": ["sms"]}, Channel.WHATSAPP, Channel.SMS),
        ({}, Channel.WHATSAPP, Channel.WHATSAPP),
        ({}, None, None),
        ({"channels": ["pigeon"]}, None, Channel.UNKNOWN),
        ({"channels": "sms"}, None, None),
        ({"method": "voice", "channels": ["sms"]}, None, Channel.VOICE),
        ({"method": "email"}, None, Channel.EMAIL),
    ],
)
def test_channel(backend, provider, fields, requested, channel):
    provider.will(created(**fields))
    assert backend.send(SendRequest(phone_number=PHONE, channel=requested)).channel is channel


def test_what_the_provider_does_not_say_is_left_to_the_settings(backend, provider):
    provider.will(created())
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.expires_at, response.next_retry_at, response.remaining_retry) == (None, None, None)


def test_nothing_in_an_answer_is_trusted(backend, provider):
    provider.will(answer({"id": 7, "status": ["x"], "method": {}, "channels": [None], "silent": [], "reason": {}}))
    response = backend.send(SendRequest(phone_number=PHONE))
    assert (response.status, response.authentication_uuid) == (SendStatus.UNKNOWN, None)
