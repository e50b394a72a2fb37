from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.views.debug import ExceptionReporter

from django_ding.exceptions import AccountError, BackendUnavailable, DingError, InputError, InvalidPhoneNumber
from django_ding.models import Authentication
from django_ding.phone import Reason
from django_ding.services import CheckStatus, RetryStatus, Signals, check, send, send_or_resume
from django_ding.testing import script
from tests.stubs import Broken, Newfangled, Silent, using

pytestmark = pytest.mark.django_db

WRONG = "000000"


def timeline(authentication):
    return list(authentication.events.order_by("pk").values_list("type", "status"))


def test_send_national_number_sends_a_code(outbox, phone):
    authentication = send("06 12 34 56 78")
    assert authentication.status == "pending"
    assert [message.phone_number for message in outbox] == [phone]


def test_send_keeps_what_the_provider_said(clock, outbox, user, phone):
    sent = send(phone, user=user, signals=Signals(ip="192.0.2.1", device_type="IOS", device_id="d"))
    row = Authentication.objects.get()
    assert row == sent
    assert row.user == user
    assert row.country == "FR"
    assert row.purpose == "link"
    assert row.backend == "default"
    assert row.authentication_uuid == outbox[-1].authentication_uuid
    assert row.created_at == timezone.now()
    assert row.expires_at == timezone.now() + timedelta(minutes=10)
    assert row.next_retry_at == timezone.now() + timedelta(seconds=30)
    assert row.remaining_retry == 3
    assert row.ip == "192.0.2.1"
    assert row.signals == {"device_type": "IOS", "device_id": "d"}
    assert timeline(row) == [("authentication", "pending")]


def test_send_passes_everything_to_the_provider(simulator, user, phone):
    sent = send(
        phone,
        user=user,
        signals=Signals(ip="192.0.2.1", is_returning_user=True),
        locale="de-DE",
        template_id="t",
        sender_id="s",
    )
    request = simulator.inspect(sent.authentication_uuid).request
    assert request.correlation_id == str(sent.public_id)
    assert (request.locale, request.template_id, request.sender_id) == ("de-DE", "t", "s")
    assert request.signals == {"ip": "192.0.2.1", "is_returning_user": True}


def test_send_anonymous_user_is_nobody(phone):
    assert send(phone, user=AnonymousUser()).user is None


def test_send_region_overrides_the_default(outbox):
    send("(202) 555-0100", region="US")
    assert outbox[-1].phone_number == "+12025550100"


@pytest.mark.parametrize("reason", [Reason.EXTENSION, Reason.TOO_SHORT])
def test_send_malformed_number_leaves_no_trace(simulator, reason):
    typed = {Reason.EXTENSION: "+1 202 555 0100 ext. 5", Reason.TOO_SHORT: "+3361"}[reason]
    with pytest.raises(InvalidPhoneNumber) as caught:
        send(typed)
    assert caught.value.reason is reason
    assert not Authentication.objects.exists()
    assert not simulator.calls


@pytest.mark.parametrize("purpose", ["", "x" * 33])
def test_send_malformed_purpose_leaves_no_trace(simulator, phone, purpose):
    with pytest.raises(ValueError, match="1 to 32 characters"):
        send(phone, purpose=purpose)
    assert not Authentication.objects.exists()


def test_send_malformed_address_leaves_no_trace(simulator, phone):
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        send(phone, signals=Signals(ip="nowhere"))
    assert not Authentication.objects.exists()


# The same requester again


def test_send_again_within_the_cooldown_changes_nothing(clock, outbox, user, phone):
    first = send(phone, user=user)
    clock.shift(29)
    result = send_or_resume("06 12 34 56 78", user=user)
    assert (result.authentication, result.is_new, result.retry) == (first, False, None)
    assert len(outbox) == 1


def test_send_again_after_the_cooldown_retries(clock, outbox, user, phone):
    first = send(phone, user=user)
    clock.shift(30)
    result = send_or_resume(phone, user=user)
    assert (result.authentication, result.is_new) == (first, False)
    assert result.retry.status is RetryStatus.APPROVED
    assert [message.attempt_number for message in outbox] == [1, 2]


def test_send_again_after_the_last_retry_changes_nothing(clock, outbox, user, phone):
    first = send(phone, user=user)
    for _ in range(5):
        clock.shift(30)
        assert send(phone, user=user) == first
    assert len(outbox) == 4


def test_send_again_when_the_retry_is_refused_returns_the_live_one(clock, outbox, user, phone):
    first = send(phone, user=user)
    clock.shift(30)
    script("retry", "denied")
    result = send_or_resume(phone, user=user)
    assert (result.authentication, result.retry.status) == (first, RetryStatus.DENIED)
    assert len(outbox) == 1


def test_send_again_when_the_provider_is_done_with_it_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user)
    clock.shift(30)
    script("retry", "expired_auth")
    second = send(phone, user=user)
    assert second != first
    assert len(outbox) == 2
    first.refresh_from_db()
    assert first.status == "expired"


def test_send_again_after_expiry_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user)
    clock.shift(600)
    assert send(phone, user=user) != first
    assert len(outbox) == 2


