import pytest

from django_ding import services
from django_ding.contrib.otp.models import PhoneDevice
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox, script
from tests.hosts.walk import (  # noqa: F401 - fixtures
    OTHER_PHONE,
    PASSWORD,
    PHONE,
    Browser,
    browser,
    create_user,
    outbox,
    wrong,
)

pytestmark = pytest.mark.django_db

LOGIN, SETUP = "/account/login/", "/account/two_factor/setup/"


@pytest.fixture
def user():
    return create_user("alice")


@pytest.fixture
def member(user):
    """A user who has set the method up."""
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    PhoneDevice.objects.create(user=user, name="default")
    return user


def step(browser, url, wizard, name, **fields):  # noqa: F811
    data = {f"{wizard}-current_step": name} | {f"{name}-{field}": value for field, value in fields.items()}
    return browser.post(url, data)


def give_password(browser):  # noqa: F811
    return step(browser, LOGIN, "login_view", "auth", username="alice", password=PASSWORD)


def choose_text_message(browser):  # noqa: F811
    browser.open(SETUP)
    step(browser, SETUP, "setup_view", "welcome")
    return step(browser, SETUP, "setup_view", "method", method="sms")


def test_a_login_takes_a_code(browser, member, outbox):  # noqa: F811
    browser.open(LOGIN)
    page = give_password(browser)
    assert "We sent a code to this number: +33" in page.text
    assert not browser.is_signed_in
    page = step(browser, LOGIN, "login_view", "token", otp_token=wrong(outbox[-1].code))
    assert "Incorrect code. 4 attempts left." in page.text
    assert len(outbox) == 1
    code = outbox[-1].code
    assert step(browser, LOGIN, "login_view", "token", otp_token=f" {code[:3]} {code[3:]}").status_code == 302
    assert browser.is_signed_in
    browser.open("/account/two_factor/backup/tokens/")  # It requires a device.
    assert code not in str(dict(browser.session))


def test_a_login_says_that_no_code_was_sent(browser, member, outbox):  # noqa: F811
    script("send", "negative_balance")
    browser.open(LOGIN)
    page = give_password(browser)
    assert "We sent" not in page.text
    assert "temporarily unavailable" in page.text


def test_a_user_with_a_number_sets_it_up(browser, user, outbox):  # noqa: F811
    with sandbox() as messages:
        services.check(services.send(PHONE, user=user).authentication, messages[-1].code)
    browser.force_login(user)
    choose_text_message(browser)
    assert outbox[-1].phone_number == PHONE
    page = step(browser, SETUP, "setup_view", "validation", token=wrong(outbox[-1].code))
    assert "Incorrect code. 4 attempts left." in page.text
    assert step(browser, SETUP, "setup_view", "validation", token=outbox[-1].code).status_code == 302
    device = PhoneDevice.objects.get()
    assert (device.name, device.confirmed) == ("default", True)
    assert "Primary method: Text +33" in browser.open("/account/two_factor/").text
    assert outbox[-1].code not in str(dict(browser.session))


def test_a_user_without_a_number_verifies_one(browser, user, outbox):  # noqa: F811
    browser.force_login(user)
    choose_text_message(browser)
    page = step(browser, SETUP, "setup_view", "phone", number="12")
    assert "This phone number is too short." in page.text
    step(browser, SETUP, "setup_view", "phone", number="06 12 34 56 78")
    assert step(browser, SETUP, "setup_view", "validation", token=outbox[-1].code).status_code == 302
    assert PhoneNumber.objects.get().user == user
    assert Authentication.objects.get().purpose == "link"
    assert PhoneDevice.objects.get().confirmed


def test_a_number_of_another_account_is_refused(browser, user, outbox):  # noqa: F811
    create_user("bob").ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    browser.force_login(user)
    choose_text_message(browser)
    step(browser, SETUP, "setup_view", "phone", number=PHONE)
    page = step(browser, SETUP, "setup_view", "validation", token=outbox[-1].code)
    assert "already linked to another account" in page.text
    assert not PhoneDevice.objects.filter(user=user, confirmed=True).exists()


def test_a_setup_says_that_no_code_was_sent(browser, user, outbox):  # noqa: F811
    browser.force_login(user)
    choose_text_message(browser)
    script("send", "negative_balance")
    page = step(browser, SETUP, "setup_view", "phone", number=PHONE)
    assert page.context["challenge_succeeded"] is False
