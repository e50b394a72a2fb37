from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from django_ding.backends.ding import BaseDingBackend, DingBackend
from django_ding.backends.ding.parsing import LINE_TYPES
from django_ding.backends.http import Reply
from django_ding.backends.types import (
    AttemptStatus,
    BalanceUpdateType,
    Channel,
    CheckStatus,
    DeliveryStatus,
    DeviceSignals,
    FeedbackStatus,
    SendRequest,
    WebhookEvent,
)
from django_ding.codes import user_message
from django_ding.exceptions import BackendRejected, BackendUnavailable, Blocked, DingError, InputError
from django_ding.line_types import LineType
from django_ding.sandbox import Simulator
from django_ding.sandbox.server import SandboxServer
from tests.backends.ding_contract import DingContract
from tests.backends.helpers import API_KEY, CUSTOMER_UUID, make_sent
from tests.backends.servers import answer, refusal

PHONE = "+33612345678"
UUID_1 = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"
SENT = make_sent(UUID_1, PHONE)
TIME = "2023-11-07T05:31:56Z"
MOMENT = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)

CALLS = {
    "send": lambda backend: backend.send(SendRequest(phone_number=PHONE)),
    "check": lambda backend: backend.check(SENT, "012345"),
    "retry": lambda backend: backend.retry(SENT),
    "status": lambda backend: backend.status(SENT),
    "feedback": lambda backend: backend.feedback(PHONE, FeedbackStatus.ONBOARDED),
    "lookup": lambda backend: backend.lookup(PHONE),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture(scope="module")
def sandbox_server():
    simulator = Simulator()
    with SandboxServer(simulator) as server:
        yield server
    simulator.close()


class TestDingBackend(DingContract):
    @pytest.fixture
    def simulator(self, sandbox_server):
        self.url = f"{sandbox_server.url}/v1"
        sandbox_server.simulator.reset()
        return sandbox_server.simulator

    def make_backend(self, **options):
        credentials = {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID}
        return DingBackend("default", base_url=self.url, **credentials, **options)


# Requests


def test_send_sends_least(backend, provider):
    CALLS["send"](backend)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v1/authentication")
    assert request.json == {"customer_uuid": CUSTOMER_UUID, "phone_number": PHONE}


@pytest.mark.parametrize("name", ["correlation_id", "locale", "template_id", "sender_id", "callback_url"])
def test_send_sends_field(backend, provider, name):
    backend.send(SendRequest(phone_number=PHONE, **{name: "a value"}))
    assert provider.requests[0].json == {"customer_uuid": CUSTOMER_UUID, "phone_number": PHONE, name: "a value"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_id", "device"),
        ("device_type", "ANDROID"),
        ("device_model", "Pixel 9"),
        ("os_version", "16"),
        ("app_version", "1.2.3"),
        ("app_realm", "FA+9qCX9VSu"),
        ("is_returning_user", True),
        ("is_returning_user", False),
    ],
)
def test_send_sends_signal(backend, provider, name, value):
    backend.send(SendRequest(phone_number=PHONE, device_signals=DeviceSignals(**{name: value})))
    assert provider.requests[0].json == {"customer_uuid": CUSTOMER_UUID, "phone_number": PHONE, name: value}


@pytest.mark.parametrize("device_type", ["IPADOS", "TVOS"])
def test_send_knows_three_platforms(backend, provider, device_type):
    backend.send(SendRequest(phone_number=PHONE, device_signals=DeviceSignals(device_type=device_type)))
    assert provider.requests[0].json["device_type"] == "IOS"


def test_send_leaves_out_what_version_1_has_no_field_for(backend, provider):
    signals = DeviceSignals(user_agent="Mozilla/5.0", ja4_fingerprint="t13d1516h2")
    backend.send(SendRequest(phone_number=PHONE, device_signals=signals))
    assert provider.requests[0].json == {"customer_uuid": CUSTOMER_UUID, "phone_number": PHONE}


@pytest.mark.parametrize(
    ("ip", "sent"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", None),
    ],
)
def test_send_ip_is_sent_as_ipv4(backend, provider, ip, sent):
    backend.send(SendRequest(phone_number=PHONE, ip=ip))
    assert provider.requests[0].json.get("ip") == sent


