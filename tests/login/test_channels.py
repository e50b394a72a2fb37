"""Another way to get the code, chosen on its page, and the id that the provider's script puts into the form."""

import pytest

from django_ding.models import Authentication
from tests.login.helpers import ALICE, LOGIN, LOGIN_CODE, PASSWORD, SECOND_FACTOR, followed
from tests.stubs import Multichannel, Plain, using

pytestmark = pytest.mark.django_db

RESEND = f"{LOGIN_CODE}resend/"
LANDLINE = "+33123456789"
DISPATCH_ID = "5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11"
NOT_THIS_WAY = "Codes can&#x27;t be sent this way. Choose another one."


@pytest.fixture
def messages(clock):
    """The channel of each message that the backend was asked for."""
    with using(Multichannel, CHANNELS=["sms", "whatsapp", "voice", "email", "silent"]):
        yield Multichannel.messages


@pytest.fixture
def waiting(messages, client, phone):
    """A visitor at the page for the code, with the cooldown over."""
    client.post(LOGIN, {"phone_number": phone})
    return client


def choices(page: str) -> list[str]:
    """Return the channels of the page's buttons."""
    return [part.partition('"')[0] for part in page.split('name="channel" value="')[1:]]


def test_page_offers_the_channels_that_were_not_used_last(waiting, clock):
    page = waiting.get(LOGIN_CODE).text
    assert (choices(page), "Resend code" in page) == (["whatsapp", "voice"], True)
    assert 'aria-label="Send by WhatsApp">WhatsApp<' in page
    assert 'aria-label="Call me with a code">Call me<' in page
    clock.shift(30)
    waiting.post(RESEND, {"channel": "whatsapp"})
    assert choices(waiting.get(LOGIN_CODE).text) == ["sms", "voice"]


@pytest.mark.parametrize(("backend", "channels"), [(Plain, ["sms", "voice"]), (Multichannel, ["sms"])])
def test_page_offers_nothing_to_choose(client, phone, backend, channels):
    with using(backend, CHANNELS=channels):
        client.post(LOGIN, {"phone_number": phone})
        page = client.get(LOGIN_CODE).text
    assert (choices(page), "Resend code" in page) == ([], True)


def test_chosen_channel_is_used_and_the_page_says_so(waiting, clock, messages):
    assert "We sent a code to this number:" in waiting.get(LOGIN_CODE).text
    clock.shift(30)
    page = followed(waiting, waiting.post(RESEND, {"channel": "whatsapp"}))
    assert "We sent another code." in page
    assert "We sent a code by WhatsApp to this number:" in page
    clock.shift(30)
    page = followed(waiting, waiting.post(RESEND, {"channel": "voice"}))
    assert "We&#x27;re calling you with a code." in page
    assert "We&#x27;re calling this number with a code:" in page
    assert "Enter the code from the call." in page
    assert messages == [None, "whatsapp", "voice"]


@pytest.mark.parametrize("data", [{}, {"channel": ""}])
def test_resend_without_a_choice_leaves_it_to_the_provider(waiting, clock, messages, data):
    clock.shift(30)
    waiting.post(RESEND, data)
    assert messages == [None, None]


@pytest.mark.parametrize("channel", ["viber", "pigeon", "unknown", "x" * 5000, "\x00"])
def test_channel_that_is_not_offered_is_an_error_by_the_buttons(waiting, clock, messages, channel):
    clock.shift(30)
    page = waiting.post(RESEND, {"channel": channel}).text
    assert f">{NOT_THIS_WAY}</p>" in page.partition("<section")[2]
    assert messages == [None]
    assert Authentication.objects.get().remaining_retry == 3


def test_landline_is_called(messages, client):
    page = followed(client, client.post(LOGIN, {"phone_number": LANDLINE}))
    assert "We&#x27;re calling this number with a code:" in page
    assert choices(page) == []
    assert messages == ["voice"]


def test_landline_is_refused_without_calls(client):
    with using(Multichannel):
        page = client.post(LOGIN, {"phone_number": LANDLINE}).text
    assert "We can&#x27;t send codes to this type of number. Use a mobile number." in page


@pytest.mark.parametrize(("url", "data"), [(LOGIN, {"phone_number": "+33612345678"}), (PASSWORD, ALICE)])
def test_dispatch_id_travels_to_the_provider(client, account, url, data):
    with using(Multichannel):
        assert client.post(url, {**data, "dispatch_id": DISPATCH_ID}).url in (LOGIN_CODE, SECOND_FACTOR)
        assert Multichannel.requests[0].dispatch_id == DISPATCH_ID


@pytest.mark.parametrize("text", [None, "", DISPATCH_ID[1:], f"{DISPATCH_ID}0", f"{DISPATCH_ID[1:]}\n", "é" * 36])
def test_anything_else_is_no_dispatch_id(client, phone, text):
    with using(Multichannel):
        client.post(LOGIN, {"phone_number": phone, **({} if text is None else {"dispatch_id": text})})
        assert Multichannel.requests[0].dispatch_id is None


def test_form_has_a_place_for_the_dispatch_id(client):
    assert '<input type="hidden" name="dispatch_id">' in client.get(LOGIN).text
