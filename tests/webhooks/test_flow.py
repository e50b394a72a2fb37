"""Webhooks as the sandbox posts them to the site, over HTTP in both directions."""

from decimal import Decimal

import pytest
from django.db import connection

from django_ding.exceptions import BackendUnavailable, Blocked
from django_ding.models import Authentication, Event
from django_ding.services import refresh, retry, send

pytestmark = pytest.mark.django_db(transaction=True)

LOST_ANSWER = "+12025550131"
TIMELINE = [
    ("authentication", "pending"),
    ("attempt", "pending"),
    ("delivery_status", "submitted"),
    ("delivery_status", "in_transit"),
    ("delivery_status", "delivered"),
]


def timeline():
    row = Authentication.objects.get()
    return list(row.events.exclude(type="balance_update").order_by("occurred_at", "pk").values_list("type", "status"))


def summary():
    row = Authentication.objects.get()
    return row.delivery_status, row.price_amount, row.price_currency


def deliver(provider, clock, seconds=5):
    clock.shift(seconds)
    provider.webhooks.run_due()
    assert len(provider.webhooks) == 0  # Each was answered with 200.


def test_webhooks_in_order(provider, clock, phone):
    send(phone)
    assert provider.webhooks.run_due() == 3
    assert Authentication.objects.get().carrier == "20810"
    deliver(provider, clock)
    assert timeline() == TIMELINE
    assert summary() == ("delivered", Decimal("0.039"), "EUR")


@pytest.mark.parametrize(
    "options",
    [
        {"webhook_copies": 3},
        {"webhook_order": "reversed"},
        {"webhook_delay": 14 * 86_400},
        {"webhook_copies": 2, "webhook_order": "reversed", "webhook_delay": 3600},
    ],
    ids=["doubled", "reversed", "weeks late", "all at once"],
)
def test_webhooks_out_of_order(make_provider, clock, phone, options):
    provider = make_provider(**options)
    send(phone)
    deliver(provider, clock, 15 * 86_400)
    assert sorted(timeline()) == sorted(TIMELINE)
    assert summary() == ("delivered", Decimal("0.039"), "EUR")


def test_webhooks_one_by_one_in_reverse_never_go_backwards(make_provider, clock, phone):
    provider = make_provider(webhook_order="reversed")
    send(phone)
    statuses = []
    for _ in range(4):
        provider.webhooks.run_due()
        statuses.append(Authentication.objects.get().delivery_status)
        clock.shift(1)
    assert statuses == ["delivered"] * 4
    assert timeline()[0] == ("authentication", "pending")


def test_webhooks_before_the_answer(provider, clock, phone):
    seen = []

    def be_early(message):
        seen.extend([provider.webhooks.run_due(), Authentication.objects.get().status])
        connection.close()

    provider.subscribe(be_early)
    row = send(phone).authentication
    assert seen == [3, "created"]
    deliver(provider, clock)
    assert timeline() == TIMELINE
    assert summary() == ("delivered", Decimal("0.039"), "EUR")
    assert Authentication.objects.get().status == row.status == "pending"


def test_webhooks_on_a_send_whose_answer_was_lost(provider, clock):
    with pytest.raises(BackendUnavailable):
        send(LOST_ANSWER)
    failed = Authentication.objects.get()
    assert (failed.status, failed.authentication_uuid) == ("failed", "")
    deliver(provider, clock)
    row = Authentication.objects.get()
    assert (row.status, row.dedup_key, row.error_code) == (failed.status, failed.dedup_key, failed.error_code)
    assert row.authentication_uuid == provider.messages()[0].authentication_uuid
    assert row.delivery_status == "delivered"
    assert refresh(row).channel == "sms"


def test_webhooks_on_a_retry(provider, clock, phone):
    row = send(phone).authentication
    clock.shift(30)
    retry(row)
    deliver(provider, clock)
    attempts = row.events.filter(type="attempt").order_by("occurred_at")
    assert [(event.status, event.attempt_number) for event in attempts] == [("pending", None), ("approved", 2)]
    assert row.events.filter(type="delivery_status").count() == 6
    assert summary() == ("delivered", Decimal("0.069"), "EUR")


def test_webhooks_on_a_refused_send(provider, clock):
    with pytest.raises(Blocked):
        send("+12025550111")
    deliver(provider, clock)
    assert timeline() == [("authentication", "spam_detected")]
    assert summary() == ("", Decimal("0.009"), "EUR")


def test_undeliverable_is_recorded(provider, clock):
    send("+12025550120")
    deliver(provider, clock)
    assert summary()[0] == "undeliverable"


def recorded():
    columns = ("type", "status", "provider_event_id", "attempt_number", "channel")
    return sorted(Event.objects.values_list(*columns), key=str)


def test_refresh_and_webhooks_record_the_same_in_any_order(make_provider, clock, phone):
    results = []
    for steps in ("cs", "sc", "csc", "scs", "sccs"):
        provider = make_provider(seed=1, webhook_copies=2)
        row = send(phone).authentication
        deliver(provider, clock) if steps[0] == "c" else refresh(row)
        clock.shift(30)
        retry(row)
        clock.shift(5)
        for step in steps[1:]:
            deliver(provider, clock, 0) if step == "c" else refresh(row)
        results.append((recorded(), summary()))
        Authentication.objects.all().delete()
        clock.shift(86_400)
    timelines = [[event[:2] for event in events if event[0] != "balance_update"] for events, _ in results]
    assert timelines == [timelines[0]] * 5
    assert len(timelines[0]) == 1 + 2 + 6
    assert {sums for _, sums in results} == {("delivered", Decimal("0.069"), "EUR")}


def test_purged_authentication_is_answered_with_200(provider, clock, phone):
    send(phone)
    Authentication.objects.all().delete()
    deliver(provider, clock)
    assert not Event.objects.exists()
