"""The example's pages, as a browser without JavaScript uses them."""

import pytest

from django_ding.models import Authentication
from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.server import SandboxServer
from tests.e2e.conftest import provider
from tests.e2e.site import wrong


@pytest.fixture
def browser(example, client, account):
    client.force_login(account)
    return client


@pytest.fixture
def asked(browser, phone) -> str:
    """The address of the page that asks for the code."""
    return browser.post("/verify/", {"phone_number": phone}).url


def page(browser, answer) -> str:
    """Follow the redirect that every page that asks the provider ends in."""
    assert answer.status_code == 302
    return browser.get(answer.url).text


def test_verify_happy_path(browser, outbox):
    answer = browser.post("/verify/", {"phone_number": "06 12 34 56 78"})
    shown = page(browser, answer)
    assert "+33612345678" in shown
    assert "5 tries left" in shown
    assert "another 10 minutes" in shown
    assert "/sandbox/?phone_number=%2B33612345678" in shown
    assert "+33612345678 is verified." in page(browser, browser.post(answer.url, {"code": outbox[-1].code}))


def test_verify_reloaded_sends_once(browser, asked, outbox):
    browser.get(asked)
    browser.get(asked)
    assert len(outbox) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter a phone number."),
        ("x" * 65, "at most 64 characters"),
        ("no number", "This is not a phone number."),
        ("+12025550110", "Too many codes were sent to this number."),
        ("+12025550111", "Codes can&#x27;t be sent to this number."),
        ("+12025550113", "Use a mobile number."),
        ("+12025550116", "at the moment"),
        ("+12025550129", "at the moment"),
    ],
)
def test_verify_refused(browser, typed, sentence):
    answer = browser.post("/verify/", {"phone_number": typed})
    shown = answer.text if answer.status_code == 200 else page(browser, answer)
    assert sentence in shown
    assert 'aria-invalid="true"' in shown
    assert f'value="{typed}"' in shown or not typed
    assert 'aria-invalid="true"' not in browser.get("/verify/").text


def test_code_wrong(browser, asked, outbox):
    shown = page(browser, browser.post(asked, {"code": wrong(outbox[-1].code)}))
    assert "This is not the code." in shown
    assert "4 tries left" in shown
    assert "This is not the code" not in browser.get(asked).text


def test_code_exhausted(browser, asked, outbox):
    for _ in range(5):
        answer = browser.post(asked, {"code": wrong(outbox[-1].code)})
    shown = page(browser, answer)
    assert "Too many wrong codes." in shown
    assert "Start again" in shown
    assert "Too many wrong codes." in page(browser, browser.post(asked, {"code": outbox[-1].code}))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Enter the code of the message."), ("12", "4 to 8 digits"), ("9" * 65, "64 characters")],
)
def test_code_malformed(browser, asked, typed, sentence):
    answer = browser.post(asked, {"code": typed})
    assert sentence in (answer.text if answer.status_code == 200 else page(browser, answer))
    assert Authentication.objects.get().check_count == 0


def test_code_expired(clock, browser, asked, outbox):
    clock.shift(601)
    assert "The time to enter this code is over." in page(browser, browser.post(asked, {"code": outbox[-1].code}))


def test_code_used_already(browser, asked, outbox):
    browser.post(asked, {"code": outbox[-1].code})
    assert "This code was used already." in page(browser, browser.post(asked, {"code": outbox[-1].code}))
    assert "This number is verified already." in browser.get(asked).text


def test_code_right_number_taken(browser, asked, outbox, other_user, phone):
    other_user.phone_numbers.create(phone_number=phone)
    assert "belongs to another account" in page(browser, browser.post(asked, {"code": outbox[-1].code}))


@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (36, "No code was sent"),
        (37, "Too many wrong codes."),
        (38, "The time to enter this code is over."),
        (39, "could not be checked"),
        (61, "used already"),
        (62, "This is not the code."),
        (63, "at the moment"),
    ],
)
def test_code_special(browser, outbox, last_digits, sentence):
    asked = browser.post("/verify/", {"phone_number": f"+120255501{last_digits}"}).url
    assert sentence in page(browser, browser.post(asked, {"code": outbox[-1].code}))


def test_resend_too_early(browser, asked, outbox):
    assert "It is too early for another code. Wait 30 seconds." in page(browser, browser.post(f"{asked}resend/"))
    assert len(outbox) == 1


def test_resend_after_cooldown(clock, browser, asked, outbox):
    clock.shift(31)
    assert "Another code is on its way." in page(browser, browser.post(f"{asked}resend/"))
    assert len(outbox) == 2


def test_resend_exhausted(clock, browser, asked, outbox):
    for _ in range(4):
        clock.shift(31)
        answer = browser.post(f"{asked}resend/")
    shown = page(browser, answer)
    assert "No further code can be sent." in shown
    assert "That was the last code for now." in shown
    assert len(outbox) == 4


@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (34, "Wait 24 hours."),
        (35, "No further code can be sent."),
        (65, "no message to repeat"),
        (67, "The time to enter the code is over."),
        (68, "verified already"),
        (69, "at the moment"),
    ],
)
def test_resend_special(clock, browser, last_digits, sentence):
    asked = browser.post("/verify/", {"phone_number": f"+120255501{last_digits}"}).url
    clock.shift(31)
    assert sentence in page(browser, browser.post(f"{asked}resend/"))


def test_send_provider_down(browser, settings, phone):
    with SandboxServer(Simulator(Options())) as server:
        settings.DING = provider(settings, base_url=f"{server.url}/v1")
    assert "at the moment" in page(browser, browser.post("/verify/", {"phone_number": phone}))


def test_numbers_make_primary_and_remove(browser, account):
    first = account.phone_numbers.create(phone_number="+33612345678", is_primary=True)
    second = account.phone_numbers.create(phone_number="+447400123456")
    assert "is your primary number now" in page(browser, browser.post(f"/numbers/{second.pk}/make-primary/"))
    assert "is removed" in page(browser, browser.post(f"/numbers/{first.pk}/remove/"))
    assert list(account.phone_numbers.values_list("phone_number", "is_primary")) == [("+447400123456", True)]


def test_pages_of_somebody_else(browser, asked, client, other_user, account):
    number = account.phone_numbers.create(phone_number="+447400123456")
    client.force_login(other_user)
    statuses = [
        client.get(asked).status_code,
        client.post(asked, {"code": "123456"}).status_code,
        client.post(f"{asked}resend/").status_code,
        client.post(f"/numbers/{number.pk}/remove/").status_code,
        client.post(f"/numbers/{number.pk}/make-primary/").status_code,
    ]
    assert statuses == [404] * 5


def test_pages_signed_out(example, client):
    assert "Sign in" in client.get("/").text
    assert client.get("/verify/").url == "/login/?next=/verify/"


def test_login_and_logout(example, client, account):
    assert "Please enter a correct username" in client.post("/login/", {"username": "demo", "password": "no"}).text
    assert client.post("/login/", {"username": "demo", "password": "demo"}).url == "/"
    assert "You have no verified number yet." in client.get("/").text
    assert client.post("/logout/").url == "/"


def test_session_holds_no_code(browser, asked, outbox):
    browser.post(asked, {"code": (typed := wrong(outbox[-1].code))})
    assert typed not in str(dict(browser.session))


# The schema


def test_schema_has_the_endpoints(browser):
    answer = browser.get("/api/schema/")
    assert answer.status_code == 200
    assert "operationId: send_code" in answer.text
