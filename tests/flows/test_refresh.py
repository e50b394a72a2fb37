import pytest

from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    BalanceUpdateEvent,
    Channel,
    DeliveryStatus,
    DeliveryStatusEvent,
    StatusEvent,
    StatusResult,
)
from django_ding.exceptions import AccountError, BackendUnavailable, UnsupportedOperation
from django_ding.models import Authentication
from django_ding.services import check, retry, send, sync
from django_ding.testing import script
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(clock, user, phone):
    return send(phone, user=user)


def events(authentication, event_type):
    return list(authentication.events.filter(type=event_type).order_by("occurred_at", "pk"))


def test_sync_fills_the_delivery_summary(authentication, clock):
    clock.shift(5)
    assert sync(authentication) is authentication
    row = Authentication.objects.get()
    assert (row.channel, row.delivery_status) == ("text", "delivered")
    assert (authentication.channel, authentication.delivery_status) == ("text", "delivered")


def test_sync_fills_the_timeline(authentication, clock):
    clock.shift(5)
    sync(authentication)
    (attempt,) = events(authentication, "attempt")
    assert (attempt.attempt_number, attempt.channel) == (1, "text")
    assert [event.status for event in events(authentication, "delivery_status")] == [
        "submitted",
        "in_transit",
        "delivered",
    ]
    assert events(authentication, "balance_update")[0].facts["amount"] > 0


def test_sync_twice_adds_nothing(authentication, clock):
    clock.shift(5)
    sync(authentication)
    before = authentication.events.count()
    sync(authentication)
    assert authentication.events.count() == before


def test_sync_later_adds_what_came_since(authentication, clock):
    sync(authentication)
    assert authentication.delivery_status == "submitted"
    clock.shift(2)
    sync(authentication)
    assert authentication.delivery_status == "delivered"


def test_sync_completes_the_retry_it_already_knows(authentication, clock):
    clock.shift(30)
    retry(authentication)
    sync(authentication)
    first, second = sorted(events(authentication, "attempt"), key=lambda event: event.attempt_number)
    assert (second.attempt_number, second.status, second.channel) == (2, "approved", "text")
    assert first.provider_event_id
    assert second.provider_event_id


def test_sync_knows_a_retry_whose_number_is_not_the_providers(authentication, clock):
    authentication.retry_count = 1  # A crash cut it short before the provider heard of it.
    authentication.save()
    clock.shift(30)
    retry(authentication)
    sync(authentication)
    attempts = events(authentication, "attempt")
    assert sorted(event.attempt_number for event in attempts) == [1, 2]
    assert all(event.provider_event_id for event in attempts)


def test_sync_knows_a_retry_before_one_whose_answer_was_lost(authentication, clock):
    clock.shift(30)
    retry(authentication)
    clock.shift(30)
    script("retry", "dropped")
    with pytest.raises(BackendUnavailable):
        retry(authentication)
    sync(authentication)
    attempts = events(authentication, "attempt")
    assert sorted((event.attempt_number, event.status) for event in attempts)[:2] == [(1, "delivered"), (2, "approved")]
    assert len(attempts) == 3


def test_sync_takes_no_check_twice(authentication, outbox):
    check(authentication, "000000")
    check(authentication, outbox[-1].code)
    sync(authentication)
    assert [event.status for event in events(authentication, "check")] == ["invalid", "valid"]


def test_sync_keeps_no_code(authentication, outbox):
    check(authentication, outbox[-1].code)
    sync(authentication)
    kept = [*authentication.events.values_list("status", "facts", "provider_event_id")]
    assert outbox[-1].code not in repr(kept).replace("-", "")


def test_sync_undeliverable_is_told(clock):
    authentication = send("+12025550120")
    clock.shift(5)
    assert sync(authentication).delivery_status == "undeliverable"


def test_sync_closes_what_is_past_its_time(authentication, clock):
    clock.shift(600)
    assert sync(authentication).status == "expired"
    assert Authentication.objects.get().status == "expired"


def test_sync_leaves_a_validated_one_validated(authentication, outbox, clock):
    check(authentication, outbox[-1].code)
    clock.shift(600)
    assert sync(authentication).status == "validated"
    assert Authentication.objects.get().status == "validated"


def test_sync_without_uuid_asks_nobody(authentication, simulator):
    authentication.authentication_uuid = ""
    sync(authentication)
    assert not simulator.calls["status"]


def test_sync_outage_is_recorded(authentication):
    script("status", "server_error")
    with pytest.raises(BackendUnavailable):
        sync(authentication)
    assert authentication.events.get(type="error").facts == {"operation": "status"}


def test_sync_with_a_backend_that_cannot_tell(clock, phone):
    with using(Newfangled):
        authentication = send(phone)
        clock.shift(600)
        with pytest.raises(UnsupportedOperation):
            sync(authentication)
    assert Authentication.objects.get().status == "expired"
    assert not authentication.events.filter(type="error").exists()


def test_sync_closes_what_the_provider_has_forgotten(authentication, simulator, clock):
    simulator.reset()
    clock.shift(600)
    with pytest.raises(AccountError):
        sync(authentication)
    assert Authentication.objects.get().status == "expired"


def test_sync_two_rows_of_one_number_both_have_a_timeline(user, other_user, phone, clock):
    rows = [send(phone, user=user)]
    clock.shift(30)
    rows.append(send(phone, user=other_user))
    for row in rows:
        sync(row)
    assert [row.events.filter(type="attempt").count() for row in rows] == [2, 2]


class Sparse(Newfangled):
    """Reports events that lack what they should have."""

    supports_status = True

    def status(self, authentication_uuid):
        return StatusResult(
            events=(
                AttemptEvent(type="attempt"),
                AttemptEvent(
                    type="attempt",
                    id="a",
                    attempt_number=1,
                    sender_id="Shop",
                    capability=Channel.RCS,
                    status=AttemptStatus.FAILED,
                ),
                DeliveryStatusEvent(type="delivery_status"),
                DeliveryStatusEvent(type="delivery_status", attempt_id="a", status=DeliveryStatus.DELIVERED),
                DeliveryStatusEvent(type="delivery_status", attempt_number=1, status=DeliveryStatus.IN_TRANSIT),
                BalanceUpdateEvent(type="balance_update"),
                StatusEvent(type="eclipse"),
            )
        )


def test_sync_sparse_answer_keeps_what_is_there(phone, monkeypatch):
    monkeypatch.setattr("tests.stubs.Sparse", Sparse, raising=False)
    with using(Sparse):
        authentication = sync(send(phone))
    (attempt,) = events(authentication, "attempt")
    assert attempt.facts == {"attempt_id": "a", "sender_id": "Shop"}
    assert len(events(authentication, "delivery_status")) == 1
    assert not events(authentication, "balance_update")
    assert (authentication.channel, authentication.delivery_status) == ("rcs", "delivered")
