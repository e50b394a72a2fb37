from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.views.debug import ExceptionReporter

from django_ding.exceptions import (
    BackendRejected,
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    InvalidPhoneNumber,
    RateLimited,
)
from django_ding.flows import _intent
from django_ding.models import Authentication
from django_ding.phone import Reason
from django_ding.services import CheckStatus, DeviceSignals, RetryStatus, check, send
from django_ding.testing import script
from tests.helpers import at_statement, timeline
from tests.stubs import Broken, Newfangled, Plain, Silent, using

pytestmark = pytest.mark.django_db

WRONG = "000000"


def test_send_national_number_sends_a_code(outbox, phone):
    authentication = send("06 12 34 56 78").authentication
    assert authentication.status == "pending"
    assert [message.phone_number for message in outbox] == [phone]


def test_send_stores_what_the_provider_said(clock, outbox, user, phone):
    sent = send(
        phone, user=user, ip="192.0.2.1", device_signals=DeviceSignals(device_type="IOS", device_id="d")
    ).authentication
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
    assert row.device_signals == {"device_type": "IOS", "device_id": "d"}
    assert timeline(row) == [("authentication", "pending")]


def test_send_passes_everything_to_the_provider(simulator, user, phone):
    sent = send(
        phone,
        user=user,
        ip="192.0.2.1",
        device_signals=DeviceSignals(is_returning_user=True),
        locale="de-DE",
        template_id="t",
        sender_id="s",
    ).authentication
    request = simulator.inspect(sent.authentication_uuid).request
    assert request.correlation_id == str(sent.public_id)
    assert (request.locale, request.template_id, request.sender_id) == ("de-DE", "t", "s")
    assert request.signals == {"ip": "192.0.2.1", "is_returning_user": True}


def test_send_anonymous_user_is_no_user(phone):
    assert send(phone, user=AnonymousUser()).authentication.user is None


def test_send_region_overrides_the_default(outbox):
    send("(202) 555-0100", region="US")
    assert outbox[-1].phone_number == "+12025550100"


def test_send_purpose_is_link_with_a_user_and_signup_without(user, phone):
    assert send(phone, user=user).authentication.purpose == "link"
    assert send("+12025550100").authentication.purpose == "signup"


def test_send_takes_the_address_of_the_request(rf, phone):
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")
    assert send(phone, request=request).authentication.ip == "192.0.2.7"
    assert send("+12025550100", request=request, ip="2001:db8::7").authentication.ip == "2001:db8::7"


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
        send(phone, ip="nowhere")
    assert not Authentication.objects.exists()


# The same requester again


