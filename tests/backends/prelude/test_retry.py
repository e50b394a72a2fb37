"""Creates that were meant as a retry: the API has none but the repeated request."""

import pytest

from django_ding.backends.types import Channel, DeviceSignals, RetryStatus, SendRequest, SendStatus
from django_ding.exceptions import BackendUnavailable
from tests.backends.helpers import PHONE, make_sent
from tests.backends.servers import answer, refusal
from tests.helpers import NOON

ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
OTHER_ID = "vrf_01jc0t6fwwfgfsq1md24mhyzzz"


def test_the_request_is_repeated(backend, provider):
    request = SendRequest(
        phone_number=PHONE,
        correlation_id="order-1",
        ip="1.1.1.1",
        device_signals=DeviceSignals(device_id="device"),
        locale="fr",
        template_id="template",
        callback_url="https://example.com/hook",
        extra={"code_size": 8, "channels": ["sms"], "max_auto_fallbacks": 1},
    )
    provider.usual = answer({"id": ID, "status": "success"})
    backend.send(request)
    backend.retry(make_sent(ID, request=request, attempt_number=2))
    create, retry = provider.requests
    assert (retry.method, retry.path, retry.json) == (create.method, create.path, create.json)


def test_the_channel_is_that_of_the_retry(backend, provider):
    provider.usual = answer({"id": ID, "status": "retry"})
    request = SendRequest(phone_number=PHONE, channel=Channel.VOICE)
    backend.retry(make_sent(ID, request=request))
    backend.retry(make_sent(ID, request=request), channel=Channel.WHATSAPP)
    backend.retry(make_sent(ID, request=request), channel=Channel.VOICE)
    options = [request.json.get("options") for request in provider.requests]
    # Whether a call is repeated is for the flow to say, which knows what is allowed by now.
    assert options == [None, {"method": "message", "preferred_channel": "whatsapp"}, {"method": "voice"}]


def test_a_retry_is_never_silent(make_backend, provider):
    provider.usual = answer({"id": ID, "status": "retry"})
    app = DeviceSignals(device_type="IOS")
    request = SendRequest(phone_number=PHONE, dispatch_id="123e4567-e89b-12d3-a456-426614174000", device_signals=app)
    make_backend(silent=True).retry(make_sent(ID, request=request))
    assert provider.requests[0].json["options"]["method"] == "message"


@pytest.mark.parametrize(
    ("word", "status", "is_new", "provider_status"),
    [
        ("retry", RetryStatus.APPROVED, False, ""),
        ("success", RetryStatus.APPROVED, True, ""),
        ("challenged", RetryStatus.APPROVED, True, "challenged"),
        ("shadow_blocked", RetryStatus.APPROVED, True, "shadow_blocked"),
        ("blocked", RetryStatus.DENIED, False, "blocked"),
        ("brand_new", RetryStatus.UNKNOWN, False, "brand_new"),
    ],
)
def test_status(backend, provider, word, status, is_new, provider_status):
    provider.will(answer({"id": OTHER_ID, "status": word, "channels": ["whatsapp"]}))
    response = backend.retry(make_sent(ID))
    assert (response.status, response.is_new, response.provider_status) == (status, is_new, provider_status)
    approved = status is RetryStatus.APPROVED
    assert response.authentication_uuid == (OTHER_ID if approved else None)
    assert response.channel is (Channel.WHATSAPP if approved else None)


@pytest.mark.parametrize("word", ["challenged", "shadow_blocked"])
def test_status_within_the_window(backend, provider, word):
    provider.will(answer({"id": ID, "status": word}))
    assert not backend.retry(make_sent(ID)).is_new


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("repeated_attempts", RetryStatus.RATE_LIMITED),
        ("suspicious", RetryStatus.DENIED),
        ("in_block_list", RetryStatus.DENIED),
        ("invalid_phone_line", RetryStatus.DENIED),
    ],
)
def test_blocked(backend, provider, reason, status):
    provider.will(answer({"id": ID, "status": "blocked", "reason": reason}))
    response = backend.retry(make_sent(ID))
    assert (response.status, response.details) == (status, {"reason": reason})


def test_a_new_window_by_its_id(backend, provider):
    provider.usual = answer({"id": ID, "status": "success"})
    assert not backend.retry(make_sent(ID)).is_new
    assert backend.retry(make_sent(OTHER_ID)).is_new


@pytest.mark.parametrize("id_", [7, ["vrf_1"], "x" * 65, "vrf_\x00"])
def test_an_id_that_is_none(backend, provider, id_):
    provider.usual = answer({"id": id_, "status": "success"})
    for call in (lambda: backend.retry(make_sent(ID)), lambda: backend.check(make_sent(ID), "123456")):
        with pytest.raises(BackendUnavailable) as raised:
            call()
        assert raised.value.code == "unexpected_answer"


@pytest.mark.parametrize("retry_after", [1e300, -5, 1e13])
def test_what_a_body_says_of_waiting_is_not_read(backend, provider, retry_after):
    provider.usual = answer({"id": ID, "status": "blocked", "reason": "suspicious", "retry_after": retry_after})
    assert backend.retry(make_sent(ID)).next_retry_at is None
    assert backend.send(SendRequest(phone_number=PHONE)).retry_after is None


def test_the_end_of_the_checks(backend, provider):
    provider.usual = refusal("too_many_checks")
    assert backend.retry(make_sent(ID)).status is RetryStatus.RATE_LIMITED
    assert backend.send(SendRequest(phone_number=PHONE)).status is SendStatus.RATE_LIMITED


def test_a_limit_of_the_provider(backend, provider, clock):
    clock.move_to(NOON)
    provider.will(refusal("too_many_attempts"), answer({}, status=429, headers={"Retry-After": "60"}))
    limited, slowed = backend.retry(make_sent(ID)), backend.retry(make_sent(ID))
    assert (limited.status, limited.next_retry_at) == (RetryStatus.RATE_LIMITED, None)
    assert slowed.status is RetryStatus.RATE_LIMITED
    assert slowed.next_retry_at.isoformat() == "2026-06-01T12:01:00+00:00"
