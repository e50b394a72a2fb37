"""Each flow of the example without errors. The codes are read in the sandbox's inbox."""

import pytest
from django.contrib.auth import get_user_model

from tests.browser import go
from tests.e2e.person import (
    ADD,
    CONTINUE,
    LOGIN,
    LOGIN_CODE,
    NUMBER_CODE,
    NUMBERS,
    PHONE_LOGIN,
    SECOND_FACTOR,
    SEND,
    VAULT,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECOND_NUMBER = "+447400123456"


@pytest.fixture
def number(account, phone):
    """The verified number of the account ``demo``."""
    return account.ding_phone_numbers.create(phone_number=phone, is_primary=True)


def numbers_of(user) -> list[str]:
    return [number.phone_number for number in user.ding_phone_numbers.all()]


def test_password_then_number_then_code(person, account, phone):
    person.log_in()
    assert (person.path, person.heading) == ("/", "You are logged in")
    person.follow("Your phone numbers")
    person.follow("Add a number")
    person.page.get_by_label("Phone number", exact=True).fill("06 12 34 56 78")
    person.press(SEND)
    assert "+33\xa06\xa012\xa034\xa056\xa078" in person.text
    person.page.get_by_label("Code", exact=True).fill(person.newest_code())
    person.press(CONTINUE)
    assert (person.path, numbers_of(account)) == (NUMBERS, [phone])
    assert "Phone number verified." in person.text
    person.log_out()
    person.log_in()
    assert person.path == SECOND_FACTOR
    person.enter_code()
    assert person.heading == "You are logged in"


def test_second_factor_hides_the_number(person, number):
    person.log_in()
    assert "78" in person.text
    assert "12 34" not in person.text
    person.open("/")
    assert person.heading == "Log in by phone"


def test_remembered_device(person, new_person, number):
    person.log_in()
    person.page.get_by_label("Remember this device for 30 days").check()
    person.enter_code()
    person.log_out()
    person.log_in()
    assert person.heading == "You are logged in"
    another = new_person()
    another.log_in()
    assert another.path == SECOND_FACTOR


def test_passwordless(person, number):
    person.open("/")
    person.follow("Log in with your phone")
    person.submit(phone_number="06 12 34 56 78")
    assert person.path == LOGIN_CODE
    person.enter_code()
    assert (person.path, person.heading) == ("/", "You are logged in")
    assert "demo" in person.text


def test_passwordless_creates_an_account(person, account):
    person.request_code(SECOND_NUMBER)
    assert get_user_model().objects.count() == 1
    person.enter_code()
    new_user = get_user_model().objects.exclude(pk=account.pk).get()
    assert (numbers_of(new_user), new_user.has_usable_password()) == ([SECOND_NUMBER], False)
    assert new_user.username in person.text


def test_numbers_are_managed(person, account, number):
    account.ding_phone_numbers.create(phone_number=SECOND_NUMBER)
    person.log_in(next_url=NUMBERS)
    person.enter_code()
    person.press("Make primary")
    assert "Primary number changed." in person.text
    assert numbers_of(account) == [SECOND_NUMBER, number.phone_number]
    go(person.page.get_by_role("link", name="Change").first)
    person.submit(phone_number="+12025550100")
    assert numbers_of(account) == [SECOND_NUMBER, number.phone_number]
    person.enter_code()
    assert numbers_of(account) == ["+12025550100", number.phone_number]
    go(person.page.get_by_role("link", name="Remove").last)
    assert "+33\xa06\xa012\xa034\xa056\xa078" in person.text
    person.press("Remove")
    assert (person.path, numbers_of(account)) == (NUMBERS, ["+12025550100"])


def test_vault_as_a_guest(person, number):
    person.open(VAULT)
    assert person.path == f"{LOGIN}?next={VAULT}"
    person.follow("Log in with your phone")
    person.follow("Log in with a password")
    person.follow("Log in with your phone")
    assert person.path == f"{PHONE_LOGIN}?next={VAULT}"
    person.submit(phone_number=number.phone_number)
    person.enter_code()
    assert (person.path, person.heading) == (VAULT, "The vault")


def test_vault_without_a_number(person, phone):
    person.log_in()
    person.follow("The vault")
    assert person.path == f"{ADD}?next={VAULT}"
    person.submit(phone_number=phone)
    assert person.path == NUMBER_CODE
    person.enter_code()
    assert (person.path, person.heading) == (VAULT, "The vault")


def test_admin_requires_the_code_too(person, account, number):
    get_user_model().objects.update(is_staff=True, is_superuser=True)
    person.open("/admin/auth/")
    assert person.path.startswith(LOGIN)
    person.submit(username="demo", password="demo")
    assert person.path == SECOND_FACTOR
    person.enter_code()
    assert person.path == "/admin/auth/"


def test_language_is_switched_before_the_code_is_entered(person, outbox, phone):
    person.request_code(phone)
    person.page.click(".languages summary")
    person.press("العربيّة")
    assert person.path == LOGIN_CODE
    assert person.page.locator("html[lang=ar][dir=rtl]").count() == 1
    assert len(outbox) == 1
    person.enter_code()
    assert person.path == "/"


@pytest.mark.parametrize(("locale", "lang"), [("ar-EG", "ar"), ("fr-CA", "fr"), ("ja", "en")])
def test_language_of_the_browser(new_person, locale, lang):
    person = new_person(locale=locale)
    person.open("/")
    assert person.page.get_attribute("html", "lang") == lang


def test_javascript_off(new_person, account, phone):
    person = new_person(java_script_enabled=False)
    person.log_in(next_url=ADD)
    person.submit(phone_number="06 12 34 56 78")
    person.enter_code()
    assert numbers_of(account) == [phone]
    person.log_out()
    person.log_in()
    person.enter_code()
    assert person.heading == "You are logged in"
    person.log_out()
    person.request_code(phone)
    person.enter_code()
    assert person.heading == "You are logged in"
