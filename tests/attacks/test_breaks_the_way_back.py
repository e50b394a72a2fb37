"""A link with a ``next`` that breaks the login, or sends the browser round in circles, after the right code."""

from urllib.parse import quote, urljoin

import pytest
from django.core.exceptions import DisallowedRedirect
from django.http import HttpResponseRedirect
from django.test import Client

from django_ding.login import decorators
from django_ding.login.decorators import find_reason
from django_ding.models import Authentication
from django_ding.reverse import resolve_path
from tests.login.helpers import ADD, ALICE, LOGIN, LOGIN_CODE, NUMBER_CODE, PASSWORD, SECOND_FACTOR, signed_in

pytestmark = pytest.mark.django_db

FLOWS = [(LOGIN, LOGIN_CODE), (PASSWORD, SECOND_FACTOR), (ADD, NUMBER_CODE)]
MAX_REDIRECTS = 16  # Of the browser that gives up first.

#: What no view is called, what is one's name, and what only looks like a name.
NAMES = ["x", "x.y", "password", "django_ding_login:login", "é", "a:b" * 5, "[", "?", "#", "%00", "\\", "\\\\x", " x"]

#: Ways to write the page that the redirect comes from.
CIRCLES = [
    ".",
    "./",
    "?",
    "./.",
    "{page}",
    "{page}?",
    "{page}#x",
    "{page}resend/",
    "{page}./",
    "/x/..{page}",
    "/%2e{page}",
    "//testserver{page}",
    "http://testserver{page}",
    "http://TESTSERVER{page}",
    "\\\\testserver{page}",
    "{start}?next={page}",
    "{start}?next=.",
]


@pytest.fixture
def browser(settings, user, phone) -> Client:
    """The browser of Alice, who has a password and a number."""
    settings.ROOT_URLCONF = "tests.login.site"
    settings.LOGIN_URL, settings.LOGIN_REDIRECT_URL = PASSWORD, "/"
    user.set_password("secret")
    user.save()
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return Client()


def enter_code(browser, user, start, page, next_url, outbox):
    """Follow a link with this ``next`` to the right code, and return the answer to it."""
    if start == ADD:
        browser.force_login(user)
    number = "+447400123456" if start == ADD else user.ding_phone_numbers.get().phone_number
    Authentication.objects.all().delete()
    answer = browser.post(f"{start}?next={quote(next_url)}", ALICE if start == PASSWORD else {"phone_number": number})
    assert answer.url == page
    return browser.post(page, {"code": outbox[-1].code})


def follow(browser, page, answer):
    """Follow the redirects of an answer of this page as far as a browser does, and return the last answer."""
    url = page
    for _step in range(MAX_REDIRECTS):
        if answer.status_code != 302:
            break
        url = urljoin(f"http://testserver{url}", answer.url)
        answer = browser.get(url)
    return answer


@pytest.mark.parametrize(("start", "page"), FLOWS)
@pytest.mark.parametrize("next_url", NAMES)
def test_next_is_never_the_name_of_a_view(browser, user, outbox, start, page, next_url):
    answer = enter_code(browser, user, start, page, next_url, outbox)
    assert answer.status_code == 302
    assert urljoin(f"http://testserver{page}", answer.url).startswith("http://testserver/")
    assert signed_in(browser) == str(user.pk)


@pytest.mark.parametrize(("start", "page"), FLOWS)
@pytest.mark.parametrize("circle", [*CIRCLES, "{encoded}"])
def test_next_that_leads_back_leads_on(browser, user, outbox, start, page, circle):
    encoded = "".join(letter if letter == "/" else f"%{ord(letter):02x}" for letter in page)
    answer = enter_code(browser, user, start, page, circle.format(start=start, page=page, encoded=encoded), outbox)
    assert follow(browser, page, answer).status_code in (200, 404)
    assert signed_in(browser) == str(user.pk)


def test_two_flows_that_lead_to_each_other_end(browser, user, outbox):
    enter_code(browser, user, LOGIN, LOGIN_CODE, SECOND_FACTOR, outbox)
    answer = enter_code(browser, user, PASSWORD, SECOND_FACTOR, LOGIN_CODE, outbox)
    assert follow(browser, SECOND_FACTOR, answer).status_code == 200


@pytest.mark.parametrize(("start", "page"), FLOWS)
def test_next_that_is_too_long_to_redirect_to_costs_no_code(browser, user, outbox, start, page):
    if start == ADD:
        browser.force_login(user)
    too_long = "€" * 2000  # Once it is quoted, and not for every version of Django.
    answer = browser.post(start, {**ALICE, "phone_number": "+447400123456", "next": too_long})
    assert (answer.status_code, len(outbox)) == ((302, 1) if can_redirect_to(too_long) else (400, 0))


def can_redirect_to(url):
    try:
        HttpResponseRedirect(url)
    except DisallowedRedirect:
        return False
    return True


@pytest.mark.parametrize(("start", "page"), FLOWS)
def test_code_submitted_again_leads_on_each_time(browser, user, outbox, start, page):
    enter_code(browser, user, start, page, "/desk/alice/", outbox)
    assert [browser.post(page, {"code": outbox[-1].code}).url for _ in range(3)] == ["/desk/alice/"] * 3


@pytest.mark.parametrize("inner", ["http://[", "//[", "http://\u2100.example", "\0", "%00", "/%ff", "?", "x"])
def test_next_of_the_next_breaks_no_page(browser, inner):
    """The page looks behind it for what to say about a restricted one."""
    assert browser.get(LOGIN, {"next": f"{ADD}?next={inner}"}).status_code == 200


def test_reason_is_not_looked_for_without_end(browser, monkeypatch):
    found = []
    monkeypatch.setattr(decorators, "resolve_path", lambda url: found.append(url) or resolve_path(url))
    assert find_reason(f"{ADD}?next=" * 5000) == ""
    assert 1 < len(found) < 10