def test_send_again_within_the_cooldown_changes_nothing(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    clock.shift(29)
    result = send("06 12 34 56 78", user=user)
    assert (result.authentication, result.is_new, result.retry) == (first, False, None)
    assert len(outbox) == 1


def test_send_again_after_the_cooldown_retries(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    clock.shift(30)
    result = send(phone, user=user)
    assert (result.authentication, result.is_new) == (first, False)
    assert result.retry.status is RetryStatus.APPROVED
    assert [message.attempt_number for message in outbox] == [1, 2]


def test_send_again_while_another_request_retries_returns_the_live_one(clock, outbox, user, phone):
    """Two requests at once after the cooldown: one retries, and its message is on its way for both."""
    first = send(phone, user=user).authentication
    clock.shift(30)
    others = [lambda: send(phone, user=user)]
    with at_statement(lambda: others and others.pop()(), starts="UPDATE"):
        result = send(phone, user=user)
    assert (result.authentication, result.is_new, result.retry) == (first, False, None)
    assert [message.attempt_number for message in outbox] == [1, 2]


def test_send_again_after_the_last_retry_changes_nothing(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    for _ in range(3):
        clock.shift(30)
        assert send(phone, user=user).authentication == first
    clock.shift(30)
    with pytest.raises(RateLimited) as caught:
        send(phone, user=user)
    assert (caught.value.scope, caught.value.retry_after) == ("retries", 480)
    assert len(outbox) == 4


def test_send_again_when_the_retry_is_refused_returns_the_live_one(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    clock.shift(30)
    script("retry", "denied")
    result = send(phone, user=user)
    assert (result.authentication, result.retry.status) == (first, RetryStatus.DENIED)
    assert len(outbox) == 1


def test_send_again_when_the_provider_is_done_with_it_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    clock.shift(30)
    script("retry", "expired_auth")
    second = send(phone, user=user).authentication
    assert second != first
    assert len(outbox) == 2
    first.refresh_from_db()
    assert first.status == "expired"


def test_send_again_after_expiry_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    clock.shift(600)
    assert send(phone, user=user).authentication != first
    assert len(outbox) == 2
    first.refresh_from_db()
    assert first.status == "expired"


def test_send_again_when_no_check_is_left_waits_for_the_end(clock, outbox, user, phone):
    """The provider re-uses what lives: a new code would come under the spent authentication."""
    first = send(phone, user=user).authentication
    for _ in range(5):
        check(first, WRONG)
    clock.shift(599)
    with pytest.raises(RateLimited) as caught:
        send(phone, user=user)
    assert (caught.value.scope, caught.value.retry_after) == ("checks", 1)
    assert len(outbox) == 1
    clock.shift(1)
    assert send(phone, user=user).authentication != first


def test_send_again_after_validation_sends_anew(clock, outbox, user, phone):
    first = send(phone, user=user).authentication
    check(first, outbox[-1].code)
    assert send(phone, user=user).authentication != first


def send_another(number, **options):
    """The sandbox limits codes per number, as the provider does, but the request is one of its own."""
    count = Authentication.objects.count()
    with pytest.raises(RateLimited) as caught:
        send(number, **options)
    assert caught.value.scope == "provider"
    assert Authentication.objects.count() == count + 1


def test_send_other_purpose_is_another_authentication(user, phone):
    send(phone, user=user)
    send_another(phone, user=user, purpose="payment")


def test_send_other_user_is_another_authentication(user, other_user, phone):
    send(phone, user=user)
    send_another(phone, user=other_user)


def test_send_anonymous_requesters_are_distinguished_by_address(phone):
    first = send(phone, ip="192.0.2.1").authentication
    assert send(phone, ip="192.0.2.1").authentication == first
    send_another(phone, ip="192.0.2.2")


# Refusals and failures


@pytest.mark.parametrize(("status", "error"), [("rate_limited", RateLimited), ("spam_detected", Blocked)])
def test_send_refused_by_the_provider_is_raised_and_recorded(outbox, phone, status, error):
    script("send", status)
    with pytest.raises(error) as caught:
        send(phone)
    assert caught.value.code == status
    authentication = Authentication.objects.get()
    assert authentication.status == status
    assert authentication.error_code == status
    assert timeline(authentication) == [("authentication", status)]
    assert not outbox


def test_send_limited_by_the_provider_says_how_long_to_wait(clock, phone):
    script("send", "rate_limited")
    with pytest.raises(RateLimited) as caught:
        send(phone)
    assert (caught.value.scope, caught.value.retry_after) == ("provider", 30)


def test_send_to_a_number_on_the_block_list_is_blocked(phone):
    script("send", "blocked_number")
    with pytest.raises(Blocked) as caught:
        send(phone)
    assert caught.value.code == "blocked_number"
    assert_failed("blocked_number")


@pytest.mark.parametrize("code", ["invalid_line", "unsupported_region", "invalid_phone_number"])
def test_send_input_error_is_raised_and_recorded(phone, code):
    script("send", code)
    with pytest.raises(InputError) as caught:
        send(phone)
    assert caught.value.code == code
    assert_failed(code)


@pytest.mark.parametrize("code", ["negative_balance", "suspended_account", "account_invalid"])
def test_send_account_error_is_raised_recorded_and_logged(phone, code, caplog):
    script("send", code)
    with pytest.raises(BackendRejected) as caught:
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
    assert send(phone).authentication.status == "pending"
    assert len(outbox) == 1


@pytest.mark.parametrize("outcome", ["dropped", "garbage", "slow"])
def test_send_after_a_lost_answer_waits_for_the_cooldown(clock, outbox, user, phone, outcome):
    script("send", outcome)
    with pytest.raises(BackendUnavailable):
        send(phone, user=user)
    clock.shift(10)
    with pytest.raises(BackendUnavailable) as caught:
        send(phone, user=user)
    assert caught.value.retry_after == 20
    assert len(outbox) == 1
    clock.shift(20)
    assert send(phone, user=user).authentication.status == "pending"


def test_send_while_the_first_is_under_way_changes_nothing(simulator, outbox, user, phone):
    seen = []
    unsubscribe = simulator.subscribe(lambda message: seen.append(send(phone, user=user)))
    send(phone, user=user)
    unsubscribe()
    assert [(result.is_new, result.authentication.status) for result in seen] == [(False, "created")]
    assert len(outbox) == 1


def test_send_cut_short_by_a_crash_gives_way_after_the_cooldown(clock, outbox, user, phone):
    send(phone, user=user)
    Authentication.objects.update(status="created")
    clock.shift(30)
    assert send(phone, user=user).is_new
    assert Authentication.objects.filter(status="created").count() == 1


# Odd answers


@pytest.mark.parametrize(("seconds", "cooldown"), [(5, 30), (90, 90)])
def test_send_cooldown_is_never_shortened_by_the_provider(clock, phone, monkeypatch, seconds, cooldown):
    monkeypatch.setattr(Plain, "next_retry_at", timezone.now() + timedelta(seconds=seconds))
    with using(Plain):
        authentication = send(phone).authentication
    authentication.refresh_from_db()
    assert authentication.next_retry_at == timezone.now() + timedelta(seconds=cooldown)


def test_send_unknown_status_is_kept_and_can_be_checked(phone):
    with using(Newfangled):
        authentication = send(phone).authentication
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


@pytest.mark.parametrize("text", ["fr\0", "fr\ud800"])
@pytest.mark.parametrize("name", ["locale", "template_id", "device_id"])
def test_text_that_no_database_stores_is_refused(outbox, phone, name, text):
    options = {"device_signals": DeviceSignals(device_id=text)} if name == "device_id" else {name: text}
    with pytest.raises(InputError):
        send(phone, **options)
    assert (len(outbox), Authentication.objects.count()) == (0, 0)


def test_intent_has_each_default_that_differs_from_row_to_row():
    """Those of the others are made once."""
    fields = Authentication._meta.concrete_fields
    assert {field.attname for field in fields if field.has_default() and callable(field.default)} <= set(
        _intent._COLUMNS
    )