def test_send_ipv6_is_sent_on_demand(make_backend, provider):
    make_backend(send_ipv6=True).send(SendRequest(phone_number=PHONE, ip="2001:db8::1"))
    assert provider.requests[0].json["ip"] == "2001:db8::1"


def test_check_sends_code_as_text(backend, provider):
    CALLS["check"](backend)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v1/check")
    assert request.json == {
        "customer_uuid": CUSTOMER_UUID,
        "authentication_uuid": UUID_1,
        "check_code": "012345",
    }


def test_retry_sends_uuid(backend, provider):
    CALLS["retry"](backend)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v1/retry")
    assert request.json == {"customer_uuid": CUSTOMER_UUID, "authentication_uuid": UUID_1}


@pytest.mark.parametrize("status", FeedbackStatus)
def test_feedback_sends_status(backend, provider, status):
    backend.feedback(PHONE, status)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v1/authentication/feedback")
    assert request.json == {"customer_uuid": CUSTOMER_UUID, "phone_number": PHONE, "status": status.value}


def test_status_gets_by_uuid(backend, provider):
    CALLS["status"](backend)
    (request,) = provider.requests
    assert (request.method, request.path, request.body) == ("GET", f"/v1/authentication/{UUID_1}", b"")
    assert "customer-uuid" not in request.headers


def test_status_escapes_what_is_no_uuid(backend, provider):
    backend.status(make_sent("../a?b#c"))
    assert provider.requests[0].path == "/v1/authentication/..%2Fa%3Fb%23c"


def test_lookup_gets_by_escaped_number(backend, provider):
    CALLS["lookup"](backend)
    (request,) = provider.requests
    assert (request.method, request.path, request.body) == ("GET", "/v1/lookup/%2B33612345678", b"")
    assert request.headers["customer-uuid"] == CUSTOMER_UUID


def test_lookup_asks_for_caller_name(backend, provider):
    backend.lookup(PHONE, caller_name=True)
    assert provider.requests[0].path == "/v1/lookup/%2B33612345678?type=cnam"


@every_call
def test_request_headers(backend, provider, call):
    call(backend)
    (request,) = provider.requests
    assert request.headers["x-api-key"] == API_KEY
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("django-ding/")
    assert request.headers.get("content-type") == ("application/json" if request.method == "POST" else None)
    assert ("customer-uuid" in request.headers) is ("/lookup/" in request.path)


# Answers


def test_send_reads_every_field(backend, provider):
    provider.will(answer({"authentication_uuid": UUID_1, "status": "pending", "created_at": TIME, "expires_at": TIME}))
    result = CALLS["send"](backend)
    assert (result.authentication_uuid, result.created_at, result.expires_at) == (UUID_1, MOMENT, MOMENT)


@pytest.mark.parametrize("status", ["pending", "rate_limited", "spam_detected"])
def test_send_reads_status(backend, provider, status):
    provider.will(answer({"status": status}))
    result = CALLS["send"](backend)
    assert (result.status.value, result.provider_status) == (status, status)


def test_check_reads_every_field(backend, provider):
    provider.will(answer({"authentication_uuid": UUID_1, "status": "valid"}))
    assert CALLS["check"](backend).authentication_uuid == UUID_1


@pytest.mark.parametrize(
    "status",
    ["valid", "invalid", "without_attempt", "rate_limited", "already_validated", "expired_auth", "unknown"],
)
def test_check_reads_status(backend, provider, status):
    provider.will(answer({"status": status}))
    result = CALLS["check"](backend)
    assert (result.status.value, result.provider_status) == (status, status)


def test_retry_reads_every_field(backend, provider):
    provider.will(
        answer(
            {
                "authentication_uuid": UUID_1,
                "status": "approved",
                "created_at": TIME,
                "next_retry_at": TIME,
                "remaining_retry": 3,
            }
        )
    )
    result = CALLS["retry"](backend)
    assert (result.authentication_uuid, result.remaining_retry) == (UUID_1, 3)
    assert (result.created_at, result.next_retry_at) == (MOMENT, MOMENT)


