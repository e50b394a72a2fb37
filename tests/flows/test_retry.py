from datetime import timedelta

import pytest
from django.utils import timezone

from django_ding.backends.types import RetryResponse
from django_ding.exceptions import BackendRejected, BackendUnavailable
from django_ding.models import Authentication
from django_ding.services import RetryStatus, check, retry, send
from django_ding.testing import sandbox, script
from tests.stubs import Newfangled, Unreachable, using

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(clock, user, phone):
    """An authentication whose cooldown is over."""
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    return authentication


def test_retry_sends_again(authentication, outbox):
    result = retry(authentication)
    assert result.status is RetryStatus.APPROVED
    assert result.next_retry_at == timezone.now() + timedelta(seconds=30)
    assert result.remaining_retry == 2
    assert [message.attempt_number for message in outbox] == [1, 2]


def test_retry_stores_what_the_provider_said(authentication):
    retry(authentication)
    row = Authentication.objects.get()
    assert (row.retry_count, row.remaining_retry) == (1, 2)
    assert row.next_retry_at == authentication.next_retry_at == timezone.now() + timedelta(seconds=30)
    event = row.events.get(type="attempt")
    assert (event.status, event.attempt_number) == ("approved", 2)


class Sparing(Newfangled):
    """Allows fewer retries than the settings do."""

    def retry(self, sent, *, channel=None):
        return RetryResponse(status=RetryStatus.APPROVED, remaining_retry=0)


def test_retry_allows_no_more_than_the_provider(clock, phone):
    with using(Sparing):
        authentication = send(phone).authentication
        clock.shift(30)
        result = retry(authentication)
    assert (result.remaining_retry, result.next_retry_at) == (0, None)
    assert Authentication.objects.get().remaining_retry == 0


def test_retry_new_code_is_good(authentication, outbox):
    retry(authentication)
    assert check(authentication, outbox[-1].code).status == "valid"


def test_retry_too_early_does_not_ask_the_provider(authentication, clock, simulator):
    clock.shift(-1)
    result = retry(authentication)
    assert result.status is RetryStatus.RATE_LIMITED
    assert result.next_retry_at == timezone.now() + timedelta(seconds=1)
    assert not simulator.calls["retry"]


def test_retry_twice_at_once_asks_once(authentication, simulator):
    stale = Authentication.objects.get()
    retry(authentication)
    assert retry(stale).status is RetryStatus.RATE_LIMITED
    assert simulator.calls["retry"] == 1


def test_retry_after_the_last_does_not_ask_the_provider(authentication, clock, simulator):
    for _ in range(3):
        retry(authentication)
        clock.shift(30)
    result = retry(authentication)
    assert result.status is RetryStatus.RATE_LIMITED
    assert result.remaining_retry == 0
    assert result.next_retry_at is None
    assert simulator.calls["retry"] == 3


def test_retry_without_a_check_left_does_not_ask_the_provider(authentication, simulator):
    for _ in range(5):
        check(authentication, "000000")
    assert retry(authentication).status is RetryStatus.RATE_LIMITED
    assert not simulator.calls["retry"]


def test_retry_validated_does_not_ask_the_provider(authentication, outbox, simulator):
    check(authentication, outbox[-1].code)
    assert retry(authentication).status is RetryStatus.ALREADY_VALIDATED
    assert not simulator.calls["retry"]


def test_retry_past_its_time_does_not_ask_the_provider(authentication, clock, simulator):
    clock.shift(600)
    assert retry(authentication).status is RetryStatus.EXPIRED_AUTH
    assert not simulator.calls["retry"]


@pytest.mark.parametrize(
    ("status", "answer"), [("created", "no_attempt"), ("failed", "no_attempt"), ("expired", "expired_auth")]
)
def test_retry_of_one_that_is_not_live_does_not_ask_the_provider(authentication, simulator, status, answer):
    Authentication.objects.update(status=status)
    assert retry(authentication).status == answer
    assert not simulator.calls["retry"]


