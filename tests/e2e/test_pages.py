"""The example's pages without a browser: its own ones, and the provider's responses over HTTP."""

import re

import pytest
from django.test import Client

from django_ding.models import Authentication
from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.server import SandboxServer
from tests.e2e.helpers import provider
from tests.e2e.person import ADD, LOGIN, NUMBER_CODE, SECOND_FACTOR, VAULT

RESEND = f"{NUMBER_CODE}resend/"
DEMO = {"username": "demo", "password": "demo"}
UNTRANSLATED = {"Ding example", "demo", "English", "Français", "Deutsch", "Español", "العربيّة"}


@pytest.fixture
def guest(example, client) -> Client:
    """An anonymous client."""
    return client


@pytest.fixture
def browser(guest, account) -> Client:
    """A client that is signed in."""
    guest.force_login(account)
    return guest


def page(browser, answer) -> str:
    """Return the page that a form leads to, by a redirect or without one."""
    return browser.get(answer.url).text if answer.status_code == 302 else answer.text


def test_pages_are_compressed(guest):
    answer = guest.get(LOGIN, headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"].count("Accept-Encoding")) == ("gzip", 1)


def texts(answer) -> set[str]:
    """Return the texts between the tags of a page."""
    assert answer.status_code == 200
    return {text.strip() for text in re.findall(r">([^<>]+)<", answer.text) if text.strip()}


def request_code(browser, last_digits: int) -> None:
    """Request a code to one of the sandbox's special numbers."""
    assert browser.post(ADD, {"phone_number": f"+120255501{last_digits}"}).url == NUMBER_CODE


# The example's own


def test_home(guest, account):
    assert "No messages leave this machine." in guest.get("/").text
    guest.force_login(account)
    assert "Account: <bdi>demo</bdi>" in guest.get("/").text


def test_login_before_there_is_a_number(guest, account, outbox):
    assert "Please enter a correct username" in guest.post(LOGIN, {**DEMO, "password": "no"}).text
    assert guest.post(LOGIN, DEMO).url == "/"
    assert guest.post("/logout/").url == "/"
    assert len(outbox) == 0


def test_login_once_there_is_a_number(guest, account, outbox, phone):
    account.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    assert guest.post(LOGIN, DEMO).url == SECOND_FACTOR
    assert "_auth_user_id" not in guest.session
    assert guest.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == "/"
    assert guest.session["_auth_user_id"] == str(account.pk)


@pytest.mark.parametrize("method", ["get", "post"])
def test_admin_has_no_login_of_its_own(guest, account, method):
    answer = getattr(guest, method)("/admin/login/?next=/admin/")
    assert (answer.status_code, answer.url) == (302, f"{LOGIN}?next=/admin/")


def test_admin_refuses_others_without_a_loop(browser):
    answer = browser.get("/admin/", follow=True)
    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, LOGIN)


def test_vault(browser, account, phone):
    assert browser.get(VAULT).url == f"{ADD}?next={VAULT}"
    account.ding_phone_numbers.create(phone_number=phone)
    assert browser.get(VAULT).status_code == 200


@pytest.mark.parametrize("language", ["fr", "de", "es", "ar"])
def test_own_pages_are_translated(browser, account, phone, language):
    account.ding_phone_numbers.create(phone_number=phone)
    for visitor, path in ((Client(), "/"), (Client(), LOGIN), (browser, "/"), (browser, VAULT)):
        english = texts(visitor.get(path, headers={"Accept-Language": "en"}))
        assert english & texts(visitor.get(path, headers={"Accept-Language": language})) <= UNTRANSLATED


@pytest.mark.parametrize("path", ["/", LOGIN, ADD, "/admin/auth/", "/admin/django_ding/authentication/"])
def test_policy(browser, path):
    assert browser.get(path)["Content-Security-Policy"] == "default-src 'self'"


def test_inbox_is_linked_where_there_is_one(browser, settings, outbox, phone):
    browser.post(ADD, {"phone_number": phone})
    assert 'href="/sandbox/"' in browser.get(NUMBER_CODE).text
    settings.INBOX_URL = ""
    assert "sandbox" not in browser.get(NUMBER_CODE).text + browser.get("/").text


def test_failed_csrf_check(example):
    answer = Client(enforce_csrf_checks=True).post(LOGIN, DEMO)
    assert (answer.status_code, "This page has expired" in answer.text) == (403, True)


def test_schema_has_the_endpoints(browser):
    answer = browser.get("/api/schema/")
    assert answer.status_code == 200
    assert "operationId: send_code" in answer.text


# The provider's responses


@pytest.mark.parametrize(
    ("typed", "sentence", "is_invalid"),
    [
        ("no number", "This isn&#x27;t a phone number.", True),
        ("+12025550110", "You can request another code in 30 seconds.", False),
        ("+12025550111", "We can&#x27;t send codes to this number.", True),
        ("+12025550113", "Use a mobile number.", True),
        ("+12025550116", "temporarily unavailable", False),
    ],
)
def test_send_refused(browser, typed, sentence, is_invalid):
    answer = browser.post(ADD, {"phone_number": typed})
    assert (answer.status_code, sentence in answer.text) == (200, True)
    assert ('aria-invalid="true"' in answer.text) is is_invalid
    assert f'value="{typed}"' in answer.text


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (36, "No code was sent"),
        (37, "Too many incorrect codes"),
        (38, "This code has expired."),
        (39, "t check the code"),
        (61, "This code has expired."),
        (62, "Incorrect code."),
        (63, "temporarily unavailable"),
    ],
)
def test_code_refused(browser, outbox, last_digits, sentence):
    request_code(browser, last_digits)
    assert sentence in page(browser, browser.post(NUMBER_CODE, {"code": outbox[-1].code}))
    assert not browser.get("/api/phone/phone-numbers/").json()


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (34, "You can request another code in 24 hours."),
        (35, "No more codes can be sent right now."),
        (65, "No code was sent"),
        (67, "This code has expired."),
        (68, "This code has expired."),
        (69, "It may still arrive."),
    ],
)
def test_resend_refused(clock, browser, outbox, last_digits, sentence):
    request_code(browser, last_digits)
    clock.shift(31)
    assert sentence in page(browser, browser.post(RESEND))
    assert len(outbox) == 1


def test_resend_exhausted(clock, browser, outbox, phone):
    browser.post(ADD, {"phone_number": phone})
    for _ in range(4):
        clock.shift(31)
        answer = browser.post(RESEND)
    assert "No more codes can be sent right now." in page(browser, answer)
    assert len(outbox) == 4


def test_send_provider_down(browser, settings, phone):
    with SandboxServer(Simulator(Options())) as server:
        settings.DING = provider(settings, base_url=server.url)
    assert "temporarily unavailable" in browser.post(ADD, {"phone_number": phone}).text
    assert Authentication.objects.get().error_code == "connection_failed"