@pytest.mark.parametrize(
    "status", ["approved", "denied", "no_attempt", "rate_limited", "expired_auth", "already_validated"]
)
def test_retry_reads_status(backend, provider, status):
    provider.will(answer({"status": status}))
    result = CALLS["retry"](backend)
    assert (result.status.value, result.provider_status) == (status, status)


@pytest.mark.parametrize("operation", ["send", "check", "retry"])
def test_new_status_is_unknown_and_kept(backend, provider, operation):
    provider.will(answer({"status": "approved_by_vote"}))
    result = CALLS[operation](backend)
    assert (result.status.value, result.provider_status) == ("unknown", "approved_by_vote")


def test_feedback_reads_uuid(backend, provider):
    provider.will(answer({"uuid": UUID_1}))
    assert CALLS["feedback"](backend).uuid == UUID_1


def test_lookup_reads_every_field(backend, provider):
    content = {
        "phone_number": PHONE,
        "country_code": "FR",
        "mcc": "208",
        "mnc": "01",
        "carrier": "Carrier",
        "number_ported": True,
        "temporary_phone_number": False,
        "caller_name": "Somebody",
    }
    provider.will(answer({**content, "line_type": "Mobile"}))
    result = CALLS["lookup"](backend)
    assert {name: getattr(result, name) for name in content} == content


@pytest.mark.parametrize(
    "line_type",
    [
        *("FixedLine", "Mobile", "TollFree", "PremiumRate", "SharedCost", "Voip", "Pager", "VoiceMail"),
        *("UniversalAccess", "Service", "Unknown", "CallingCards", "InternetServiceProvider", "LocalRate"),
        *("Other", "PayPhone", "Satellite", "ShortCodesCommercial", "VPN"),
    ],
)
def test_lookup_reads_line_type(backend, provider, line_type):
    provider.will(answer({"line_type": line_type}))
    assert CALLS["lookup"](backend).line_type is LINE_TYPES[line_type]


@pytest.mark.parametrize("line_type", ["Telepathy", "", None, 7, [], {}])
def test_lookup_new_line_type_is_unknown(backend, provider, line_type):
    provider.will(answer({"line_type": line_type}))
    assert CALLS["lookup"](backend).line_type is LineType.UNKNOWN


# The record of an authentication


def events_of(backend, provider, *events):
    provider.will(answer({"events": list(events)}))
    return backend.status(SENT).events


def test_status_reads_every_field(backend, provider):
    signals = {
        "device_id": "device",
        "device_type": "IPADOS",
        "device_model": "iPad",
        "os_version": "19",
        "app_version": "1.2.3",
        "app_realm": "FA+9qCX9VSu",
        "is_returning_user": False,
    }
    content = {"uuid": UUID_1, "phone_number": PHONE, "template_id": "template", "correlation_id": "order-1"}
    provider.will(answer({**content, "created_at": TIME, "signals": {**signals, "ip": "192.0.2.1"}, "events": []}))
    result = CALLS["status"](backend)
    assert {name: getattr(result, name) for name in content} == content
    assert (result.created_at, result.device_signals, result.events) == (MOMENT, DeviceSignals(**signals), ())
    assert result.ip == "192.0.2.1"


def test_attempt_reads_every_field(backend, provider):
    (event,) = events_of(
        backend,
        provider,
        {
            "id": UUID_1,
            "type": "attempt",
            "created_at": TIME,
            "attempt_number": 2,
            "capability": "text",
            "content": "Your code is 123456",
            "sender_id": "Shop",
            "status": "delivered",
        },
    )
    assert event == WebhookEvent(
        type="attempt",
        created_at=MOMENT,
        attempt_id=UUID_1,
        attempt_number=2,
        channel=Channel.SMS,
        sender_id="Shop",
        status=AttemptStatus.DELIVERED,
    )


@pytest.mark.parametrize("capability", ["rcs", "text", "whatsapp", "viber", "zalo", "telegram"])
def test_attempt_reads_capability(backend, provider, capability):
    (event,) = events_of(backend, provider, {"type": "attempt", "capability": capability})
    assert event.channel.value == ("sms" if capability == "text" else capability)


