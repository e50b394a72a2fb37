"""A send whose response was lost: its message may come, and where the provider can tell, its code can be entered."""

import pytest
from django.test import override_settings

from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.models import Authentication
from django_ding.services import CheckStatus, check, send
from django_ding.testing import script
from tests.helpers import wrong_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def per_number():
    """A provider that has one open verification per number, and so knows a code by its number."""
    backends = {"default": {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}}
    with override_settings(DING={"BACKENDS": backends, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}):
        yield


def lose(phone_number, operation="send", **arguments) -> Authentication:
    """Send a code whose response is lost, and return what the error says of it."""
    script(operation, "dropped")
    with pytest.raises(BackendUnavailable) as caught:
        send(phone_number, **arguments)
    return caught.value.authentication


def test_error_has_the_authentication_whose_message_may_come(user, phone):
    row = lose(phone, user=user)
    assert (row, row.status, row.is_lost) == (Authentication.objects.get(), "failed", True)
    with pytest.raises(BackendUnavailable) as caught:
        send(phone, user=user)
    assert caught.value.authentication == row


@pytest.mark.parametrize("outcome", ["too_many_requests", "invalid_line", "negative_balance"])
def test_error_of_a_message_that_was_not_sent_has_none(user, phone, outcome):
    script("send", outcome)
    with pytest.raises(DingError) as caught:
        send(phone, user=user)
    assert getattr(caught.value, "authentication", None) is None
    assert not Authentication.objects.get().is_lost


def test_code_that_comes_can_be_entered(per_number, outbox, user, phone):
    row = lose(phone, user=user)
    assert check(row, wrong_code(outbox[-1].code)).status is CheckStatus.INVALID
    assert check(row, outbox[-1].code).status is CheckStatus.VALID
    row.refresh_from_db()
    assert (row.status, row.error_code, row.check_count) == ("validated", "", 2)
    assert user.ding_phone_numbers.get().phone_number == phone


def test_code_is_bounded_like_any_other(per_number, clock, outbox, phone):
    row = lose(phone)
    for _ in range(5):
        assert check(row, wrong_code(outbox[-1].code)).status is CheckStatus.INVALID
    assert check(row, outbox[-1].code).status is CheckStatus.RATE_LIMITED
    clock.shift(600)
    assert check(row, outbox[-1].code).status is CheckStatus.EXPIRED_AUTH


def test_code_is_not_asked_for_where_the_provider_knows_ids_only(outbox, phone):
    row = lose(phone)
    assert check(row, outbox[-1].code).status is CheckStatus.WITHOUT_ATTEMPT
    assert row.check_count == 0


def test_id_that_a_webhook_brought_is_enough(outbox, phone):
    row = lose(phone)
    Authentication.objects.update(authentication_uuid=outbox[-1].authentication_uuid)
    assert check(row, outbox[-1].code).status is CheckStatus.VALID


def test_newer_request_for_the_number_ends_it(per_number, clock, outbox, user, phone):
    row = lose(phone, ip="192.0.2.1")
    clock.shift(31)
    newer = send(phone, user=user).authentication
    assert check(row, outbox[-1].code).status is CheckStatus.WITHOUT_ATTEMPT
    row.refresh_from_db()
    assert (row.status, row.is_lost) == ("failed", False)
    assert check(newer, outbox[-1].code).status is CheckStatus.VALID


def test_it_ends_an_older_request_for_the_number(per_number, clock, outbox, user, phone):
    older = send(phone, ip="192.0.2.1").authentication
    clock.shift(31)
    row = lose(phone, "retry", user=user)  # In the same window, another message.
    assert check(older, outbox[-1].code).status is CheckStatus.EXPIRED_AUTH
    assert check(row, outbox[-1].code).status is CheckStatus.VALID


def test_next_request_replaces_it(clock, outbox, user, phone):
    row = lose(phone, user=user)
    clock.shift(31)
    assert send(phone, user=user).authentication != row
    row.refresh_from_db()
    assert not row.is_lost
