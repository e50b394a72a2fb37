"""What goes wrong in a browser: wrong and late codes, impatience, several tabs, lost sessions, tampering."""

import pytest

from django_ding.models import Authentication
from tests.browser import go
from tests.e2e.person import CONTINUE, LOGIN_CODE, PHONE_LOGIN, RESEND, SECOND_FACTOR, SEND
from tests.helpers import wrong_code

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.usefixtures("number")]

ANOTHER = "+447400123456"
LOGGED_IN = "You are logged in"
INCORRECT = "Incorrect code. 4 attempts left."
EXPIRED = "This page has expired"


@pytest.fixture
def number(account, phone):
    """The verified number of the account ``demo``."""
    return account.ding_phone_numbers.create(phone_number=phone, is_primary=True)


@pytest.fixture
def waiting(person, phone):
    """A person on the page that asks for the code."""
    person.request_code(phone)
    return person


@pytest.fixture
def time_passes(clock):
    """Move the clocks of the site and of a browser, whose clock must be installed before it opens a page."""

    def pass_time(person, seconds):
        clock.shift(seconds)
        person.page.clock.fast_forward(seconds * 1000)

    return pass_time


def test_wrong_code(waiting, outbox):
    waiting.submit(code=wrong_code(outbox[-1].code))
    assert waiting.error("code") == INCORRECT
    assert waiting.page.input_value("[name=code]") == ""
    waiting.enter_code()
    assert waiting.heading == LOGGED_IN


def test_malformed_code_is_not_counted(waiting):
    waiting.submit(code="hello")
    assert waiting.error("code") == "This can't be a code. Enter the code that you received."
    assert "left." not in waiting.text


def test_too_many_wrong_codes(waiting, outbox):
    for _ in range(5):
        waiting.submit(code=wrong_code(outbox[-1].code))
    assert waiting.heading == "Too many incorrect codes"
    assert "You can request another code in 10 minutes." in waiting.text
    assert waiting.page.locator("main [name=code], main button:visible").count() == 0
    waiting.follow("Use a different number")
    assert waiting.path == PHONE_LOGIN


def test_expired_code(clock, waiting):
    code = waiting.newest_code()
    clock.shift(601)
    waiting.submit(code=code)
    assert "This code has expired." in waiting.page.inner_text("main [role=alert]")
    waiting.follow("Start over")
    waiting.submit(phone_number=ANOTHER)
    waiting.enter_code()
    assert waiting.heading == LOGGED_IN


def test_resend_after_the_countdown(person, time_passes, outbox, phone):
    person.page.clock.install()
    person.request_code(phone)
    button = person.page.get_by_role("button", name=RESEND)
    assert button.is_disabled()
    assert "You can request another code in" in person.text
    time_passes(person, 31)
    go(button)
    assert "We sent another code." in person.text
    first, second = [message.code for message in outbox]
    assert person.newest_code() == second != first
    person.enter_code()
    assert person.heading == LOGGED_IN


def test_resend_too_early(new_person, outbox, phone):
    """Without JavaScript, only the server says so."""
    person = new_person(java_script_enabled=False)
    person.request_code(phone)
    person.press(RESEND)
    assert person.page.inner_text("section [role=alert]") == "We didn't send another code."
    assert "You can request another code in 30 seconds." in person.page.inner_text("section")
    assert len(outbox) == 1


def test_reload_sends_and_checks_nothing(waiting, outbox):
    waiting.page.reload()
    assert len(outbox) == 1
    waiting.submit(code=wrong_code(outbox[-1].code))
    waiting.page.reload()
    assert INCORRECT not in waiting.text
    assert "4 attempts left." in waiting.text


@pytest.mark.parametrize("script", [True, False])
def test_double_click_sends_once(new_person, outbox, phone, script):
    person = new_person(java_script_enabled=script)
    person.open(PHONE_LOGIN)
    person.fill(phone_number=phone)
    person.page.get_by_role("button", name=SEND).dblclick()
    person.page.locator("[name=code]").wait_for()
    assert len(outbox) == 1
    person.enter_code()
    assert person.heading == LOGGED_IN