@pytest.mark.parametrize(("capability", "read"), [("pigeon", Channel.UNKNOWN), (7, Channel.UNKNOWN), (None, None)])
def test_attempt_odd_capability(backend, provider, capability, read):
    (event,) = events_of(backend, provider, {"type": "attempt", "capability": capability})
    assert event.channel is read


@pytest.mark.parametrize("status", ["pending", "delivered", "failed", "rate_limited", "expired"])
def test_attempt_reads_status(backend, provider, status):
    (event,) = events_of(backend, provider, {"type": "attempt", "status": status})
    assert event.status.value == status


def test_check_event_reads_every_field_but_the_code(backend, provider):
    (event,) = events_of(
        backend,
        provider,
        {"id": UUID_1, "type": "check", "created_at": TIME, "code": "123456", "status": "expired_auth"},
    )
    assert event == WebhookEvent(type="check", created_at=MOMENT, id=UUID_1, status=CheckStatus.EXPIRED_AUTH)


def test_delivery_status_reads_every_field(backend, provider):
    (event,) = events_of(
        backend,
        provider,
        {
            "type": "delivery_status",
            "created_at": TIME,
            "attempt_id": UUID_1,
            "attempt_number": 1,
            "originated_at": TIME,
            "status": "delivered",
        },
    )
    assert event == WebhookEvent(
        type="delivery_status",
        created_at=MOMENT,
        attempt_id=UUID_1,
        attempt_number=1,
        status=DeliveryStatus.DELIVERED,
    )


@pytest.mark.parametrize("status", ["unknown", "submitted", "in_transit", "delivered", "undeliverable"])
def test_delivery_status_reads_status(backend, provider, status):
    (event,) = events_of(backend, provider, {"type": "delivery_status", "status": status})
    assert event.status.value == status


def test_balance_update_reads_every_field(backend, provider):
    (event,) = events_of(
        backend,
        provider,
        {"type": "balance_update", "created_at": TIME, "amount": 0.009, "balance_update_type": "attempt"},
    )
    assert event == WebhookEvent(
        type="balance_update", created_at=MOMENT, amount=0.009, status=BalanceUpdateType.ATTEMPT
    )


@pytest.mark.parametrize(
    "kind",
    [
        *("unknown", "authentication", "attempt", "attempt_pending", "attempt_success"),
        *("authentication_pending", "authentication_success"),
    ],
)
def test_balance_update_reads_type(backend, provider, kind):
    (event,) = events_of(backend, provider, {"type": "balance_update", "balance_update_type": kind})
    assert event.status.value == kind


@pytest.mark.parametrize(
    ("kind", "unknown"),
    [
        ("attempt", AttemptStatus.UNKNOWN),
        ("check", CheckStatus.UNKNOWN),
        ("delivery_status", DeliveryStatus.UNKNOWN),
    ],
)
def test_new_status_of_an_event_is_unknown(backend, provider, kind, unknown):
    (event,) = events_of(backend, provider, {"type": kind, "status": "invented_later"})
    assert event.status is unknown


def test_new_type_of_event_is_bare(backend, provider):
    (event,) = events_of(backend, provider, {"type": "invented_later", "created_at": TIME, "code": "123456"})
    assert event == WebhookEvent(type="invented_later", created_at=MOMENT)


def test_event_without_type_is_unknown(backend, provider):
    (event,) = events_of(backend, provider, {})
    assert event == WebhookEvent(type="unknown")


def test_events_are_sorted_undated_last(backend, provider):
    later, earlier = "2023-11-07T05:31:57Z", "2023-11-07T07:31:56+02:00"
    events = events_of(
        backend, provider, {"type": "a"}, {"type": "b", "created_at": later}, {"type": "c", "created_at": earlier}
    )
    assert [event.type for event in events] == ["c", "b", "a"]


# Anything at all


class Echo:
    """A transport that answers the same to everything."""

    def __init__(self, status, data):
        self.reply = Reply(status=status, data=data)

    def post(self, path, *, json):
        return self.reply

    def get(self, path, *, headers=None):
        return self.reply


