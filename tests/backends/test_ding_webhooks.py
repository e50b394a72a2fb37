from datetime import UTC, datetime
from decimal import Decimal

import pytest

from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    Channel,
    DeliveryStatus,
    DeliveryStatusEvent,
    StatusEvent,
)
from django_ding.backends.callbacks import Price, Report
from django_ding.backends.ding.callbacks import read_callback

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
    assert read_callback(sample) == Report(
        event=StatusEvent(type="authentication", created_at=MOMENT),
        id="e",
        authentication_uuid="u",
        correlation_id="c",
        price=Price(amount=Decimal("0.009"), currency="EUR"),
    )


def test_attempt_reads_what_is_there():
    told = {"attempt_id": "a", "attempt_number": 2, "capability": "rcs", "delivery_status": "delivered", "content": "1"}
    assert read_callback({"type": "attempt", "time": TIME, **told}).event == AttemptEvent(
        type="attempt",
        created_at=MOMENT,
        id="a",
        attempt_number=2,
        capability=Channel.RCS,
        status=AttemptStatus.DELIVERED,
    )


@pytest.mark.parametrize(
    ("told", "status"), [("submitted", "pending"), ("undeliverable", "failed"), ("new", "pending"), (None, "pending")]
)
def test_attempt_stands_where_its_delivery_says(told, status):
    assert read_callback({"type": "attempt", "delivery_status": told}).event.status == status


def test_delivery_status_reads_what_is_there():
    told = {"type": "delivery_status", "time": TIME, "attempt_id": "a", "attempt_number": 1, "status": "in_transit"}
    assert read_callback(told).event == DeliveryStatusEvent(
        type="delivery_status",
        created_at=MOMENT,
        attempt_id="a",
        attempt_number=1,
        status=DeliveryStatus.IN_TRANSIT,
    )


def test_nothing_reads_as_nothing():
    assert read_callback({}) == Report(event=StatusEvent(type="unknown"))


@pytest.mark.parametrize(
    "price",
    [
        *(None, 0.009, {}, {"amount": 0.009}, {"currency": "EUR"}, {"amount": "0.009", "currency": "EUR"}),
        *({"amount": amount, "currency": "EUR"} for amount in (-1, 1_000_000, float("nan"), True)),
        {"amount": 1, "currency": "EURO"},
    ],
)
def test_price_that_makes_no_sense_is_none(price):
    assert read_callback({"type": "attempt", "price": price}).price is None


def test_price_keeps_six_decimals():
    price = {"amount": 0.123456789, "currency": "EUR"}
    assert read_callback({"type": "attempt", "price": price}).price.amount == Decimal("0.123457")


def test_repr_shows_no_number():
    assert "3612345678" not in repr(read_callback({"type": "attempt", "recipient_phone_number": "+33612345678"}))
