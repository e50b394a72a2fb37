"""Reports of both sources in every order: what the provider's documentation leaves open included."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from django_ding import signals
from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    BalanceUpdateEvent,
    BalanceUpdateType,
    Channel,
    DeliveryStatus,
    DeliveryStatusEvent,
    SendResult,
    SendStatus,
    StatusEvent,
)
from django_ding.backends.callbacks import Price, Report
from django_ding.models import Authentication, Event
from django_ding.services import receive, retry, send, sync
from django_ding.services.records import lock
from django_ding.services.timeline import take_over
from tests import conftest
from tests.services.test_races import at_once
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

NOON = datetime.fromisoformat(conftest.NOON)


@pytest.fixture
def authentication(clock, phone):
    return send(phone)


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def euros(amount):
    return Price(amount=Decimal(amount), currency="EUR")


def attempt(at=0.0, *, callback=None, price=None, **about):
    event = AttemptEvent(type="attempt", created_at=later(at), status=AttemptStatus.PENDING, **about)
    return Report(event=event, id=callback, price=price)


def delivery(status, at=0.0, *, callback=None, price=None, **about):
    event = DeliveryStatusEvent(type="delivery_status", created_at=later(at), status=DeliveryStatus(status), **about)
    return Report(event=event, id=callback, price=price)


def booked(kind, amount, at=0.0):
    event = BalanceUpdateEvent(
        type="balance_update", created_at=later(at), amount=amount, balance_update_type=BalanceUpdateType(kind)
    )
    return Report(event=event)


def opened(callback="opened", price="0.009"):
    return Report(event=StatusEvent(type="authentication", created_at=later(0)), id=callback, price=euros(price))


def tell(authentication, *reports):
    """Tell one after the other, as callbacks do."""
    for report in reports:
        with transaction.atomic():
            take_over(lock(pk=authentication.pk), [report])
    authentication.refresh_from_db()


def told(authentication, kind):
    return sorted(authentication.events.filter(type=kind).values_list("status", flat=True))


BY_CALLBACK = [
    attempt(callback="1"),
    delivery("submitted", callback="2"),
    delivery("delivered", 2, callback="3"),
]
BY_CALLBACK_WITH_ID = [
    attempt(callback="1", id="a"),
    delivery("submitted", callback="2", attempt_id="a"),
    delivery("delivered", 2, callback="3", attempt_id="a"),
]
BY_STATUS = [
    attempt(0.4, id="a", attempt_number=1, capability=Channel.RCS),
    delivery("submitted", 0.4, attempt_id="a", attempt_number=1),
    delivery("delivered", 2.4, attempt_id="a", attempt_number=1),
]


@pytest.fixture(params=[BY_CALLBACK, BY_CALLBACK_WITH_ID], ids=["without attempt_id", "with attempt_id"])
def by_callback(request):
    return request.param


@pytest.mark.parametrize("turns", list(permutations("csc")) + list(permutations("scs")), ids="".join)
def test_both_sources_tell_one_timeline(authentication, by_callback, turns):
    for turn in turns:
        tell(authentication, *(by_callback if turn == "c" else BY_STATUS))
    assert told(authentication, "attempt") == ["pending"]
    assert told(authentication, "delivery_status") == ["delivered", "submitted"]
    assert (authentication.delivery_status, authentication.channel) == ("delivered", "rcs")
    row = authentication.events.get(type="attempt")
    assert (row.provider_event_id, row.attempt_number, row.facts["event_id"]) == ("a", 1, "1")


def test_any_order_of_two_messages_sums_up_alike(authentication):
    reports = [
        attempt(0, callback="1", price=euros("0.03")),
        delivery("delivered", 2, callback="2", price=euros("0.03")),
        attempt(40, callback="3", price=euros("0.02")),
        delivery("submitted", 41, callback="4", price=euros("0.02")),
        delivery("undeliverable", 45, callback="5", price=euros("0.02")),
    ]
    for order in permutations(reports):
        Event.objects.all().delete()
        Authentication.objects.update(delivery_status="", price_amount=None)
        tell(authentication, *order, *order[:2])
        assert authentication.delivery_status == "undeliverable"
        assert authentication.price_amount == Decimal("0.05")
        assert authentication.events.count() == 5


def test_a_retry_is_the_one_that_was_recorded_when_it_was_made(authentication, clock, by_callback):
    clock.shift(30)
    retry(authentication)
    tell(authentication, *by_callback, attempt(30, callback="4"), attempt(30.4, id="b", attempt_number=2))
    assert told(authentication, "attempt") == ["approved", "pending"]
    row = authentication.events.get(status="approved")
    assert (row.provider_event_id, row.facts) == ("b", {"attempt_id": "b", "event_id": "4"})


@pytest.mark.parametrize(
    "reports",
    [
        [attempt(0, callback="1"), attempt(4, callback="2")],
        [attempt(0, callback="1", id="a"), attempt(4, callback="2", id="b")],
        [attempt(0, callback="1"), attempt(4, callback="2"), attempt(0, id="a"), attempt(4, id="b")],
    ],
    ids=["without attempt_id", "with attempt_id", "both sources"],
)
def test_the_first_message_is_not_taken_for_a_retry_soon_after(settings, phone, clock, reports):
    settings.DING = {**settings.DING, "RETRY_COOLDOWN": 4, "SANDBOX": {"retry_delay": 4}}
    authentication = send(phone)
    clock.shift(4)
    assert retry(authentication).status == "approved"
    tell(authentication, *reports)
    attempts = authentication.events.filter(type="attempt").order_by("occurred_at")
    assert [(row.status, row.facts["event_id"]) for row in attempts] == [("pending", "1"), ("approved", "2")]


def test_messages_soon_after_one_another_stay_two(authentication):
    tell(authentication, attempt(0, id="a"), attempt(4, id="b"))
    assert sorted(authentication.events.filter(type="attempt").values_list("provider_event_id", flat=True)) == [
        "a",
        "b",
    ]


def test_a_report_is_not_taken_for_that_of_another_state(authentication):
    tell(authentication, delivery("submitted", 0, attempt_id="a"), delivery("delivered", 2, callback="1"))
    assert told(authentication, "delivery_status") == ["delivered", "submitted"]


def test_a_later_report_takes_nothing_backwards(authentication):
    tell(authentication, attempt(id="a"), delivery("delivered", 2, attempt_id="a"))
    tell(authentication, delivery("in_transit", 3, attempt_id="a"), delivery("undeliverable", 4, attempt_id="a"))
    assert authentication.delivery_status == "delivered"


def test_a_report_before_its_attempt_counts_for_it(authentication):
    tell(authentication, delivery("delivered", 42, attempt_id="b"), delivery("submitted", 2, attempt_id="a"))
    assert authentication.delivery_status == "delivered"
    tell(authentication, attempt(0, id="a"), attempt(40, id="b"), delivery("undeliverable", 43, attempt_id="a"))
    assert authentication.delivery_status == "delivered"


def test_the_answer_to_a_send_and_its_callback_are_one_event(authentication):
    tell(authentication, opened(), opened())
    (row,) = authentication.events.all()
    assert (row.type, row.status) == ("authentication", "pending")
    assert authentication.price_amount == Decimal("0.009")


class Refusing(Newfangled):
    """Reports by callback before it answers, and refuses without an id."""

    def send(self, request):
        event = StatusEvent(type="authentication")
        report = Report(event=event, authentication_uuid="u", correlation_id=request.correlation_id)
        receive(UUID(request.correlation_id), report)
        return SendResult(status=SendStatus.RATE_LIMITED)


def test_an_answer_without_an_id_leaves_the_one_that_a_callback_told(phone, monkeypatch):
    monkeypatch.setattr("tests.stubs.Refusing", Refusing, raising=False)
    with using(Refusing):
        send(phone)
    row = Authentication.objects.get()
    assert (row.status, row.authentication_uuid) == ("rate_limited", "u")
    assert told(row, "authentication") == ["rate_limited"]


# The price.


def test_price_is_that_of_the_authentication_and_of_each_message_once(authentication):
    reports = [
        opened(),
        attempt(callback="1", id="a", price=euros("0.03")),
        delivery("submitted", callback="2", attempt_id="a", price=euros("0.03")),
        delivery("delivered", 2, callback="3", attempt_id="b", price=euros("0.04")),
    ]
    for order in permutations(reports):
        tell(authentication, *order)
        assert (authentication.price_amount, authentication.price_currency) == (Decimal("0.079"), "EUR")


def test_price_of_both_sources_is_counted_once(authentication):
    by_callback = [opened(), attempt(callback="1", id="a", price=euros("0.03"))]
    by_status = [booked("authentication", 0.009), booked("attempt", 0.03), booked("attempt_pending", 0.03)]
    prices = []
    for report in [*by_status, *by_callback]:
        tell(authentication, report)
        prices.append(str(authentication.price_amount))
    assert prices == ["0.009000", *["0.039000"] * 4]
    assert authentication.price_currency == "EUR"


def test_price_without_callbacks_is_what_was_booked(authentication):
    tell(authentication, booked("attempt_success", -0.03), booked("authentication", -0.01, 1))
    assert (authentication.price_amount, authentication.price_currency) == (Decimal("0.04"), "")


def test_price_fits_its_column(authentication):
    for n in range(3):
        tell(
            authentication, attempt(n * 60, callback=str(n), price=euros("999999.999999")), booked("attempt", 1e300, n)
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


def named(authentication, report):
    return replace(report, correlation_id=str(authentication.public_id))


def test_receive_tells_each_step_once(authentication, heard):
    for report in (*BY_CALLBACK, *BY_CALLBACK, delivery("in_transit", 1, callback="4")):
        assert receive(authentication.public_id, named(authentication, report))
    assert heard == ["submitted", "delivered"]


def test_sync_tells_a_step_once(authentication, heard, clock):
    clock.shift(5)
    sync(authentication)
    assert heard == ["delivered"]
    sync(Authentication.objects.get())
    assert heard == ["delivered"]


def test_receive_tells_nothing_of_strangers(authentication, heard):
    assert receive(uuid4(), BY_CALLBACK[1])
    assert not receive(authentication.public_id, replace(BY_CALLBACK[1], correlation_id="another"))
    assert heard == []


# Many at once.


@pytest.mark.django_db(transaction=True)
def test_callbacks_at_once_are_recorded_once(phone):
    authentication = send(phone)
    report = replace(named(authentication, BY_CALLBACK[1]), price=euros("0.03"))
    assert all(at_once(*[lambda: receive(authentication.public_id, report)] * 12))
    authentication.refresh_from_db()
    assert told(authentication, "delivery_status") == ["submitted"]
    assert authentication.price_amount == Decimal("0.03")


@pytest.mark.django_db(transaction=True)
def test_callbacks_and_syncs_at_once_are_recorded_once(phone, simulator):
    authentication = send(phone)
    message = simulator.messages()[0]
    moment = message.created_at
    event = AttemptEvent(type="attempt", created_at=moment)
    reports = [Report(event=event, id="1", correlation_id=str(authentication.public_id)) for _ in range(6)]
    calls = [lambda report=report: receive(authentication.public_id, report) for report in reports]
    at_once(*calls, *[lambda: bool(sync(Authentication.objects.get()))] * 6)
    (row,) = authentication.events.filter(type="attempt")
    assert row.facts["event_id"] == "1"
    assert row.provider_event_id == message.id