FIELDS = [
    *("authentication_uuid", "status", "created_at", "expires_at", "next_retry_at", "remaining_retry", "uuid"),
    *("phone_number", "template_id", "correlation_id", "signals", "events", "country_code", "mcc", "mnc", "carrier"),
    *("number_ported", "line_type", "temporary_phone_number", "caller_name", "code", "message", "ip", "device_id"),
    *("is_returning_user", "id", "type", "attempt_number", "capability", "content", "sender_id", "amount"),
    *("attempt_id", "originated_at", "balance_update_type"),
]
WORDS = ["attempt", "check", "delivery_status", "balance_update", "pending", "valid", "invalid_phone_number", TIME]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(WORDS)
    | st.datetimes().map(datetime.isoformat)
)


def objects(values):
    return st.dictionaries(st.sampled_from(FIELDS) | st.text(), values, max_size=8)


ANSWERS = objects(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | objects(inner), max_leaves=12))


@every_call
@given(status=st.sampled_from([200, 204, 400, 401, 403, 404, 422]), data=ANSWERS)
def test_any_answer_is_a_result_or_a_ding_error(call, status, data):
    backend = BaseDingBackend("default", client=Echo(status, data), customer_uuid=CUSTOMER_UUID, send_ipv6=False)
    with suppress(DingError):
        assert repr(call(backend))


@every_call
@pytest.mark.parametrize("value", [None, "", "\x00", "x" * 300, 7, -1, 10**400, 1e999, True, [], [7], {}, "2026-13-01"])
def test_every_field_of_any_type(call, value):
    events = [dict.fromkeys(FIELDS, value) | {"type": kind} for kind in WORDS[:4]]
    for data in (dict.fromkeys(FIELDS, value), {"events": events}):
        backend = BaseDingBackend("default", client=Echo(200, data), customer_uuid=CUSTOMER_UUID, send_ipv6=False)
        assert call(backend)


@every_call
def test_empty_answer_is_a_result(backend, call):
    assert call(backend)


@pytest.mark.parametrize("operation", ["send", "check", "retry"])
def test_missing_status_is_unknown(backend, operation):
    result = CALLS[operation](backend)
    assert (result.status.value, result.provider_status) == ("unknown", "")


# Errors

INPUT_CODES = [
    *("invalid_phone_number", "invalid_line", "unsupported_region", "invalid_app_realm"),
    *("app_realm_require_device_type", "unsupported_app_realm_device_type", "invalid_app_version"),
    *("invalid_os_version", "invalid_device_model", "invalid_device_id", "no_associated_auth_found"),
    *("duplicated_feedback_status", "invalid_feedback_status", "impossible_code"),
]
ACCOUNT_CODES = [
    *("bad_request", "account_invalid", "negative_balance", "suspended_account", "invalid_auth_uuid"),
    *("invalid_template_id", "invalid_sender_id", "unauthorized_sender_id", "spending_limit_exceeded"),
]


@pytest.mark.parametrize("status", [400, 403, 422])
@pytest.mark.parametrize("code", INPUT_CODES)
def test_error_code_blames_input(backend, provider, code, status):
    provider.will(refusal(code, status=status))
    with pytest.raises(InputError) as raised:
        CALLS["send"](backend)
    assert raised.value.code == code
    assert str(raised.value) == user_message(code)


@pytest.mark.parametrize("status", [400, 403, 422])
def test_error_code_blocked_number(backend, provider, status):
    provider.will(refusal("blocked_number", status=status))
    with pytest.raises(Blocked) as raised:
        CALLS["send"](backend)
    assert raised.value.code == "blocked_number"


@pytest.mark.parametrize("status", [400, 401, 403, 422])
@pytest.mark.parametrize("code", ACCOUNT_CODES)
def test_error_code_blames_account(backend, provider, code, status):
    provider.will(refusal(code, status=status))
    with pytest.raises(BackendRejected) as raised:
        CALLS["send"](backend)
    assert raised.value.code == code
    assert str(raised.value).startswith(f"The provider answered HTTP {status} {code}. ")


@pytest.mark.parametrize("status", [400, 500])
def test_error_code_internal_server_error_is_an_outage(backend, provider, status):
    provider.will(refusal("internal_server_error", status=status))
    with pytest.raises(BackendUnavailable):
        CALLS["send"](backend)


