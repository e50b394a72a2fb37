from datetime import UTC, datetime
from decimal import Decimal

import pytest

from django_ding.backends.ding import DingBackend
from django_ding.backends.ding.parsing import parse_webhook
from django_ding.backends.types import AttemptStatus, Channel, DeliveryStatus, Price, WebhookEvent, WebhookRequest
from django_ding.exceptions import InvalidWebhook

TIME = "2023-05-09T12:09:31+0000"
MOMENT = datetime(2023, 5, 9, 12, 9, 31, tzinfo=UTC)


def test_documented_sample_reads_whole():
    sample = {
        "id": "e",
        "auth_uuid": "u",
        "type": "authentication",
        "recipient_phone_number": "+33612345678",
        "price": {"amount": 0.009, "currency": "EUR"},
        "time": TIME,
        "correlation_id": "c",
    }
    assert parse_webhook(sample) == WebhookEvent(
        type="authentication",
        created_at=MOMENT,
        id="e",
        authentication_uuid="u",
        correlation_id="c",
        price=Price(amount=Decimal("0.009"), currency="EUR"),
    )


def test_attempt_reads_what_is_there():
    payload = {
        "attempt_id": "a",
        "attempt_number": 2,
        "capability": "rcs",
        "delivery_status": "delivered",
        "content": "1",
    }
    assert parse_webhook({"type": "attempt", "time": TIME, **payload}) == WebhookEvent(
        type="attempt",
        created_at=MOMENT,
        attempt_id="a",
        attempt_number=2,
        channel=Channel.RCS,
        status=AttemptStatus.DELIVERED,
    )


@pytest.mark.parametrize(
    ("delivery", "status"),
    [("submitted", "pending"), ("undeliverable", "failed"), ("new", "pending"), (None, "pending")],
)
def test_attempt_has_the_status_of_its_delivery(delivery, status):
    assert parse_webhook({"type": "attempt", "delivery_status": delivery}).status == status


def test_delivery_status_reads_what_is_there():
    payload = {"type": "delivery_status", "time": TIME, "attempt_id": "a", "attempt_number": 1, "status": "in_transit"}
    assert parse_webhook(payload) == WebhookEvent(
        type="delivery_status",
        created_at=MOMENT,
        attempt_id="a",
        attempt_number=1,
        status=DeliveryStatus.IN_TRANSIT,
    )


@pytest.mark.parametrize(
    ("given", "details"),
    [
        ({"mcc": "208", "mnc": "01"}, {"carrier": {"network": "20801"}}),
        *((given, {}) for given in ({"mcc": "208"}, {"mcc": 208, "mnc": 1}, {}, None, "20801")),
    ],
)
def test_carrier_is_a_detail(given, details):
    assert parse_webhook({"type": "delivery_status", "carrier_information": given}).details == details


def test_nothing_reads_as_nothing():
    assert parse_webhook({}) == WebhookEvent(type="unknown")


@pytest.mark.parametrize(
    "price",
    [
        *(None, 0.009, {}, {"amount": 0.009}, {"currency": "EUR"}, {"amount": "0.009", "currency": "EUR"}),
        *({"amount": amount, "currency": "EUR"} for amount in (-1, 1_000_000, float("nan"), True)),
        {"amount": 1, "currency": "EURO"},
    ],
)
def test_price_that_makes_no_sense_is_none(price):
    assert parse_webhook({"type": "attempt", "price": price}).price is None


def test_price_keeps_six_decimals():
    price = {"amount": 0.123456789, "currency": "EUR"}
    assert parse_webhook({"type": "attempt", "price": price}).price.amount == Decimal("0.123457")


def test_repr_shows_no_number():
    assert "3612345678" not in repr(parse_webhook({"type": "attempt", "recipient_phone_number": "+33612345678"}))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 60_000, b"1" * 5000])
def test_body_that_is_no_object_is_unreadable(body):
    backend = DingBackend("default", api_key="key", customer_uuid="00000000-0000-4000-8000-000000000000")
    with pytest.raises(InvalidWebhook) as raised:
        backend.parse_webhook(WebhookRequest(url="https://example.com/", headers={}, body=body))
    assert raised.value.code == "unreadable"
    assert raised.value.__cause__ is raised.value.__context__ is None