def test_send_again_when_no_check_is_left_waits_for_the_end(clock, outbox, user, phone):
    """The provider re-uses what lives: a new code would come under the spent authentication."""
    first = send(phone, user=user)
    for _ in range(5):
        check(first, WRONG)
    clock.shift(599)
    assert send(phone, user=user) == first
    assert len(outbox) == 1
    clock.shift(1)
    assert send(phone, user=user) != first


def test_send_again_after_validation_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user)
    check(first, outbox[-1].code)
    assert send(phone, user=user) != first


def test_send_other_purpose_is_another_authentication(clock, user, phone):
    clock.shift(0)
    first = send(phone, user=user)
    assert send(phone, user=user, purpose="payment") != first


def test_send_other_user_is_another_authentication(user, other_user, phone):
    assert send(phone, user=user) != send(phone, user=other_user)


def test_send_nobody_is_told_apart_by_address(phone):
    first = send(phone, signals=Signals(ip="192.0.2.1"))
    assert send(phone, signals=Signals(ip="192.0.2.1")) == first
    assert send(phone, signals=Signals(ip="192.0.2.2")) != first


# Refusals and failures


@pytest.mark.parametrize("status", ["rate_limited", "spam_detected"])
def test_send_refused_by_the_provider_is_told(outbox, phone, status):
    script("send", status)
    authentication = send(phone)
    assert authentication.status == status
    assert authentication.error_code == status
    assert timeline(authentication) == [("authentication", status)]
    assert not outbox


@pytest.mark.parametrize("code", ["invalid_line", "unsupported_region", "blocked_number", "invalid_phone_number"])
def test_send_input_error_is_raised_and_recorded(phone, code):
    script("send", code)
    with pytest.raises(InputError) as caught:
        send(phone)
    assert caught.value.code == code
    assert_failed(code)


@pytest.mark.parametrize("code", ["negative_balance", "suspended_account", "account_invalid"])
def test_send_account_error_is_raised_recorded_and_logged(phone, code, caplog):
    script("send", code)
    with pytest.raises(AccountError) as caught:
        send(phone)
    assert caught.value.code == code
    assert_failed(code)
    assert [record.levelname for record in caplog.records if record.name == "django_ding"] == ["ERROR"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("server_error", "http_500"),
        ("too_many_requests", "too_many_requests"),
        ("dropped", "connection_lost"),
        ("garbage", "not_json"),
        ("slow", "timeout"),
    ],
)
def test_send_outage_is_raised_and_recorded(phone, fault, code):
    script("send", fault)
    with pytest.raises(BackendUnavailable) as caught:
        send(phone)
    assert caught.value.code == code
    assert_failed(code)


def assert_failed(code):
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == ("failed", code)
    assert timeline(row) == [("error", code)]


@pytest.mark.parametrize("outcome", ["too_many_requests", "negative_balance", "invalid_line"])
def test_send_after_nothing_was_sent_tries_again_at_once(outbox, phone, outcome):
    script("send", outcome)
    with pytest.raises(DingError):
        send(phone)
    assert send(phone).status == "pending"
    assert len(outbox) == 1


@pytest.mark.parametrize("outcome", ["dropped", "garbage", "slow"])
def test_send_after_a_lost_answer_waits_for_the_cooldown(clock, outbox, phone, outcome):
    script("send", outcome)
    with pytest.raises(BackendUnavailable):
        send(phone)
    clock.shift(10)
    with pytest.raises(BackendUnavailable) as caught:
        send(phone)
    assert caught.value.retry_after == 20
    assert len(outbox) == 1
    clock.shift(20)
    assert send(phone).status == "pending"


def test_send_while_the_first_is_under_way_changes_nothing(simulator, outbox, phone):
    seen = []
    unsubscribe = simulator.subscribe(lambda message: seen.append(send_or_resume(phone)))
    send(phone)
    unsubscribe()
    assert [(result.is_new, result.authentication.status) for result in seen] == [(False, "created")]
    assert len(outbox) == 1


def test_send_cut_short_by_a_crash_gives_way_after_the_cooldown(clock, outbox, phone):
    send(phone)
    Authentication.objects.update(status="created")
    clock.shift(30)
    assert send_or_resume(phone).is_new
    assert Authentication.objects.filter(status="created").count() == 1


# Odd answers


def test_send_unknown_status_is_kept_and_can_be_checked(phone):
    with using(Newfangled):
        authentication = send(phone)
        assert authentication.status == "unknown"
        assert timeline(authentication) == [("authentication", "teleported")]
        assert check(authentication, "123456").status is CheckStatus.VALID


def test_send_without_uuid_is_not_taken_for_sent(phone):
    with using(Silent), pytest.raises(BackendUnavailable):
        send(phone)
    assert_failed("incomplete_answer")


def test_send_number_stays_out_of_error_reports(phone):
    with using(Broken), pytest.raises(ZeroDivisionError) as caught:
        send(phone)
    report = ExceptionReporter(None, caught.type, caught.value, caught.tb.tb_next).get_traceback_html()
    assert "provider.send" in report
    assert phone not in report


def test_send_bug_in_a_backend_is_recorded(phone):
    with using(Broken), pytest.raises(ZeroDivisionError):
        send(phone)
    assert_failed("unexpected_error")


def test_send_without_such_a_backend_leaves_no_trace(phone):
    with pytest.raises(ImproperlyConfigured, match="has no key 'other'"):
        send(phone, backend="other")
    assert not Authentication.objects.exists()
