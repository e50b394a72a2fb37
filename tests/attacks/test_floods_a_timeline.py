"""A stranger who knows a webhook's URL wants to break the admin with absurd reports, or to fill the database."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_ding.backends import get_backend
from django_ding.backends.types import CheckResponse, CheckStatus, Price, StatusResponse, WebhookEvent
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Event
from django_ding.services import check, make_webhook_url, record_webhook, refresh, send
from tests.stubs import Newfangled, Unreachable, using

pytestmark = pytest.mark.django_db

START, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.fixture
def authentication(clock, phone):
    return send(phone).authentication


def report(authentication, number, **fields):
    event = WebhookEvent(**{"type": "attempt", "status": "pending", "attempt_id": f"att_{number}", **fields})
    assert record_webhook("default", [event], public_id=authentication.public_id)
    return Event.objects.filter(provider_event_id=f"att_{number}").first()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-07-01T00:00:00z"])
def test_absurd_time_does_not_break_the_admin(authentication, client, settings, moment, zone):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com"}
    settings.TIME_ZONE = zone
    url = make_webhook_url(get_backend(), authentication.public_id)
    body = json.dumps({"type": "attempt", "id": "evt", "attempt_id": "att", "time": moment})
    assert client.post(urlsplit(url).path, body, content_type="application/json").status_code == 200
    assert Event.objects.get(provider_event_id="att").occurred_at == timezone.now()
    client.force_login(get_user_model().objects.create_superuser("admin"))
    for page in ("", f"{authentication.pk}/change/"):
        assert client.get(f"/admin/django_ding/authentication/{page}").status_code == 200


@pytest.mark.parametrize("age", [timedelta(seconds=-601), timedelta(weeks=4, seconds=1)])
def test_time_out_of_bounds_is_not_stored(authentication, age):
    event = report(authentication, 1, created_at=authentication.created_at + age)
    assert event.occurred_at == timezone.now()


@pytest.mark.parametrize("age", [timedelta(seconds=-600), timedelta(0), timedelta(weeks=4)])
def test_time_within_bounds_is_stored(authentication, age):
    event = report(authentication, 1, created_at=authentication.created_at + age)
    assert event.occurred_at == authentication.created_at + age


@pytest.mark.parametrize("moment", [START, END])
def test_end_of_time_from_any_backend_is_not_stored(authentication, moment):
    assert report(authentication, 1, created_at=moment).occurred_at == timezone.now()


class Timeless(Newfangled):
    """Has a record without sensible times."""

    supports_status = True
    expires_at = START

    def status(self, sent):
        return StatusResponse(status="pending", expires_at=self.expires_at)


@pytest.mark.parametrize("moment", [START, END])
def test_absurd_expiry_is_not_stored(clock, phone, monkeypatch, moment):
    monkeypatch.setattr(Timeless, "expires_at", moment)
    with using(Timeless):
        row = send(phone).authentication
        expires_at = row.expires_at
        refresh(row)
        row.refresh_from_db()
        assert row.expires_at == expires_at


def test_events_of_a_timeline_are_bounded(authentication):
    for number in range(0, 300, 50):
        events = [
            WebhookEvent(type="attempt", status="pending", attempt_id=f"att_{number + more}") for more in range(50)
        ]
        assert record_webhook("default", events, public_id=authentication.public_id)
    assert authentication.events.count() == 200


@pytest.mark.parametrize(
    "price",
    [
        Price(amount=Decimal("NaN"), currency="EUR"),
        Price(amount=Decimal("Infinity"), currency="EUR"),
        Price(amount=Decimal(-1), currency="EUR"),
        Price(amount=Decimal(10) ** 30, currency="EUR"),
        Price(amount=Decimal(1), currency="EURO"),
    ],
)
def test_absurd_price_is_left_out(authentication, price):
    assert "price" not in report(authentication, 1, price=price).data
    authentication.refresh_from_db()
    assert authentication.price_amount is None


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_absurd_change_of_the_balance_is_left_out(authentication, amount):
    event = WebhookEvent(type="balance_update", id="evt", status="attempt", amount=amount)
    assert record_webhook("default", [event], public_id=authentication.public_id)
    assert Event.objects.get(type="balance_update").data["amount"] is None


def test_price_of_a_timeline_is_bounded(authentication):
    for number in range(3):
        report(authentication, number, price=Price(amount=Decimal(999_999), currency="EUR"))
    authentication.refresh_from_db()
    assert authentication.price_amount == Decimal("999999.999999")


def test_failures_of_a_timeline_are_bounded(clock, phone, monkeypatch):
    """During an outage, a check is not counted, so that anybody can repeat it."""
    monkeypatch.setattr("django_ding.flows._events.MAX_EVENTS", 5)
    with using(Unreachable):
        row = send(phone).authentication
        for _ in range(10):
            with pytest.raises(BackendUnavailable):
                check(row, "123456")
    assert row.events.count() == 5


class Busy(Newfangled):
    """Makes no check for now."""

    def check(self, sent, code):
        return CheckResponse(status=CheckStatus.RATE_LIMITED, retry_after=1)


def test_checks_that_are_not_made_are_bounded(clock, phone, monkeypatch):
    monkeypatch.setattr("django_ding.flows._events.MAX_EVENTS", 5)
    with using(Busy):
        row = send(phone).authentication
        for _ in range(10):
            assert check(row, "123456").status is CheckStatus.RATE_LIMITED
    assert row.events.count() == 5
