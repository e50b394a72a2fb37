"""What the caller chooses of the delivery: the channel, and the dispatch ID of the provider's SDK."""

import pytest
from django.test import override_settings

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel, RetryResponse, RetryStatus, SendResponse, SendStatus
from django_ding.models import Authentication

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
DISPATCH_ID = "5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11"


class Choosy(BaseBackend):
    """Lets callers choose between two channels, and keeps what it is called with."""

    channels = frozenset({Channel.VOICE, Channel.WHATSAPP})
    calls = []

    def send(self, request):
        self.calls.append((request.channel, request.dispatch_id))
        return SendResponse(status=SendStatus.PENDING, authentication_uuid="u", channel=request.channel)

    def retry(self, sent, *, channel=None):
        self.calls.append((channel, sent.request.dispatch_id))
        return RetryResponse(status=RetryStatus.APPROVED, channel=channel)


@pytest.fixture
def calls():
    Choosy.calls.clear()
    with override_settings(DING={"BACKENDS": {"default": {"BACKEND": f"{__name__}.Choosy"}}, "RATE_LIMITS": {}}):
        yield Choosy.calls


def test_send_passes_the_choice_on(calls, member, phone):
    body = {"phone_number": phone, "channel": "whatsapp", "dispatch_id": DISPATCH_ID}
    response = member.post(URL, body, format="json")
    assert (response.status_code, response.json()["channel"]) == (201, "whatsapp")
    assert calls == [(Channel.WHATSAPP, DISPATCH_ID)]


def test_send_without_a_choice(calls, member, phone):
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response.json()["channel"]) == (201, None)
    assert calls == [(None, None)]


def test_login_passes_the_choice_on(calls, client, phone):
    assert client.post("/api/phone/login/", {"phone_number": phone, "channel": "voice"}).status_code == 201
    assert calls == [(Channel.VOICE, None)]


def test_retry_passes_the_choice_on(clock, calls, member, phone):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/"
    clock.shift(30)
    assert member.post(f"{url}retry/", {"channel": "voice"}, format="json").status_code == 200
    assert calls == [(None, None), (Channel.VOICE, None)]
    assert member.get(url).json()["channel"] == "voice"


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_retry_needs_no_body(clock, calls, member, phone, body):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/retry/"
    clock.shift(30)
    assert member.post(url, body, content_type="application/json").status_code == 200


def test_channel_that_the_backend_does_not_offer(clock, calls, member, phone):
    response = member.post(URL, {"phone_number": phone, "channel": "sms"}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "unsupported_channel")
    assert not calls
    assert not Authentication.objects.exists()
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/retry/"
    clock.shift(30)
    response = member.post(url, {"channel": "sms"}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "unsupported_channel")
    assert calls == [(None, None)]
    assert Authentication.objects.get().remaining_retry == 3


@pytest.mark.parametrize("body", [{"channel": "pigeon"}, {"channel": "unknown"}, {"channel": 7}, {"channel": None}])
def test_retry_by_an_unknown_channel(clock, calls, member, phone, body):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/retry/"
    clock.shift(30)
    response = member.post(url, body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert list(response.json()["errors"]) == ["channel"]
    assert len(calls) == 1
