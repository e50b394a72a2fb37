"""What the code's page says when a code can't be checked, sent again or requested, and what it keeps."""

import pytest

from django_ding.guard.lockouts import lockout_keys
from django_ding.models import Authentication, Lockout
from django_ding.services import send
from django_ding.testing import sandbox, script
from tests.login.helpers import (
    ADD,
    ALICE,
    LOGIN,
    LOGIN_CODE,
    NUMBER_CODE,
    PASSWORD,
    SECOND_FACTOR,
    followed,
    signed_in,
    wrong,
)
from tests.stubs import Postponing, using

STEP_UP = "/phone/step-up/"
STEP_UP_CODE = "/phone/step-up/code/"
OTHER = "+447400123456"
TYPED = "12 34"


@pytest.fixture
def start(client, account):
    """Return a function that leads to a code's page."""

    def start(page):
        if page in (NUMBER_CODE, STEP_UP_CODE):
            client.force_login(account)
        number = account.ding_phone_numbers.get()
        starts = {
            LOGIN_CODE: (LOGIN, {"phone_number": number.phone_number}),
            SECOND_FACTOR: (PASSWORD, ALICE),
            NUMBER_CODE: (ADD, {"phone_number": OTHER}),
            STEP_UP_CODE: (STEP_UP, {"number": number.public_id}),
        }
        return client.post(*starts[page])

    return start


PAGES = pytest.mark.parametrize("page", [LOGIN_CODE, SECOND_FACTOR, NUMBER_CODE, STEP_UP_CODE])


@PAGES
def test_refused_resend_stands_beside_its_button_and_keeps_what_was_typed(start, client, outbox, page):
    start(page)
    answer = client.post(f"{page}resend/", {"code": TYPED})
    form, _, section = answer.text.partition("<section")
    assert "We didn&#x27;t send another code." in section
    assert "You can request another code in 30 seconds." in section
    assert f'value="{TYPED}"' in form
    assert f'action="{page}"' in form
    assert "aria-invalid" not in form
    assert len(outbox) == 1
    assert TYPED not in str(dict(client.session))


@PAGES
def test_outage_stands_beside_the_button_and_keeps_what_was_typed(start, client, outbox, page):
    start(page)
    script("check", "server_error")
    form = client.post(page, {"code": outbox[-1].code}).text.partition("<section")[0]
    assert form.index(f'value="{outbox[-1].code}"') < form.index("temporarily unavailable") < form.index(">Continue<")
    assert "aria-invalid" not in form
    assert outbox[-1].code not in str(dict(client.session))
    assert client.post(page, {"code": outbox[-1].code}).status_code == 302


@PAGES
def test_lockout_is_said_at_once_and_stays(start, client, outbox, page):
    with sandbox(RATE_LIMITS={"send": "", "check": "2/phone,2/user"}):
        start(page)
        answers = [client.post(page, {"code": wrong(outbox[-1].code)}) for _ in range(2)]
        assert client.get(answers[-1].url).context["refusal"].heading == "Too many incorrect codes"
        for answer in (client.get(page), client.post(f"{page}resend/")):
            assert "Waiting won&#x27;t help." in answer.text
            assert "<button" not in answer.text


def test_lockout_of_a_number_leads_to_another_one(start, client, outbox):
    with sandbox(RATE_LIMITS={"send": "", "check": "1/phone"}):
        start(NUMBER_CODE)
        text = followed(client, client.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)}))
    assert "we no longer accept codes for this number" in text
    assert f'href="{ADD}">Use a different number' in text


def test_lockout_of_an_account_leads_to_support_only(start, client, outbox):
    with sandbox(RATE_LIMITS={"send": "", "check": "1/user"}):
        start(NUMBER_CODE)
        text = followed(client, client.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)}))
    assert "we no longer accept codes for your account" in text
    assert "Waiting won&#x27;t help. Contact support." in text
    assert "different number" not in text


@pytest.mark.parametrize("has_password", [True, False])
def test_lockout_of_a_step_up_leads_to_the_password(start, client, account, outbox, has_password):
    with sandbox(RATE_LIMITS={"send": "", "check": "1/user"}):
        if not has_password:
            account.set_unusable_password()
            account.save()
        start(STEP_UP_CODE)
        text = followed(client, client.post(STEP_UP_CODE, {"code": wrong(outbox[-1].code)}))
    assert (f'href="{STEP_UP}">Confirm another way' in text) == has_password


def test_lockout_that_began_elsewhere_shows_on_the_page(start, client, account, phone):
    start(SECOND_FACTOR)
    key = lockout_keys(Authentication.objects.get())[Lockout.Scope.USER]
    of_user = {"scope": "user", "requester_type": "user", "user": account}
    Lockout.objects.create(**of_user, phone_number=phone, wrong_codes=9, active_key=key)
    assert "Waiting won&#x27;t help." in client.get(SECOND_FACTOR).text


def test_refused_request_is_repeated_with_what_was_typed(clock, client, account, phone, outbox):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}, RATE_LIMIT_CACHE=None) as outbox:
        send(phone, purpose="login", ip="192.0.2.1")
        answer = client.post(f"{LOGIN}?next=/desk/alice/", {"phone_number": phone, "next": "/desk/alice/"})
        assert answer.context["inputs"] == [("phone_number", phone), ("next", "/desk/alice/")]
        assert answer.context["open_code_url"] == ""
        clock.shift(3600)
        assert client.post(LOGIN, dict(answer.context["inputs"])).url == LOGIN_CODE
        assert client.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/desk/alice/"


def test_check_that_the_provider_postpones_keeps_what_was_typed(start, client, outbox):
    with using(Postponing):
        start(LOGIN_CODE)
        answer = client.post(LOGIN_CODE, {"code": "123456"})
    assert "Too many requests. You can try again in 7 seconds." in answer.text
    assert 'value="123456"' in answer.text
    assert Authentication.objects.get().check_count == 0


def test_visitor_who_is_signed_in_by_another_tab_goes_on(start, client, outbox):
    start(LOGIN_CODE)
    client.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(client)
    assert client.post(f"{LOGIN_CODE}resend/", {"code": TYPED}).url == "/"
