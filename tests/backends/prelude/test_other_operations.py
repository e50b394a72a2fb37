"""History, lookup and feedback."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from django_ding.backends.types import (
    AttemptStatus,
    Channel,
    CheckStatus,
    DeliveryStatus,
    EventType,
    FeedbackStatus,
    LineType,
)
from django_ding.exceptions import BackendRejected, UnsupportedOperation
from tests.backends.helpers import PHONE, make_sent
from tests.backends.servers import answer

ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
SECRET = "Your code is 987654"


def at(second):
    return f"2026-06-01T12:00:{second:02}.123456789Z"


def moment(second):
    return datetime(2026, 6, 1, 12, 0, second, 123456, tzinfo=UTC)


def lifecycle(*events):
    return {"events": list(events), "total_cost": {"amount": "0.039", "currency": "EUR"}}


@pytest.fixture
def status_of(make_backend, provider):
    backend = make_backend(supports_status=True)

    def status_of(**fields):
        provider.will(answer({"id": ID, "created_at": at(0), "phone_number": PHONE, "status": "sent", **fields}))
        return backend.status(make_sent(ID))

    return status_of


def test_history_path_is_quoted(make_backend, provider):
    make_backend(supports_status=True).status(make_sent("../check?x=#"))
    assert provider.requests[0].path == "/v2/verification/phone/history/..%2Fcheck%3Fx%3D%23"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("converted", "validated"),
        ("not_converted", "expired"),
        ("sent", "pending"),
        ("pending_check", "pending"),
        ("challenged", "pending"),
        ("shadowed", "pending"),
        ("suspected_fraud", "spam_detected"),
        ("expired_signals", "spam_detected"),
        ("rate_limited", "rate_limited"),
        ("in_blocklist", "blocked_number"),
        ("invalid_line", "invalid_line"),
        ("invalid_number", "invalid_phone_number"),
        ("brand_new", "unknown"),
        (None, "unknown"),
    ],
)
def test_history_status(status_of, word, status):
    assert status_of(status=word).status == status


def test_history_fields(status_of):
    status = status_of(
        expires_at=at(59),
        template_id="template",
        correlation_id="order-1",
        ip_address="1.1.1.1",
        device_platform="ipados",
        device_model="iPad16,3",
        app_version="1.2.3",
        signals={"is_trusted_user": True, "device_id": "d", "os_version": "19", "user_agent": "Shop/1"},
    )
    assert (status.uuid, status.phone_number, status.created_at) == (ID, PHONE, moment(0))
    assert (status.expires_at, status.template_id, status.correlation_id) == (moment(59), "template", "order-1")
    signals = status.device_signals
    assert (status.ip, signals.device_type, signals.device_model, signals.app_version) == (
        "1.1.1.1",
        "IPADOS",
        "iPad16,3",
        "1.2.3",
    )
    assert (signals.is_returning_user, signals.device_id, signals.os_version, signals.user_agent) == (
        True,
        "d",
        "19",
        "Shop/1",
    )


def test_history_carrier_is_that_of_each_attempt_without_its_own(status_of):
    attempts = [{"id": "a"}, {"id": "b", "carrier": {"mccmnc": "20810"}}]
    status = status_of(
        carrier={"mccmnc": "20801", "name": "Orange"},
        lifecycle=lifecycle(*({"type": "attempt", "attempt": attempt} for attempt in attempts)),
    )
    assert [event.details["carrier"] for event in status.events] == [
        {"name": "Orange", "network": "20801"},
        {"network": "20810"},
    ]


def test_history_events(status_of):
    attempt = {
        "id": "att_1",
        "created_at": at(1),
        "channel": "whatsapp",
        "content": SECRET,
        "cost": {"amount": "0.03", "currency": "EUR"},
        "carrier": {"mccmnc": "20801", "name": "Orange"},
        "status": "succeeded",
        "trigger": "user_retry",
        "delivery_status": "read",
        "delivery_events": [
            {"received_at": at(3), "status": "delivered"},
            {"received_at": at(2), "status": "submitted"},
        ],
    }
    check = {"created_at": at(5), "is_valid": False, "value": "987654"}
    status = status_of(
        lifecycle=lifecycle(
            {"type": "check", "check": check},
            {"type": "check", "check": {"created_at": at(6), "is_valid": True}},
            {"type": "attempt", "attempt": attempt},
            {"type": "create", "create": {"created_at": at(0), "cost": {"amount": "0.009", "currency": "EUR"}}},
            {"type": "signals", "signals": {"received_at": at(0)}},
            {"type": "brand_new", "brand_new": {}},
            {"type": ["x"]},
        )
    )
    created, sent, submitted, delivered, wrong, right = status.events
    assert (created.type, created.authentication_uuid) == (EventType.AUTHENTICATION, ID)
    assert created.price.amount == Decimal("0.009")
    assert (sent.type, sent.attempt_id, sent.channel, sent.status) == (
        EventType.ATTEMPT,
        "att_1",
        Channel.WHATSAPP,
        AttemptStatus.DELIVERED,
    )
    assert sent.details == {"trigger": "user_retry", "carrier": {"name": "Orange", "network": "20801"}}
    assert (sent.price.amount, sent.price.currency) == (Decimal("0.03"), "EUR")
    assert [report.status for report in (submitted, delivered)] == [DeliveryStatus.SUBMITTED, DeliveryStatus.DELIVERED]
    assert {report.attempt_id for report in (submitted, delivered)} == {"att_1"}
    assert [check.status for check in (wrong, right)] == [CheckStatus.INVALID, CheckStatus.VALID]
    assert "987654" not in repr(status)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("unknown", DeliveryStatus.UNKNOWN),
        ("submitted", DeliveryStatus.SUBMITTED),
        ("in_transit", DeliveryStatus.IN_TRANSIT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.DELIVERED),
        ("undeliverable", DeliveryStatus.UNDELIVERABLE),
        ("expired", DeliveryStatus.UNDELIVERABLE),
        ("silent_started", DeliveryStatus.IN_TRANSIT),
        ("silent_verified", DeliveryStatus.DELIVERED),
        ("silent_mismatch", DeliveryStatus.UNDELIVERABLE),
        ("brand_new", DeliveryStatus.UNKNOWN),
        (7, DeliveryStatus.UNKNOWN),
    ],
)
def test_history_delivery(status_of, word, status):
    reports = [{"received_at": at(2), "status": word}]
    _, report = status_of(
        lifecycle=lifecycle({"type": "attempt", "attempt": {"id": "att_1", "delivery_events": reports}})
    ).events[::-1]
    assert report.status is status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "failed"}, AttemptStatus.FAILED),
        ({"status": "failed", "delivery_status": "delivered"}, AttemptStatus.FAILED),
        ({"status": "succeeded"}, AttemptStatus.PENDING),
        ({"delivery_status": "undeliverable"}, AttemptStatus.FAILED),
        ({"delivery_status": "delivered"}, AttemptStatus.DELIVERED),
    ],
)
def test_history_attempt_status(status_of, fields, status):
    (event,) = status_of(lifecycle=lifecycle({"type": "attempt", "attempt": {"id": "att_1", **fields}})).events
    assert event.status is status


@pytest.mark.parametrize(
    ("detail", "status"),
    [
        ("expired_attempt", CheckStatus.EXPIRED_AUTH),
        ("expired_auth", CheckStatus.EXPIRED_AUTH),
        ("rate_limited", CheckStatus.RATE_LIMITED),
        ("transaction_missing", CheckStatus.UNKNOWN),
        ("transaction_mismatch", CheckStatus.UNKNOWN),
        ("brand_new", CheckStatus.INVALID),
    ],
)
def test_history_check(status_of, detail, status):
    check = {"is_valid": False, "status_detail": detail}
    (event,) = status_of(lifecycle=lifecycle({"type": "check", "check": check})).events
    assert event.status is status


def test_history_says_why_a_request_was_blocked(status_of):
    (event,) = status_of(block_reasons=["device_reuse"], lifecycle=lifecycle({"type": "create", "create": {}})).events
    assert event.details == {"risk_factors": ["device_reuse"]}


def test_history_of_an_unknown_id(make_backend, provider):
    provider.will(answer({"code": "not_found"}, status=404))
    with pytest.raises(BackendRejected) as raised:
        make_backend(supports_status=True).status(make_sent(ID))
    assert raised.value.code == "invalid_auth_uuid"


def test_lookup(backend, provider):
    provider.will(
        answer(
            {
                "phone_number": PHONE,
                "country_code": "FR",
                "network_info": {"carrier_name": "Orange", "mcc": "208", "mnc": "01"},
                "original_network_info": {"carrier_name": "SFR"},
                "flags": ["ported", "temporary"],
                "line_type": "voip",
                "caller_name": "Ada",
            }
        )
    )
    found = backend.lookup(PHONE, caller_name=True)
    assert provider.requests[0].path == "/v2/lookup/%2B33612345678?type=cnam"
    assert (found.phone_number, found.country_code) == (PHONE, "FR")
    assert (found.carrier, found.mcc, found.mnc, found.caller_name) == ("Orange", "208", "01", "Ada")
    assert (found.number_ported, found.temporary_phone_number) == (True, True)
    assert found.line_type is LineType.VOIP


@pytest.mark.parametrize(
    ("flags", "ported", "temporary"), [(["ported"], True, False), (["temporary"], False, True), ([], False, False)]
)
def test_lookup_flags(backend, provider, flags, ported, temporary):
    provider.will(answer({"flags": flags}))
    found = backend.lookup(PHONE)
    assert (found.number_ported, found.temporary_phone_number) == (ported, temporary)


@pytest.mark.parametrize("line_type", sorted(set(LineType) - {LineType.FIXED_LINE_OR_MOBILE, LineType.PERSONAL_NUMBER}))
def test_lookup_line_type(backend, provider, line_type):
    provider.will(answer({"line_type": line_type.value, "flags": []}))
    found = backend.lookup(PHONE)
    assert (found.line_type, found.number_ported, found.temporary_phone_number) == (line_type, False, False)
    assert provider.requests[0].path == "/v2/lookup/%2B33612345678"


def test_lookup_of_an_empty_answer(backend, provider):
    provider.will(answer({"flags": None, "line_type": ["x"]}))
    assert backend.lookup(PHONE).line_type is LineType.UNKNOWN


def test_feedback(make_backend, provider):
    provider.will(answer({"status": "success", "request_id": "request-1"}))
    assert make_backend(supports_feedback=True).feedback(PHONE, FeedbackStatus.ONBOARDED).uuid == "request-1"
    (request,) = provider.requests
    assert (request.path, request.json) == (
        "/v2/watch/feedback",
        {"feedbacks": [{"target": {"type": "phone_number", "value": PHONE}, "type": "verification.completed"}]},
    )


def test_feedback_that_version_2_has_no_word_for(make_backend, provider):
    with pytest.raises(UnsupportedOperation):
        make_backend(supports_feedback=True).feedback(PHONE, FeedbackStatus.NOT_ONBOARDED)
    assert not provider.requests


def test_what_the_account_lacks_is_unsupported(make_backend, provider):
    backend = make_backend(supports_lookup=False)
    for call in (
        lambda: backend.status(make_sent(ID)),
        lambda: backend.cancel(make_sent(ID)),
        lambda: backend.lookup(PHONE),
        lambda: backend.feedback(PHONE, FeedbackStatus.ONBOARDED),
    ):
        with pytest.raises(UnsupportedOperation):
            call()
    assert not provider.requests
