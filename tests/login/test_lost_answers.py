"""What a visitor sees where the provider's response was lost: the code's page, since the message may come."""

import pytest
from django.test import Client, override_settings

from django_ding.models import Authentication
from django_ding.testing import script
from tests.login.helpers import ADD, ALICE, LOGIN, LOGIN_CODE, NUMBER_CODE, PASSWORD, SECOND_FACTOR, followed

pytestmark = pytest.mark.django_db

MAY_ARRIVE = "We couldn&#x27;t confirm that your code was sent. It may still arrive at this number:"
RESEND = f"{LOGIN_CODE}resend/"


@pytest.fixture
def per_number():
    """A provider that knows a code by its number."""
    backends = {"default": {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}}
    with override_settings(DING={"BACKENDS": backends, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}):
        yield


@pytest.fixture
def waiting(clock, client, account, phone) -> Client:
    """Alice's browser after she gave her number, and the response was lost."""
    script("send", "dropped")
    client.post(LOGIN, {"phone_number": phone})
    return client


@pytest.mark.parametrize(
    ("start", "code_page", "data"),
    [
        (LOGIN, LOGIN_CODE, {"phone_number": "+33612345678"}),
        (PASSWORD, SECOND_FACTOR, ALICE),
        (ADD, NUMBER_CODE, {"phone_number": "+447400123456"}),
    ],
)
def test_code_page_says_that_the_message_may_come(client, account, start, code_page, data):
    if start == ADD:
        client.force_login(account)
    script("send", "dropped")
    answer = client.post(start, data)
    assert answer.url == code_page
    assert MAY_ARRIVE in followed(client, answer)


def test_second_click_finds_the_same_page(waiting, outbox, phone):
    answer = waiting.post(LOGIN, {"phone_number": phone})
    assert MAY_ARRIVE in followed(waiting, answer)
    assert (len(outbox), Authentication.objects.count()) == (1, 1)


def test_code_that_arrives_opens_the_account(per_number, waiting, account, outbox, logins):
    assert waiting.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/"
    assert logins == [account]


def test_code_that_cannot_be_checked_is_to_be_requested_again(waiting, outbox):
    text = waiting.post(LOGIN_CODE, {"code": outbox[-1].code}).text
    assert "This code can&#x27;t be checked. Request another one." in text


def test_resend_is_a_new_message_after_the_cooldown(clock, waiting, account, outbox, logins):
    assert "You can request another code in 30 seconds." in waiting.post(RESEND).text
    clock.shift(30)
    text = followed(waiting, waiting.post(RESEND))
    assert "We sent another code." in text
    assert MAY_ARRIVE not in text
    assert waiting.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/"
    assert logins == [account]


def test_resend_that_is_lost_too(clock, waiting, outbox):
    clock.shift(30)
    script("send", "dropped")
    text = followed(waiting, waiting.post(RESEND))
    assert "We couldn&#x27;t confirm that another code was sent. It may still arrive." in text
    assert MAY_ARRIVE in text
    assert len(outbox) == 2


def test_resend_that_is_lost_after_a_code_that_was_sent(clock, client, account, outbox, phone):
    client.post(LOGIN, {"phone_number": phone})
    clock.shift(30)
    script("retry", "dropped")
    text = client.post(RESEND).text
    assert "We couldn&#x27;t confirm that another code was sent. It may still arrive." in text
    assert client.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/"


def test_code_page_ends_with_the_code(clock, waiting):
    clock.shift(600)
    assert "This code has expired." in waiting.get(LOGIN_CODE).text


def test_provider_that_was_not_reached_leaves_the_visitor_at_the_start(client, account, phone):
    script("send", "too_many_requests")
    answer = client.post(LOGIN, {"phone_number": phone})
    assert answer.status_code == 200
    assert "temporarily unavailable" in answer.text
