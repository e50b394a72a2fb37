"""What a backend is given with each operation, and what it may ask to be kept for the next one."""

from functools import partial

import pytest
from django.utils import timezone

from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    DeviceSignals,
    RetryResponse,
    RetryStatus,
    SendResponse,
    SendStatus,
    StatusResponse,
    WebhookEvent,
)
from django_ding.exceptions import BackendUnavailable, InputError, UnsupportedOperation
from django_ding.models import Authentication
from django_ding.services import cancel, check, refresh, retry, send
from tests.helpers import failing_statements, timeline
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "000000", "123456"


class Stateful(Newfangled):
    """Has each operation return a state of its own, and notes what it is given."""

    supports_status = True
    supports_cancel = True
    channels = frozenset({Channel.SMS, Channel.VOICE})
    given = []

    def send(self, request):
        self.given.append(("send", request, None))
        return SendResponse(status=SendStatus.PENDING, authentication_uuid="u", state={"step": "sent"})

    def check(self, sent, code):
        self.given.append(("check", sent.request, sent.state))
        status = CheckStatus.VALID if code == RIGHT else CheckStatus.INVALID
        return CheckResponse(status=status, state={"step": "checked"})

    def retry(self, sent, *, channel=None):
        self.given.append(("retry", sent.request, sent.state))
        self.attempt = sent.attempt_number, channel
        return RetryResponse(status=RetryStatus.APPROVED, channel=channel, state={"step": "retried"})

    def status(self, sent):
        self.given.append(("status", sent.request, sent.state))
        return StatusResponse()

    def cancel(self, sent):
        self.given.append(("cancel", sent.request, sent.state))


@pytest.fixture
def given(monkeypatch):
    """The operation, the request and the state of each call."""
    monkeypatch.setattr(Stateful, "given", [])
    with using(Stateful, CHANNELS=["sms", "voice", "whatsapp"]):
        yield Stateful.given


def step(authentication):
    return Authentication.objects.get(pk=authentication.pk).backend_state.get("state")


def test_each_operation_is_given_the_request_and_the_latest_state(given, user, phone):
    device = DeviceSignals(device_id="d", is_returning_user=True)
    options = {"channel": "voice", "locale": "de-DE", "template_id": "t", "sender_id": "s", "dispatch_id": "x"}
    authentication = send(
        phone, user=user, ip="192.0.2.7", device_signals=device, extra={"brand": "Shop"}, **options
    ).authentication
    check(authentication, WRONG)
    Authentication.objects.update(next_retry_at=timezone.now())
    retry(Authentication.objects.get())
    refresh(Authentication.objects.get())
    cancel(Authentication.objects.get())
    operations, requests, states = zip(*given, strict=True)
    assert operations == ("send", "check", "retry", "status", "cancel")
    assert states == (None, {"step": "sent"}, {"step": "checked"}, {"step": "retried"}, {"step": "retried"})
    assert set(map(repr, requests)) == {repr(requests[0])}
    request = requests[-1]
    assert request == requests[0]
    assert (request.phone_number, request.ip, request.device_signals) == (phone, "192.0.2.7", device)
    assert (request.channel, request.locale, request.dispatch_id) == (Channel.VOICE, "de-DE", "x")
    assert (request.template_id, request.sender_id, request.extra) == ("t", "s", {"brand": "Shop"})
    assert request.correlation_id == str(authentication.public_id)


def test_state_is_kept_for_the_life_of_the_code(given, phone):
    authentication = send(phone).authentication
    assert step(authentication) == {"step": "sent"}
    check(authentication, WRONG)
    assert step(authentication) == {"step": "checked"}
    check(authentication, RIGHT)
    assert Authentication.objects.get().backend_state == {}


def test_options_are_given_after_the_end(given, phone, clock):
    """``refresh`` may come weeks later, when the state is gone."""
    authentication = send(phone, locale="de-DE").authentication
    clock.shift(3600)
    refresh(authentication)
    assert Authentication.objects.get().backend_state == {"request": {"locale": "de-DE"}}
    assert given[-1][0] == "status"
    assert given[-1][1].locale == "de-DE"


@pytest.mark.parametrize("operation", ["check", "retry"])
def test_state_does_not_come_back_after_the_code_was_entered_meanwhile(given, phone, clock, monkeypatch, operation):
    original = getattr(Stateful, operation)

    def overtaken(backend, sent, *args, **kwargs):
        monkeypatch.setattr(Stateful, operation, original)
        assert check(Authentication.objects.get(), RIGHT).status is CheckStatus.VALID
        return original(backend, sent, *args, **kwargs)

    authentication = send(phone).authentication
    clock.shift(30)
    monkeypatch.setattr(Stateful, operation, overtaken)
    {"check": lambda: check(authentication, WRONG), "retry": lambda: retry(authentication)}[operation]()
    row = Authentication.objects.get()
    assert (row.status, row.backend_state) == ("validated", {})


