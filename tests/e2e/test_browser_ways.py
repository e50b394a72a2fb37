"""Where the pages lead: why a number is asked for, the way back, and what stays after a lost answer."""

import pytest

from django_ding.testing import script
from tests.e2e.person import ADD, LOGIN_CODE, NUMBER_CODE, NUMBERS, PHONE_LOGIN, RESEND, VAULT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REASON = "Verify your phone number to open the vault. You'll continue to that page afterwards."


def typed_number(person) -> str:
    return person.page.input_value("[name=phone_number]").replace("\N{NO-BREAK SPACE}", " ")  # The script's.


def test_vault_says_why_and_opens_after_the_code(person, phone):
    person.log_in()
    person.open(VAULT)
    assert (person.path, person.heading) == (f"{ADD}?next={VAULT}", "Verify your phone number")
    assert REASON in person.text
    person.submit(phone_number=phone)
    person.enter_code()
    assert (person.path, person.heading) == (VAULT, "The vault")


def test_number_to_verify_again_is_filled_in(person, account):
    number = account.ding_phone_numbers.create(phone_number="+447400123456", is_primary=True)
    person.log_in()
    person.enter_code()
    account.ding_phone_numbers.filter(pk=number.pk).update(verified_at="2020-01-01T00:00:00Z")
    person.open(VAULT)
    assert typed_number(person) == "+44 7400 123456"
    assert person.page.input_value("[name=phone_number_country]") == "GB"


def test_back_from_each_page_without_the_script(new_person, account, phone):
    person = new_person(java_script_enabled=False)
    person.log_in()
    person.open(NUMBERS)
    person.follow("Add a number")
    person.follow("Back")
    assert person.path == NUMBERS
    person.request_code(phone, path=ADD)
    assert person.path == NUMBER_CODE
    person.follow("Back")
    assert person.path == NUMBERS


def test_change_names_the_number_and_starts_in_its_country(person, account):
    account.ding_phone_numbers.create(phone_number="+447400123456", is_primary=True)
    person.log_in()
    person.enter_code()
    person.open(NUMBERS)
    person.follow("Change")
    assert "Current number: +44 7400 123456" in " ".join(person.text.split())
    assert person.page.input_value("[name=phone_number_country]") == "GB"
    person.follow("Back")
    assert person.path == NUMBERS


def test_three_buttons_on_a_phone(new_person, account, phone):
    """They are below each other, since one German label is long, and look equally important."""
    person = new_person(locale="de", viewport={"width": 390, "height": 844})
    person.log_in()
    account.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    account.ding_phone_numbers.create(phone_number="+447400123456")
    person.open(NUMBERS)
    actions = person.page.locator(".ding-actions").last.locator(".ding-button")
    boxes = [button.bounding_box() for button in actions.all()]
    assert len(boxes) == 3
    assert len({box["height"] for box in boxes}) == 1  # The label is in one line.
    assert len({box["width"] for box in boxes}) == 1


def test_number_without_an_account_stands_beside_the_error(person, account, settings, phone):
    settings.DING = {**settings.DING, "LOGIN_CREATES_USER": False}
    person.request_code(phone)
    person.enter_code()
    assert person.path == PHONE_LOGIN
    assert person.error("phone_number") == "No account has this phone number."
    assert typed_number(person) == "+33 6 12 34 56 78"


def test_code_that_arrives_after_a_lost_answer(person, account, phone):
    script("send", "dropped")
    person.request_code(phone)
    assert person.path == LOGIN_CODE
    assert "We couldn't confirm that your code was sent. It may still arrive at this number:" in person.text
    assert person.page.get_by_role("button", name=RESEND, exact=True).count() == 1
    person.enter_code()
    assert person.heading == "You are logged in"
