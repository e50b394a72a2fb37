import pytest

from django_ding.backends.types import AttemptStatus, Channel, DeliveryStatus, StatusResponse, WebhookEvent
from django_ding.exceptions import BackendRejected, BackendUnavailable, UnsupportedOperation
from django_ding.models import Authentication
from django_ding.services import check, refresh, retry, send
from django_ding.testing import script
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(clock, user, phone):
    return send(phone, user=user).authentication


def events(authentication, event_type):
    return list(authentication.events.filter(type=event_type).order_by("occurred_at", "pk"))


def test_refresh_fills_the_delivery_summary(authentication, clock):
    clock.shift(5)
    assert refresh(authentication) is authentication
    row = Authentication.objects.get()
    assert (row.channel, row.delivery_status) == ("sms", "delivered")
    assert (authentication.channel, authentication.delivery_status) == ("sms", "delivered")


def test_refresh_fills_the_timeline(authentication, clock):
    clock.shift(5)
    refresh(authentication)
    (attempt,) = events(authentication, "attempt")
    assert (attempt.attempt_number, attempt.channel) == (1, "sms")
    assert [event.status for event in events(authentication, "delivery_status")] == [
        "submitted",
        "in_transit",
        "delivered",
    ]
    assert events(authentication, "balance_update")[0].data["amount"] > 0


def test_refresh_twice_adds_nothing(authentication, clock):
    clock.shift(5)
    refresh(authentication)
    before = authentication.events.count()
    refresh(authentication)
    assert authentication.events.count() == before


def test_refresh_later_adds_what_came_since(authentication, clock):
    refresh(authentication)
    assert authentication.delivery_status == "submitted"
    clock.shift(2)
    refresh(authentication)
    assert authentication.delivery_status == "delivered"


def test_refresh_completes_the_retry_it_already_knows(authentication, clock):
    clock.shift(30)
    retry(authentication)
    refresh(authentication)
    first, second = sorted(events(authentication, "attempt"), key=lambda event: event.attempt_number)
    assert (second.attempt_number, second.status, second.channel) == (2, "approved", "sms")
    assert first.provider_event_id
    assert second.provider_event_id


def test_refresh_recognizes_a_retry_whose_number_is_not_the_providers(authentication, clock):
    authentication.retry_count = 1  # A crash ended it before the provider received it.
    authentication.save()
    clock.shift(30)
    retry(authentication)
    refresh(authentication)
    attempts = events(authentication, "attempt")
    assert sorted(event.attempt_number for event in attempts) == [1, 2]
    assert all(event.provider_event_id for event in attempts)


def test_refresh_recognizes_a_retry_before_one_whose_answer_was_lost(authentication, clock):
    clock.shift(30)
    retry(authentication)
    clock.shift(30)
    script("retry", "dropped")
    with pytest.raises(BackendUnavailable):
        retry(authentication)
    refresh(authentication)
    attempts = events(authentication, "attempt")
    assert sorted((event.attempt_number, event.status) for event in attempts)[:2] == [(1, "delivered"), (2, "approved")]
    assert len(attempts) == 3


def test_refresh_records_no_check_twice(authentication, outbox):
    check(authentication, "000000")
    check(authentication, outbox[-1].code)
    refresh(authentication)
    assert [event.status for event in events(authentication, "check")] == ["invalid", "valid"]


def test_refresh_keeps_no_code(authentication, outbox):
    check(authentication, outbox[-1].code)
    refresh(authentication)
    kept = [*authentication.events.order_by("pk").values_list("status", "data", "provider_event_id")]
    assert outbox[-1].code not in repr(kept).replace("-", "")


def test_refresh_reports_undeliverable(clock):
    authentication = send("+12025550120").authentication
    clock.shift(5)
    assert refresh(authentication).delivery_status == "undeliverable"


def test_refresh_closes_expired_ones(authentication, clock):
    clock.shift(600)
    assert refresh(authentication).status == "expired"
    assert Authentication.objects.get().status == "expired"


def test_refresh_leaves_a_validated_one_validated(authentication, outbox, clock):
    check(authentication, outbox[-1].code)
    clock.shift(600)
    assert refresh(authentication).status == "validated"
    assert Authentication.objects.get().status == "validated"


def test_refresh_without_uuid_does_not_call_the_provider(authentication, simulator):
    authentication.authentication_uuid = ""
    refresh(authentication)
    assert not simulator.calls["status"]


def test_refresh_outage_is_recorded(authentication):
    script("status", "server_error")
    with pytest.raises(BackendUnavailable):
        refresh(authentication)
    assert authentication.events.get(type="error").data == {"operation": "status"}


def test_refresh_with_a_backend_without_status(clock, phone):
    with using(Newfangled):
        authentication = send(phone).authentication
        clock.shift(600)
        with pytest.raises(UnsupportedOperation):
            refresh(authentication)
    assert Authentication.objects.get().status == "expired"
    assert not authentication.events.filter(type="error").exists()


def test_refresh_closes_what_the_provider_has_forgotten(authentication, simulator, clock):
    simulator.reset()
    clock.shift(600)
    with pytest.raises(BackendRejected):
        refresh(authentication)
    assert Authentication.objects.get().status == "expired"


def test_refresh_two_rows_of_one_number_both_have_a_timeline(user, other_user, phone, clock):
    rows = [send(phone, user=user).authentication]
    clock.shift(30)
    rows.append(send(phone, user=other_user).authentication)
    for row in rows:
        refresh(row)
    assert [row.events.filter(type="attempt").count() for row in rows] == [2, 2]


class Sparse(Newfangled):
    """Reports events that lack what they should have."""

    supports_status = True

    def status(self, sent):
        return StatusResponse(
            events=(
                WebhookEvent(type="attempt"),
                WebhookEvent(
                    type="attempt",
                    attempt_id="a",
                    attempt_number=1,
                    sender_id="Shop",
                    channel=Channel.RCS,
                    status=AttemptStatus.FAILED,
                ),
                WebhookEvent(type="delivery_status"),
                WebhookEvent(type="delivery_status", attempt_id="a", status=DeliveryStatus.DELIVERED),
                WebhookEvent(type="delivery_status", attempt_number=1, status=DeliveryStatus.IN_TRANSIT),
                WebhookEvent(type="balance_update"),
                WebhookEvent(type="eclipse"),
            )
        )


def test_refresh_sparse_answer_keeps_what_is_there(phone, monkeypatch):
    with using(Sparse):
        authentication = refresh(send(phone).authentication)
    (attempt,) = events(authentication, "attempt")
    assert attempt.data == {"attempt_id": "a", "sender_id": "Shop"}
    assert len(events(authentication, "delivery_status")) == 1
    assert not events(authentication, "balance_update")
    assert (authentication.channel, authentication.delivery_status) == ("rcs", "delivered")