def test_double_click_enters_the_code_once(waiting, simulator):
    waiting.fill(code=waiting.newest_code())
    waiting.page.get_by_role("button", name=CONTINUE).dblclick()
    waiting.page.get_by_role("heading", name=LOGGED_IN).wait_for()
    assert (waiting.heading, simulator.calls["check"]) == (LOGGED_IN, 1)


def test_back_and_send_again(waiting, outbox, phone):
    waiting.page.go_back()
    assert waiting.path == PHONE_LOGIN
    waiting.submit(phone_number=phone)
    assert waiting.path == LOGIN_CODE
    assert len(outbox) == 1


def test_back_after_the_login(waiting):
    waiting.enter_code()
    waiting.page.go_back()
    assert (waiting.path, waiting.heading) == ("/", LOGGED_IN)


def test_two_tabs_show_one_flow(waiting, outbox):
    other = waiting.new_tab()
    other.open(LOGIN_CODE)
    other.submit(code=wrong_code(outbox[-1].code))
    waiting.submit(code=wrong_code(outbox[-1].code))
    assert "3 attempts left." in waiting.text
    other.enter_code()
    assert other.heading == LOGGED_IN
    waiting.page.reload()
    assert (waiting.path, waiting.heading) == ("/", LOGGED_IN)


def test_two_tabs_with_two_numbers(waiting, outbox, phone):
    other = waiting.new_tab()
    other.request_code(ANOTHER)
    code, _ = [message.code for message in outbox]
    waiting.submit(code=code)
    assert waiting.error("code") == INCORRECT
    assert "+44\xa07400\xa0123456" in waiting.text


def test_tab_left_open_while_another_logs_in(waiting):
    other = waiting.new_tab()
    other.open(LOGIN_CODE)
    other.enter_code()
    with waiting.expect_console_error("403"):
        waiting.submit(code="123456")
    assert waiting.heading == EXPIRED
    waiting.follow(CONTINUE)
    assert waiting.heading == LOGGED_IN


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_to_elsewhere(person, phone, target):
    person.request_code(phone, path=f"{PHONE_LOGIN}?next={target}")
    person.enter_code()
    assert (person.path, person.heading) == ("/", LOGGED_IN)


def test_next_changed_in_the_form(person):
    person.open("/login/?next=/vault/")
    person.page.evaluate("document.querySelector('main [name=next]').value = '//evil.example/'")
    person.submit(username="demo", password="demo")
    person.enter_code()
    assert (person.path, person.heading) == ("/", LOGGED_IN)


def test_session_lost(waiting, phone):
    code = waiting.newest_code()
    waiting.page.context.clear_cookies(name="sessionid")
    waiting.submit(code=code)
    assert waiting.path == PHONE_LOGIN
    assert waiting.page.inner_text("main [role=alert]") == "This page has expired. Start over."
    waiting.submit(phone_number=phone)
    waiting.enter_code()
    assert waiting.heading == LOGGED_IN


def test_session_lost_after_the_password(person):
    person.log_in()
    person.page.context.clear_cookies(name="sessionid")
    person.page.reload()
    assert person.path == "/login/"
    person.submit(username="demo", password="demo")
    assert person.path == SECOND_FACTOR
    person.enter_code()
    assert person.heading == LOGGED_IN


def test_all_cookies_lost(waiting, outbox):
    waiting.page.context.clear_cookies()
    with waiting.expect_console_error("403"):
        waiting.submit(code=outbox[-1].code)
    assert waiting.heading == EXPIRED
    assert Authentication.objects.get().check_count == 0


def test_code_is_useless_in_another_browser(waiting, new_person):
    thief = new_person()
    thief.open(LOGIN_CODE)
    assert thief.path == PHONE_LOGIN
