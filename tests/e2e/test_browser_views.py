"""Every page of the example: accessible, fit for a small phone, and right-to-left in Arabic."""

from collections.abc import Iterator

import pytest

from django_ding.testing import Outbox
from tests.browser import check_accessibility, go
from tests.e2e.person import ADD, LOGIN, NUMBERS, PHONE_LOGIN, VAULT, Person
from tests.helpers import wrong_code
from tests.targets import small_targets

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

#: The width of WCAG 2.2's reflow.
SMALL_PHONE = {"width": 320, "height": 640}


def walk(person: Person, outbox: Outbox, phone: str) -> Iterator[str]:
    """Visit every page in every state, and yield its name."""
    yield from walk_as_a_guest(person, outbox)
    yield from walk_as_a_user(person, phone)


def walk_as_a_guest(person: Person, outbox: Outbox) -> Iterator[str]:
    person.open("/")
    yield "home"
    person.page.click(".languages summary")
    yield "languages"
    person.open(LOGIN)
    yield "password"
    person.submit(username="demo", password="wrong")
    yield "password-refused"
    person.open(PHONE_LOGIN)
    yield "phone"
    person.submit(phone_number="12")
    yield "phone-refused"
    person.submit(phone_number="+447400123456")
    yield "code"
    person.submit(code=wrong_code(outbox[-1].code))
    yield "code-refused"
    for _ in range(4):
        person.submit(code=wrong_code(outbox[-1].code))
    yield "code-exhausted"
    person.open(LOGIN)
    person.page.context.clear_cookies()
    with person.expect_console_error("403"):
        person.submit(username="demo", password="demo")
    yield "expired"


def walk_as_a_user(person: Person, phone: str) -> Iterator[str]:
    person.log_in(next_url=NUMBERS)
    yield "numbers-none"
    person.request_code(phone, path=ADD)
    person.enter_code()
    yield "numbers-verified"
    person.open(ADD)
    yield "add"
    person.submit(phone_number="+12025550100")
    person.enter_code()
    yield "numbers-two"
    for action in ("change", "remove"):
        go(person.page.locator(f".ding-numbers li:last-child a[href$='/{action}/']"))
        yield action
        person.open(NUMBERS)
    person.open(VAULT)
    yield "vault"
    person.open("/")
    yield "home-of-user"
    go(person.page.locator("header nav > form button"))
    person.log_in()
    yield "second-factor"


def test_pages_are_accessible(person, outbox, phone):
    for _ in walk(person, outbox, phone):
        check_accessibility(person.page)


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_pages_fit_a_small_phone(new_person, outbox, phone, locale, direction):
    person = new_person(locale=locale, viewport=SMALL_PHONE)
    for name in walk(person, outbox, phone):
        assert person.page.get_attribute("html", "dir") == direction
        assert person.page.evaluate("document.documentElement.scrollWidth") == SMALL_PHONE["width"], name
        assert small_targets(person.page) == [], name


@pytest.mark.parametrize("width", [320, 1280])
def test_inbox_is_easy_to_touch(new_person, account, phone, width):
    person = new_person(viewport={"width": width, "height": 640})
    person.open("/sandbox/")
    assert small_targets(person.page) == []
    person.request_code(phone)
    person.open("/sandbox/")
    for summary in person.page.locator("summary").all():
        summary.click()
    assert small_targets(person.page) == []


def test_inline_script_is_blocked(person):
    """The browser enforces the policy that no page violates."""
    person.open("/")
    with person.expect_console_error("Content Security Policy"):
        person.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'ran = 1'}))")
    assert person.page.evaluate("window.ran") is None