def test_retry_is_given_its_number_and_channel(given, phone, clock):
    authentication = send(phone).authentication
    clock.shift(30)
    assert retry(authentication, channel=Channel.VOICE).status is RetryStatus.APPROVED
    assert (authentication.retry_count, authentication.channel) == (1, Channel.VOICE)
    assert timeline(authentication, "attempt_number", "channel", "data")[1:] == [
        ("attempt", "approved", 2, "voice", {"requested_channel": "voice"})
    ]


def test_send_again_retries_by_the_channel_it_is_given(given, phone, clock):
    first = send(phone, ip="192.0.2.1").authentication
    clock.shift(30)
    result = send(phone, ip="192.0.2.1", channel=Channel.VOICE)
    assert (result.authentication, result.retry.status) == (first, RetryStatus.APPROVED)
    assert result.authentication.channel == Channel.VOICE


@pytest.mark.parametrize("channel", ["whatsapp", "pigeon"])
def test_channel_that_the_backend_does_not_have_leaves_no_trace(given, phone, clock, channel):
    with pytest.raises(InputError) as caught:
        send(phone, channel=channel)
    assert caught.value.code == "unsupported_channel"
    assert not Authentication.objects.exists()
    authentication = send(phone).authentication
    clock.shift(30)
    with pytest.raises(InputError):
        retry(authentication, channel=channel)
    assert Authentication.objects.get().retry_count == 0
    assert [operation for operation, *_ in given] == ["send"]


@pytest.mark.parametrize("operation", [partial(check, code=RIGHT), retry, refresh], ids=["check", "retry", "status"])
def test_response_about_another_authentication_is_an_outage(given, phone, clock, monkeypatch, operation):
    authentication = send(phone).authentication
    clock.shift(30)
    responses = {
        "check": CheckResponse(status=CheckStatus.VALID, authentication_uuid="other", state={"step": "other"}),
        "retry": RetryResponse(status=RetryStatus.APPROVED, authentication_uuid="other", state={"step": "other"}),
        "status": StatusResponse(uuid="other", events=(WebhookEvent(type="authentication"),)),
    }
    for name, response in responses.items():
        monkeypatch.setattr(Stateful, name, lambda *args, response=response, **kwargs: response)
    with pytest.raises(BackendUnavailable):
        operation(authentication)
    row = Authentication.objects.get()
    assert (row.status, row.authentication_uuid, step(row)) == ("pending", "u", {"step": "sent"})
    assert [event.type for event in row.events.order_by("pk")] == ["authentication", "error"]


def test_case_of_an_id_does_not_matter(given, phone, monkeypatch):
    response = CheckResponse(status=CheckStatus.VALID, authentication_uuid="U")
    monkeypatch.setattr(Stateful, "check", lambda *args: response)
    assert check(send(phone).authentication, WRONG).status is CheckStatus.VALID


# Cancel.


def test_cancel_ends_a_live_authentication(given, phone):
    authentication = send(phone).authentication
    assert cancel(authentication) is authentication
    row = Authentication.objects.get()
    assert (row.status, row.dedup_key, row.backend_state) == ("expired", None, {})
    assert authentication.status == "expired"
    assert timeline(row)[1:] == [("cancel", "")]
    assert check(row, RIGHT).status is CheckStatus.EXPIRED_AUTH
    assert send(phone).authentication != authentication


@pytest.mark.django_db(transaction=True)
def test_cancel_that_fails_half_way_leaves_it_live(given, phone):
    authentication = send(phone).authentication
    with failing_statements(ZeroDivisionError(), starts="INSERT"), pytest.raises(ZeroDivisionError):
        cancel(authentication)
    assert Authentication.objects.get().status == "pending"


def test_cancel_of_a_validated_one_changes_nothing(given, phone):
    authentication = send(phone).authentication
    check(authentication, RIGHT)
    assert cancel(authentication).status == "validated"
    assert [operation for operation, *_ in given] == ["send", "check"]


def test_cancel_without_support_changes_nothing(phone):
    with using(Newfangled):
        authentication = send(phone).authentication
        with pytest.raises(UnsupportedOperation):
            cancel(authentication)
    assert Authentication.objects.get().status == "unknown"
    assert not authentication.events.filter(type="error").exists()


def test_cancel_outage_is_recorded_and_leaves_it_live(given, phone, monkeypatch):
    def fail(backend, sent):
        raise BackendUnavailable(code="timeout")

    monkeypatch.setattr(Stateful, "cancel", fail)
    authentication = send(phone).authentication
    with pytest.raises(BackendUnavailable):
        cancel(authentication)
    assert Authentication.objects.get().status == "pending"
    assert authentication.events.get(type="error").data == {"operation": "cancel"}