@pytest.mark.parametrize("status", ["denied", "no_attempt", "rate_limited", "already_validated"])
def test_retry_returns_what_the_provider_said(authentication, outbox, status):
    script("retry", status)
    assert retry(authentication).status == status
    assert len(outbox) == 1
    event = authentication.events.get(type="attempt")
    assert (event.status, event.attempt_number) == (status, None)


def test_retry_unknown_status_is_not_taken_for_sent(phone):
    with using(Newfangled):
        authentication = send(phone).authentication
        Authentication.objects.update(next_retry_at=timezone.now())
        result = retry(authentication)
    assert result.status is RetryStatus.UNKNOWN
    assert authentication.events.get(type="attempt").status == "pondering"


def test_retry_that_expired_at_the_provider_expires(authentication):
    script("retry", "expired_auth")
    assert retry(authentication).status is RetryStatus.EXPIRED_AUTH
    assert Authentication.objects.get().status == "expired"


def test_retry_in_the_distant_future_is_reported(clock, outbox):
    authentication = send("+12025550134").authentication
    clock.shift(30)
    result = retry(authentication)
    assert result.next_retry_at > timezone.now() + timedelta(hours=23)


def test_retry_outage_stays_counted(authentication, simulator):
    script("retry", "dropped")
    with pytest.raises(BackendUnavailable):
        retry(authentication)
    row = Authentication.objects.get()
    assert (row.retry_count, row.remaining_retry) == (1, 2)
    assert row.events.filter(type="error", status="connection_lost").exists()


def test_retry_certainly_not_executed_is_rolled_back(phone):
    with using(Unreachable):
        authentication = send(phone).authentication
        Authentication.objects.update(next_retry_at=timezone.now())
        with pytest.raises(BackendUnavailable):
            retry(authentication)
    row = Authentication.objects.get()
    assert (row.retry_count, row.remaining_retry) == (0, 3)
    assert row.next_retry_at <= timezone.now()


def test_retry_account_error_is_recorded(authentication):
    script("retry", "suspended_account")
    with pytest.raises(BackendRejected):
        retry(authentication)
    assert authentication.events.filter(type="error", status="suspended_account").exists()


def test_retry_rejected_for_our_account_is_rolled_back(authentication, outbox):
    script("retry", "negative_balance")
    with pytest.raises(BackendRejected):
        retry(authentication)
    assert Authentication.objects.get().remaining_retry == 3
    assert retry(authentication).status is RetryStatus.APPROVED
    assert len(outbox) == 2


def test_retry_limits_are_settings(clock, user, phone):
    with sandbox(MAX_RETRIES=1, RETRY_COOLDOWN=60):
        authentication = send(phone, user=user).authentication
        assert authentication.remaining_retry == 1
        assert authentication.next_retry_at == timezone.now() + timedelta(seconds=60)


def test_retry_refused_is_no_attempt(authentication, clock):
    script("retry", "denied", "approved")
    retry(authentication)
    clock.shift(30)
    retry(authentication)
    assert list(
        authentication.events.filter(type="attempt").order_by("pk").values_list("status", "attempt_number")
    ) == [
        ("denied", None),
        ("approved", 2),
    ]


def test_retry_of_a_stale_instance_counts_on(authentication, clock):
    stale = Authentication.objects.get()
    for instance in (authentication, stale):
        retry(instance)
        clock.shift(30)
    numbers = authentication.events.filter(type="attempt").order_by("pk").values_list("attempt_number", flat=True)
    assert list(numbers) == [2, 3]


def test_retry_cooldown_is_never_shortened_by_the_provider(clock, phone):
    with sandbox(RETRY_COOLDOWN=60, SANDBOX={"retry_delay": 1}):
        authentication = send(phone).authentication
        clock.shift(60)
        assert retry(authentication).next_retry_at == timezone.now() + timedelta(seconds=60)


def test_retry_used_at_the_provider_expires(authentication):
    script("retry", "already_validated")
    assert retry(authentication).status is RetryStatus.ALREADY_VALIDATED
    assert Authentication.objects.get().status == "expired"