@pytest.mark.parametrize("code", ["invented_later", "", None, 7, "x" * 65, "not a code", "c0de", "Ünknown"])
def test_error_code_unknown_blames_account(backend, provider, code):
    provider.will(refusal(code))
    with pytest.raises(BackendRejected) as raised:
        CALLS["send"](backend)
    assert raised.value.code == ("invented_later" if code == "invented_later" else "bad_request")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("content", [{"message": "Forbidden"}, {}, [], {"code": "forbidden"}])
def test_wrong_key_is_unauthorized(backend, provider, content, status):
    provider.will(answer(content, status=status))
    with pytest.raises(BackendRejected, match=rf"HTTP {status} unauthorized.*check OPTIONS\['api_key'\]") as raised:
        CALLS["send"](backend)
    assert raised.value.code == "unauthorized"


def test_not_found_blames_base_url(backend, provider):
    provider.will(answer(status=404, body=b"<h1>Not Found</h1>", headers={"Content-Type": "text/html"}))
    with pytest.raises(BackendRejected, match=r"HTTP 404 bad_request.*check OPTIONS\['base_url'\]"):
        CALLS["send"](backend)


# Options


def test_customer_uuid_may_be_a_uuid(make_backend, provider):
    CALLS["send"](make_backend(customer_uuid=UUID(CUSTOMER_UUID)))
    assert provider.requests[0].json["customer_uuid"] == CUSTOMER_UUID


def test_customer_uuid_is_normalized(make_backend, provider):
    CALLS["send"](make_backend(customer_uuid=CUSTOMER_UUID.upper()))
    assert provider.requests[0].json["customer_uuid"] == CUSTOMER_UUID


def test_base_url_may_end_with_a_slash(make_backend, provider):
    CALLS["check"](make_backend(base_url=f"{provider.url}/v1/"))
    assert provider.requests[0].path == "/v1/check"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_key": "key\n"}, "api_key must be printable ASCII text without spaces around it."),
        ({"api_key": " key"}, "api_key must be"),
        ({"api_key": "clé"}, "api_key must be"),
        ({"api_key": ""}, "api_key must be"),
        ({"api_key": 7}, "api_key must be"),
        ({"customer_uuid": "me"}, "customer_uuid must be a UUID, as the provider's dashboard shows it."),
        ({"customer_uuid": None}, "customer_uuid must be"),
        ({"base_url": "api.ding.live"}, 'base_url must be a URL such as "https://api.ding.live/v1"'),
        ({"base_url": "ftp://api.ding.live"}, "base_url must be"),
        ({"base_url": "https://"}, "base_url must be"),
        ({"base_url": "https://[::1"}, "base_url must be"),
        ({"base_url": "https://host:99999"}, "base_url must be"),
        ({"base_url": "https://host:0"}, "base_url must be"),
        ({"base_url": "https://user:word@host"}, "base_url must be"),
        ({"base_url": "https://@host"}, "base_url must be"),
        ({"base_url": "https://host/?a=b"}, "base_url must be"),
        ({"base_url": "https://host/#a"}, "base_url must be"),
        ({"base_url": "https://host/a b"}, "base_url must be"),
        ({"base_url": "https://hôte/"}, "base_url must be"),
        ({"base_url": None}, "base_url must be"),
        ({"connect_timeout": 0}, "connect_timeout must be a number of seconds above zero, at most 86400, not 0."),
        ({"connect_timeout": True}, "connect_timeout must be"),
        ({"read_timeout": None}, "read_timeout must be"),
        ({"read_timeout": "10"}, "read_timeout must be"),
        ({"read_timeout": float("inf")}, "read_timeout must be"),
        ({"read_timeout": float("nan")}, "read_timeout must be"),
        ({"connect_retries": -1}, "connect_retries must be a whole number, 0 or more, not -1."),
        ({"connect_retries": 1.5}, "connect_retries must be"),
        ({"pool_size": 0}, "pool_size must be a whole number, 1 or more, not 0."),
        ({"pool_size": True}, "pool_size must be"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_option_is_refused(make_backend, options, message):
    with pytest.raises(ImproperlyConfigured) as raised:
        make_backend(**options)
    assert str(raised.value).startswith(message)
