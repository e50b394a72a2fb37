"""What the caller chooses of the delivery: the channel, and the dispatch ID of the provider's SDK."""

import pytest

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel, RetryResponse, RetryStatus, SendResponse, SendStatus
from django_ding.models import Authentication
from tests.stubs import Multichannel, using

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
    with using(Choosy, CHANNELS=["sms", "whatsapp", "voice"]):
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


def test_retry_says_how_the_message_was_sent(clock, calls, member, phone):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/retry/"
    for body, channel in (({"channel": "whatsapp"}, "whatsapp"), ({"channel": "voice"}, "voice")):
        clock.shift(30)
        assert member.post(url, body, format="json").json()["channel"] == channel


@pytest.mark.parametrize("channel", ["voice", "sms"])
def test_channel_that_the_setting_lacks(calls, member, client, phone, channel):
    with using(Choosy, CHANNELS=["whatsapp", "sms"]):
        for url, caller in ((URL, member), ("/api/phone/login/", client)):
            response = caller.post(url, {"phone_number": phone, "channel": channel}, format="json")
            assert (response.status_code, response.json()["code"]) == (400, "unsupported_channel")
    assert not calls


@pytest.mark.parametrize("device_type", ["IPADOS", "TVOS"])
def test_every_platform_is_taken(calls, member, phone, device_type):
    assert member.post(URL, {"phone_number": phone, "device_type": device_type}, format="json").status_code == 201
    assert Authentication.objects.get().device_signals == {"device_type": device_type}


@pytest.mark.parametrize("url", [URL, "/api/phone/login/"])
def test_silent_verification(client, phone, monkeypatch, url):
    monkeypatch.setattr(Multichannel, "silent_request_url", "https://silent.example/1")
    with using(Multichannel, CHANNELS=["sms", "silent"], ANONYMOUS_PURPOSES=["signup"]):
        body = client.post(url, {"phone_number": phone, "channel": "silent"}, format="json").json()
        assert (body["channel"], body["silent"]) == ("silent", {"request_url": "https://silent.example/1"})
        response = client.post(f"{url}{body['id']}/retry/")
        assert (response.status_code, response.json()["channel"]) == (200, "sms")


def test_other_answers_have_no_silent_part(calls, member, phone):
    body = member.post(URL, {"phone_number": phone}, format="json").json()
    assert "silent" not in {**body, **member.get(f"{URL}{body['id']}/").json()}


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
