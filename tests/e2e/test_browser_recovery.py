"""Somebody lost the phone: support creates a recovery code in the admin, and its user sets up a new number."""

import pytest
from django.contrib.auth import get_user_model

from django_ding.services import remove_number
from tests.browser import check_accessibility, go
from tests.e2e.helpers import limits
from tests.e2e.person import CONTINUE, LOGIN, PHONE_LOGIN, SECOND_FACTOR, VAULT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RECOVERY = "/phone/recovery/"
LOGIN_RECOVERY = "/phone/login/recovery/"
NEW_NUMBER = "/phone/recovery/number/"
NEW_NUMBER_CODE = "/phone/recovery/number/code/"


@pytest.fixture
def number(account, phone):
    """The number of the lost phone."""
    return account.ding_phone_numbers.create(phone_number=phone, is_primary=True)


@pytest.fixture
def read_out(new_person, account, number):
    """Have support create a recovery code, and return what they read on their screen."""
    get_user_model().objects.create_superuser("support", password="support")

    def create(page_of: str) -> str:
        support = new_person()
        support.open(f"{LOGIN}?next={page_of}")
        support.submit(username="support", password="support")
        page = support.page
        go(page.get_by_role("link", name="Create recovery code"))
        assert "demo" in page.inner_text("#content-main")
        page.get_by_label("Reason").fill("Ticket 4711: passport checked in a video call")
        go(page.get_by_role("button", name="Create recovery code"))
        code = page.inner_text(".ding-recovery-code")
        go(page.get_by_role("link", name="Done"))
        assert page.url.endswith(page_of)
        assert code not in page.content()
        return code

    return create


def test_recovery_code_instead_of_the_messages(person, account, number, read_out):
    person.log_in(next_url=VAULT)
    assert person.path == SECOND_FACTOR
    code = read_out(f"/admin/django_ding/phonenumber/{number.pk}/change/")
    person.page.get_by_label("Code", exact=True).fill(code)
    person.press(CONTINUE)
    assert (person.path, person.heading) == (NEW_NUMBER, "Set up a new phone number")
    person.submit(phone_number="+44 7400 123456")
    assert person.path == NEW_NUMBER_CODE
    person.enter_code()
    assert (person.path, person.heading) == (VAULT, "The vault")
    assert [each.phone_number for each in account.ding_phone_numbers.all()] == ["+447400123456"]


def test_page_for_the_recovery_code_alone(person, account, number, read_out):
    remove_number(number)
    person.log_in(next_url=VAULT)
    assert (person.path, person.heading) == (RECOVERY, "Use a recovery code")
    assert "no longer linked to your account" in person.text
    person.submit(code="12345 67890")
    assert "Incorrect code." in person.error("code")
    lost = account.ding_lost_phone_number
    person.submit(code=read_out(f"/admin/django_ding/lostphonenumber/{lost.pk}/change/"))
    person.submit(phone_number="+44 7400 123456")
    person.enter_code()
    assert person.path == VAULT


def test_pages_can_be_used_by_keyboard_in_arabic(new_person, account, number):
    person = new_person(locale="ar", viewport={"width": 390, "height": 844})
    person.log_in()
    page = person.page
    go(page.locator(f"main a[href='{RECOVERY}']"))
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.activeElement.name") == "code"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_navigation():
        page.keyboard.type("1234567890")
        page.keyboard.press("Enter")
    assert person.path == RECOVERY
    assert person.error("code")


def test_login_by_number_whose_messages_are_used_up(new_person, account, number, phone, settings, read_out):
    settings.DING = limits(settings, send="0/h/phone")
    person = new_person(viewport={"width": 390, "height": 844})
    person.request_code(phone, path=f"{PHONE_LOGIN}?next={VAULT}")
    assert person.heading == "Too many requests"
    person.follow("Use a recovery code")
    person.submit(phone_number=phone, code="1234567890")
    assert "Incorrect code." in person.error("code")
    assert person.page.evaluate("document.activeElement.name") == "code"
    settings.DING = limits(settings)
    person.submit(code=read_out(f"/admin/django_ding/phonenumber/{number.pk}/change/"))
    assert person.path == NEW_NUMBER
    person.submit(phone_number="+44 7400 123456")
    person.enter_code()
    assert person.path == VAULT
    assert [each.phone_number for each in account.ding_phone_numbers.all()] == ["+447400123456"]


def test_pages_are_accessible(new_person, account, number):
    user, support = new_person(), new_person()
    get_user_model().objects.create_superuser("support", password="support")

    support.open(f"{LOGIN}?next=/admin/django_ding/recoverycode/create/%3Fuser={account.pk}")
    support.submit(username="support", password="support")
    check_accessibility(support.page)
    support.page.get_by_label("Reason").fill("Ticket 4711")
    go(support.page.get_by_role("button", name="Create recovery code"))
    check_accessibility(support.page)
    user.open(LOGIN_RECOVERY)
    check_accessibility(user.page)
    user.submit(phone_number="+44 7400 123456", code="1")
    check_accessibility(user.page)
    user.log_in()
    user.open(RECOVERY)
    check_accessibility(user.page)
    user.submit(code=support.page.inner_text(".ding-recovery-code"))
    check_accessibility(user.page)
    support.open("/admin/django_ding/recoverycode/")
    check_accessibility(support.page)
