"""What a person sees in a browser when no code can be sent or checked, and that what they typed stays."""

import pytest

from django_ding.phone import spaced
from tests.browser import go
from tests.e2e.helpers import limits
from tests.e2e.person import CONTINUE, LOGIN_CODE, PHONE_LOGIN, RESEND
from tests.helpers import wrong_code

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.usefixtures("account")]

ANOTHER = "+447400123456"
TYPED = "12 34"
CODE = "main [name=code]"
SCRIPTS = pytest.mark.parametrize("script", [True, False])


@pytest.mark.usefixtures("v1")
@SCRIPTS
def test_outage_at_a_check(new_person, outbox, script):
    person = new_person(java_script_enabled=script)
    person.request_code("+12025550163")
    code = outbox[-1].code
    person.submit(code=code)
    assert "temporarily unavailable" in person.page.inner_text("form [role=alert]")
    assert person.page.input_value(CODE) == code
    assert person.page.get_attribute(CODE, "aria-invalid") is None
    assert code not in person.path


@pytest.mark.usefixtures("v1")
def test_reload_after_an_outage_checks_nothing(person, outbox, simulator):
    person.request_code("+12025550163")
    person.submit(code=outbox[-1].code)
    person.page.reload()
    assert "temporarily unavailable" not in person.text
    assert (person.path, simulator.calls["check"]) == (LOGIN_CODE, 1)


@SCRIPTS
def test_declined_resend(new_person, clock, outbox, script):
    person = new_person(java_script_enabled=script)
    person.request_code("+12025550135")
    clock.shift(31)
    person.page.reload()
    person.fill(code=TYPED)
    person.press(RESEND)
    message = person.page.locator("section [role=alert]")
    assert "No more codes can be sent right now." in message.inner_text()
    assert message.evaluate("element => element === document.activeElement")
    assert person.page.input_value(CODE) == TYPED
    assert person.page.get_attribute(CODE, "aria-invalid") is None
    person.submit(code=outbox[-1].code)
    assert person.path != LOGIN_CODE  # The code that was sent is still good.


def test_reload_and_back_after_a_declined_resend(person, clock, outbox, simulator):
    person.request_code("+12025550135")
    clock.shift(31)
    person.page.reload()
    person.press(RESEND)
    assert person.path == LOGIN_CODE  # Not the address that resends.
    person.page.reload()
    assert simulator.calls["retry"] == 1
    person.enter_code()
    person.page.go_back()
    assert simulator.calls["retry"] == 1


def test_no_attempts_left(person, clock, outbox, phone):
    person.page.clock.install()
    person.request_code(phone)
    for _ in range(5):
        person.submit(code=wrong_code(outbox[-1].code))
    assert person.heading == "Too many incorrect codes"
    assert "You can request another code in 10 minutes." in person.text
    assert person.page.locator("main button:visible").count() == 0
    clock.shift(600)
    person.page.clock.fast_forward(600_000)
    person.follow("Request another code")
    person.submit(phone_number=phone)
    assert (person.path, len(outbox)) == (LOGIN_CODE, 2)


def test_lockout(person, settings, outbox, phone):
    settings.DING = limits(settings, check="1/phone")
    person.request_code(phone)
    person.submit(code=wrong_code(outbox[-1].code))
    assert person.heading == "Too many incorrect codes"
    assert "Waiting won't help. Log in another way, or contact support." in person.text
    assert "another code in" not in person.text
    assert person.page.get_by_role("button", name=CONTINUE).count() == 0
    person.follow("Use a different number")
    assert person.path == PHONE_LOGIN


def test_too_many_requests(person, settings, clock, outbox, phone):
    settings.DING = limits(settings, send="1/h/ip")
    person.page.clock.install()
    person.request_code(phone)
    person.request_code(ANOTHER)
    assert person.heading == "Too many requests"
    assert "You can request another code in 60 minutes." in person.text
    clock.shift(3600)
    person.page.clock.fast_forward(3_600_000)
    go(person.page.get_by_role("button", name="Send code"))
    assert person.path == LOGIN_CODE
    assert [message.phone_number for message in outbox] == [phone, ANOTHER]


def test_too_many_requests_and_a_code_that_can_be_entered(person, settings, outbox, phone):
    settings.DING = limits(settings, send="1/h/ip")
    person.request_code(phone)
    person.request_code(ANOTHER)
    person.follow("Enter the code you have")
    assert spaced(phone) in person.text
    person.page.go_back()  # No "Confirm form resubmission".
    assert (person.path, person.heading) == (PHONE_LOGIN, "Log in with your phone")
    assert len(outbox) == 1
