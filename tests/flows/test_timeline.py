"""Reports of both sources in every order: what the provider's documentation leaves open included."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from django_ding import signals
from django_ding.backends.types import (
    AttemptStatus,
    BalanceUpdateType,
    Channel,
    DeliveryStatus,
    Price,
    SendResponse,
    SendStatus,
    WebhookEvent,
)
from django_ding.exceptions import RateLimited
from django_ding.flows._events import lock
from django_ding.flows.timeline import merge_events
from django_ding.models import Authentication, Event
from django_ding.services import record_webhook, refresh, retry, send
from tests import helpers
from tests.helpers import at_once
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

NOON = datetime.fromisoformat(helpers.NOON)


@pytest.fixture
def authentication(clock, phone):
    return send(phone).authentication


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def euros(amount):
    return Price(amount=Decimal(amount), currency="EUR")


def attempt(at=0.0, **fields):
    return WebhookEvent(type="attempt", created_at=later(at), status=AttemptStatus.PENDING, **fields)


def delivery(status, at=0.0, **fields):
    return WebhookEvent(type="delivery_status", created_at=later(at), status=DeliveryStatus(status), **fields)


def balance_update(status, amount, at=0.0):
    return WebhookEvent(type="balance_update", created_at=later(at), status=BalanceUpdateType(status), amount=amount)


def opened(price="0.009"):
    return WebhookEvent(type="authentication", created_at=later(0), id="opened", price=euros(price))


def merge(authentication, *events):
    """Merge one after the other, as webhooks do."""
    for event in events:
        with transaction.atomic():
            merge_events(lock(pk=authentication.pk), [event])
    authentication.refresh_from_db()


def statuses(authentication, event_type):
    return sorted(authentication.events.filter(type=event_type).values_list("status", flat=True))


BY_WEBHOOK = [
    attempt(id="1"),
    delivery("submitted", id="2"),
    delivery("delivered", 2, id="3"),
]
BY_WEBHOOK_WITH_ID = [
    attempt(id="1", attempt_id="a"),
    delivery("submitted", id="2", attempt_id="a"),
    delivery("delivered", 2, id="3", attempt_id="a"),
]
BY_STATUS = [
    attempt(0.4, attempt_id="a", attempt_number=1, channel=Channel.RCS),
    delivery("submitted", 0.4, attempt_id="a", attempt_number=1),
    delivery("delivered", 2.4, attempt_id="a", attempt_number=1),
]


@pytest.fixture(params=[BY_WEBHOOK, BY_WEBHOOK_WITH_ID], ids=["without attempt_id", "with attempt_id"])
def by_webhook(request):
    return request.param


@pytest.mark.parametrize("turns", list(permutations("csc")) + list(permutations("scs")), ids="".join)
def test_both_sources_make_one_timeline(authentication, by_webhook, turns):
    for turn in turns:
        merge(authentication, *(by_webhook if turn == "c" else BY_STATUS))
    assert statuses(authentication, "attempt") == ["pending"]
    assert statuses(authentication, "delivery_status") == ["delivered", "submitted"]
    assert (authentication.delivery_status, authentication.channel) == ("delivered", "rcs")
    row = authentication.events.get(type="attempt")
    assert (row.provider_event_id, row.attempt_number) == ("a", 1)


def test_any_order_of_two_messages_has_the_same_summary(authentication):
    reports = [
        attempt(0, id="1", price=euros("0.03")),
        delivery("delivered", 2, id="2", price=euros("0.03")),
        attempt(40, id="3", price=euros("0.02")),
        delivery("submitted", 41, id="4", price=euros("0.02")),
        delivery("undeliverable", 45, id="5", price=euros("0.02")),
    ]
    for order in permutations(reports):
        Event.objects.all().delete()
        Authentication.objects.update(delivery_status="", price_amount=None)
        merge(authentication, *order, *order[:2])
        assert authentication.delivery_status == "undeliverable"
        assert authentication.price_amount == Decimal("0.05")
        assert authentication.events.count() == 5


def test_any_order_of_two_messages_of_one_moment_has_the_same_summary(authentication):
    numbered, reported = attempt(channel=Channel.RCS, attempt_number=1, id="1"), attempt(channel=Channel.SMS, id="2")
    for order in permutations((numbered, reported)):
        Event.objects.all().delete()
        Authentication.objects.update(channel="")
        merge(authentication, *order)
        assert (authentication.events.count(), authentication.channel) == (2, "rcs")


def test_a_retry_is_the_one_that_was_recorded_when_it_was_made(authentication, clock, by_webhook):
    clock.shift(30)
    retry(authentication)
    merge(authentication, *by_webhook, attempt(30, id="4"), attempt(30.4, attempt_id="b", attempt_number=2))
    assert statuses(authentication, "attempt") == ["approved", "pending"]
    row = authentication.events.get(status="approved")
    assert row.provider_event_id == "b"
    assert (row.data["attempt_id"], row.data["event_id"]) == ("b", "4")


@pytest.mark.parametrize(
    "reports",
    [
        [attempt(0, id="1"), attempt(4, id="2")],
        [attempt(0, id="1", attempt_id="a"), attempt(4, id="2", attempt_id="b")],
        [attempt(0, id="1"), attempt(4, id="2"), attempt(0, attempt_id="a"), attempt(4, attempt_id="b")],
    ],
    ids=["without attempt_id", "with attempt_id", "both sources"],
)
def test_the_first_message_is_not_taken_for_a_retry_soon_after(settings, phone, clock, reports):
    settings.DING = {**settings.DING, "RETRY_COOLDOWN": 4, "SANDBOX": {"retry_delay": 4}}
    authentication = send(phone).authentication
    clock.shift(4)
    assert retry(authentication).status == "approved"
    merge(authentication, *reports)
    attempts = authentication.events.filter(type="attempt").order_by("occurred_at")
    ids = [row.data.get("event_id") or row.data["attempt_id"] for row in attempts]
    assert list(zip([row.status for row in attempts], ids, strict=True)) == [
        ("pending", reports[0].attempt_id or "1"),
        ("approved", reports[1].attempt_id or "2"),
    ]


@pytest.mark.parametrize(("apart", "known"), [(15, 1), (15.001, 2)])
def test_reports_of_both_sources_are_of_one_message_within_15_seconds(authentication, apart, known):
    merge(authentication, delivery("delivered", 0, id="1"), delivery("delivered", apart, attempt_id="a"))
    assert authentication.events.filter(type="delivery_status").count() == known


def test_messages_soon_after_one_another_stay_two(authentication):
    merge(authentication, attempt(0, attempt_id="a"), attempt(4, attempt_id="b"))
    assert sorted(authentication.events.filter(type="attempt").values_list("provider_event_id", flat=True)) == [
        "a",
        "b",
    ]


def test_a_report_is_not_taken_for_that_of_another_state(authentication):
    merge(authentication, delivery("submitted", 0, attempt_id="a"), delivery("delivered", 2, id="1"))
    assert statuses(authentication, "delivery_status") == ["delivered", "submitted"]


def test_a_later_report_takes_nothing_backwards(authentication):
    merge(authentication, attempt(id="a"), delivery("delivered", 2, attempt_id="a"))
    merge(authentication, delivery("in_transit", 3, attempt_id="a"), delivery("undeliverable", 4, attempt_id="a"))
    assert authentication.delivery_status == "delivered"


def test_a_report_before_its_attempt_counts_for_it(authentication):
    merge(authentication, delivery("delivered", 42, attempt_id="b"), delivery("submitted", 2, attempt_id="a"))
    assert authentication.delivery_status == "delivered"
    merge(
        authentication,
        attempt(0, attempt_id="a"),
        attempt(40, attempt_id="b"),
        delivery("undeliverable", 43, attempt_id="a"),
    )
    assert authentication.delivery_status == "delivered"


def test_the_answer_to_a_send_and_its_webhook_are_one_event(authentication):
    merge(authentication, opened(), opened())
    (row,) = authentication.events.all()
    assert (row.type, row.status) == ("authentication", "pending")
    assert authentication.price_amount == Decimal("0.009")


class Refusing(Newfangled):
    """Reports by webhook before it answers, and refuses without an id."""

    def send(self, request):
        event = WebhookEvent(type="authentication", authentication_uuid="u", correlation_id=request.correlation_id)
        record_webhook(self.alias, [event], public_id=UUID(request.correlation_id))
        return SendResponse(status=SendStatus.RATE_LIMITED)


def test_an_answer_without_an_id_keeps_the_one_that_a_webhook_reported(phone, monkeypatch):
    with using(Refusing), pytest.raises(RateLimited):
        send(phone)
    row = Authentication.objects.get()
    assert (row.status, row.authentication_uuid) == ("rate_limited", "u")
    assert statuses(row, "authentication") == ["rate_limited"]


def test_what_a_report_repeats_is_stored_once(authentication):
    known = {"price": euros("0.03"), "details": carrier("20801")}
    reports = [
        attempt(id="1", attempt_id="a", **known),
        delivery("submitted", 1, id="2", attempt_id="a", **known),
        delivery("delivered", 2, id="3", attempt_id="a", **known | {"details": carrier("20810")}),
    ]
    for order in permutations(reports):
        Event.objects.all().delete()
        merge(authentication, *order, *order)
        stored = list(authentication.events.filter(data__attempt_id="a").values_list("data", flat=True))
        assert (len(stored), sum("price" in data for data in stored)) == (3, 1)
        assert {data["carrier"]["network"] for data in stored if "carrier" in data} == {"20801", "20810"}
        assert not any("event_id" in data for data in stored)
        assert (authentication.price_amount, authentication.carrier) == (Decimal("0.03"), "20810")


def test_reports_of_other_messages_repeat_nothing(authentication):
    merge(authentication, *(attempt(at, attempt_id=id_, price=euros("0.03")) for at, id_ in ((0, "a"), (40, "b"))))
    assert authentication.price_amount == Decimal("0.06")


# The carrier.


def carrier(network):
    return {"carrier": {"network": network, "name": "Orange"}}


def test_carrier_is_that_of_the_newest_message_that_has_one(authentication):
    reports = [
        attempt(0, id="1", attempt_id="a", details=carrier("20810")),
        delivery("submitted", 1, id="2", attempt_id="a", details=carrier("20801")),
        attempt(40, id="3", attempt_id="b"),
    ]
    for order in permutations(reports):
        Event.objects.all().delete()
        merge(authentication, *order)
        assert authentication.carrier == "20801"


@pytest.mark.parametrize("network", ["208", "2080101", "208-01", "", None, 20801, "٢٠٨٠١"])
def test_carrier_is_a_network_code(authentication, network):
    merge(authentication, attempt(0, id="1", attempt_id="a", details=carrier(network)))
    assert authentication.carrier == ""


def test_carrier_of_another_form_is_ignored(authentication):
    merge(authentication, attempt(0, id="1", attempt_id="a", details={"carrier": "Orange"}))
    assert authentication.carrier == ""


# The price.


def test_price_is_that_of_the_authentication_and_of_each_message_once(authentication):
    reports = [
        opened(),
        attempt(id="1", attempt_id="a", price=euros("0.03")),
        delivery("submitted", id="2", attempt_id="a", price=euros("0.03")),
        delivery("delivered", 2, id="3", attempt_id="b", price=euros("0.04")),
    ]
    for order in permutations(reports):
        merge(authentication, *order)
        assert (authentication.price_amount, authentication.price_currency) == (Decimal("0.079"), "EUR")


def test_price_of_both_sources_is_counted_once(authentication):
    by_webhook = [opened(), attempt(id="1", attempt_id="a", price=euros("0.03"))]
    by_status = [
        balance_update("authentication", 0.009),
        balance_update("attempt", 0.03),
        balance_update("attempt_pending", 0.03),
    ]
    prices = []
    for report in [*by_status, *by_webhook]:
        merge(authentication, report)
        prices.append(str(authentication.price_amount))
    assert prices == ["0.009000", *["0.039000"] * 4]
    assert authentication.price_currency == "EUR"


def test_price_without_webhooks_is_the_change_of_the_balance(authentication):
    merge(authentication, balance_update("attempt_success", -0.03), balance_update("authentication", -0.01, 1))
    assert (authentication.price_amount, authentication.price_currency) == (Decimal("0.04"), "")


def test_price_fits_its_column(authentication):
    for n in range(3):
        merge(
            authentication,
            attempt(n * 60, id=str(n), price=euros("999999.999999")),
            balance_update("attempt", 1e300, n),
        )
    assert authentication.price_amount == Decimal("999999.999999")


# The signal.


@pytest.fixture
def heard():
    statuses = []

    def hear(sender, signal, authentication, delivery_status):
        assert sender is Authentication
        statuses.append(delivery_status)

    signals.delivery_updated.connect(hear)
    yield statuses
    signals.delivery_updated.disconnect(hear)


def record(authentication, event):
    """Record an event of the authentication that the URL names."""
    named = replace(event, correlation_id=str(authentication.public_id))
    return record_webhook("default", [named], public_id=authentication.public_id)


def test_webhooks_signal_each_step_once(authentication, heard):
    for event in (*BY_WEBHOOK, *BY_WEBHOOK, delivery("in_transit", 1, id="4")):
        assert record(authentication, event)
    assert heard == ["submitted", "delivered"]


def test_refresh_signals_a_step_once(authentication, heard, clock):
    clock.shift(5)
    refresh(authentication)
    assert heard == ["delivered"]
    refresh(Authentication.objects.get())
    assert heard == ["delivered"]


def test_webhooks_of_strangers_signal_nothing(authentication, heard):
    assert record_webhook("default", [BY_WEBHOOK[1]], public_id=uuid4())
    stranger = replace(BY_WEBHOOK[1], correlation_id="another")
    assert not record_webhook("default", [stranger], public_id=authentication.public_id)
    assert not record_webhook("other", [BY_WEBHOOK[1]], public_id=authentication.public_id)
    assert heard == []


# Many at once.


@pytest.mark.django_db(transaction=True)
def test_webhooks_at_once_are_recorded_once(phone):
    authentication = send(phone).authentication
    event = replace(BY_WEBHOOK[1], price=euros("0.03"))
    assert all(at_once(*[lambda: record(authentication, event)] * 12))
    authentication.refresh_from_db()
    assert statuses(authentication, "delivery_status") == ["submitted"]
    assert authentication.price_amount == Decimal("0.03")


@pytest.mark.django_db(transaction=True)
def test_webhooks_and_refreshes_at_once_are_recorded_once(phone, simulator):
    authentication = send(phone).authentication
    message = simulator.messages()[0]
    event = WebhookEvent(type="attempt", created_at=message.created_at, id="1")
    refreshes = [lambda: refresh(Authentication.objects.get())] * 6
    at_once(*[lambda: record(authentication, event)] * 6, *refreshes)
    (row,) = authentication.events.filter(type="attempt")
    assert row.data["event_id"] == "1"
    assert row.provider_event_id == message.id
