"""From a recovery code to a new number, and then to the login."""

from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import path

from django_ding.guard.lockouts import lockout_keys
from django_ding.login.backends import PhoneBackend
from django_ding.models import Authentication, Lockout, LostPhoneNumber, RecoveryCode
from django_ding.services import (
    create_recovery_code,
    make_step_up_proof,
    remember_device,
    remove_number,
    revoke_recovery_code,
)
from django_ding.testing import sandbox
from tests.login import site as pages
from tests.login.helpers import (
    ALICE,
    BOB,
    LOGIN,
    LOGIN_CODE,
    NUMBERS,
    PASSWORD,
    SECOND_FACTOR,
    followed,
    signed_in,
)

pytestmark = pytest.mark.django_db

RECOVERY = "/phone/recovery/"
LOGIN_RECOVERY = "/phone/login/recovery/"
NUMBER = "/phone/recovery/number/"
NUMBER_CODE = "/phone/recovery/number/code/"
STEP_UP = "/phone/step-up/"
STEP_UP_CODE = "/phone/step-up/code/"
NEW = "+447400123456"
WRONG = "0000000000"
LINK = f'<a href="{RECOVERY}">Use a recovery code</a>'


@pytest.fixture
def support(db):
    return get_user_model().objects.create_user("support", is_staff=True)


@pytest.fixture
def code(account, support):
    return create_recovery_code(account, created_by=support, reason="Passport checked").code


@pytest.fixture
def waiting(client, account) -> Client:
    """Alice's browser after the right password."""
    client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    return client


class NobodyBackend(PhoneBackend):
    def user_can_authenticate(self, user):
        return False


def set_up(client, outbox, phone_number=NEW):
    """Verify the new number, and return the answer."""
    assert client.post(NUMBER, {"phone_number": phone_number}).url == NUMBER_CODE
    return client.post(NUMBER_CODE, {"code": outbox[-1].code})


def numbers(user):
    return list(user.ding_phone_numbers.values_list("phone_number", "is_primary"))


# Where the message's code would be


def test_recovery_happy_path(waiting, account, code, outbox, logins):
    account.ding_phone_numbers.create(phone_number="+12025550101")
    remember_device(account)
    grouped = f" {code[:5]} {code[5:]} "
    assert waiting.post(SECOND_FACTOR, {"code": grouped}).url == NUMBER
    assert (signed_in(waiting), logins) == ("", [])
    assert "replaces all phone numbers" in waiting.get(NUMBER).text
    answer = set_up(waiting, outbox)
    assert (answer.url, logins) == ("/desk/alice/", [account])
    assert waiting.get("/").text == "home of alice"
    assert waiting.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"
    assert numbers(account) == [(NEW, True)]
    assert not account.ding_remembered_devices.exists()
    assert RecoveryCode.objects.get().status == "completed"


def test_code_is_in_no_session_and_no_url(waiting, code):
    answer = waiting.post(SECOND_FACTOR, {"code": code})
    assert code not in answer.url + str(dict(waiting.session.items()))


def test_recovery_code_cycles_the_session_key(waiting, code):
    before = waiting.cookies["sessionid"].value
    waiting.post(SECOND_FACTOR, {"code": code})
    assert waiting.cookies["sessionid"].value != before


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_recovery_code_looks_like_a_wrong_code(waiting, account, support, exists):
    if exists:
        create_recovery_code(account, created_by=support, reason="x")
    page = followed(waiting, waiting.post(SECOND_FACTOR, {"code": WRONG}))
    assert "Incorrect code. 4 attempts left." in page


def test_code_works_in_one_browser(waiting, code):
    other = Client()
    other.post(PASSWORD, ALICE)
    assert waiting.post(SECOND_FACTOR, {"code": code}).url == NUMBER
    assert other.post(SECOND_FACTOR, {"code": code}).url == SECOND_FACTOR
    assert other.get(NUMBER).url == PASSWORD


def test_code_of_another_user_is_wrong(client, account, bob, support):
    code = create_recovery_code(bob, created_by=support, reason="x").code
    client.post(PASSWORD, ALICE)
    assert client.post(SECOND_FACTOR, {"code": code}).url == SECOND_FACTOR


def test_login_by_number(client, account, code, phone, outbox, logins):
    client.post(f"{LOGIN}?next=/desk/alice/", {"phone_number": phone})
    assert LINK not in client.get(LOGIN_CODE).text  # That page is for users whose password was right.
    assert client.post(LOGIN_CODE, {"code": code}).url == NUMBER
    assert signed_in(client) == ""
    assert set_up(client, outbox).url == "/desk/alice/"
    assert logins == [account]
    assert client.session["_auth_user_backend"] == "django_ding.login.backends.PhoneBackend"
    assert numbers(account) == [(NEW, True)]


def test_login_by_number_of_nobody_looks_the_same(client, account, code, phone):
    shown = []
    for number in (phone, "+33612345670"):
        browser = Client()
        browser.post(LOGIN, {"phone_number": number})
        answer = browser.post(LOGIN_CODE, {"code": WRONG})
        shown.append((answer.status_code, answer.url, browser.get(LOGIN_CODE).text.count("Incorrect code.")))
    assert shown == [(302, LOGIN_CODE, 1)] * 2


def test_backend_that_rejects_the_user_rejects_the_recovery(client, account, code, phone, settings):
    settings.AUTHENTICATION_BACKENDS = ["tests.login.test_recovery.NobodyBackend"]
    client.post(LOGIN, {"phone_number": phone})
    assert client.post(LOGIN_CODE, {"code": code}).url == LOGIN
    assert client.get(NUMBER).url == PASSWORD


def test_confirmation_before_numbers_change(client, account, code, outbox, clock):
    client.force_login(account)
    clock.shift(3600)
    client.post(f"{STEP_UP}?next={NUMBERS}add/", {"number": account.ding_phone_numbers.get().public_id})
    assert client.get(f"{NUMBERS}add/").status_code == 302
    create = create_recovery_code(account, created_by=get_user_model().objects.get(username="support"), reason="x")
    assert client.post(STEP_UP_CODE, {"code": create.code}).url == NUMBER
    assert set_up(client, outbox).url == f"{NUMBERS}add/"
    assert client.get(f"{NUMBERS}add/").status_code == 200
    assert numbers(account) == [(NEW, True)]


# On a page of its own


def test_lost_number_leads_to_the_page(client, account, code, outbox):
    remove_number(account.ding_phone_numbers.get())
    answer = client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    assert answer.url == RECOVERY
    page = client.get(RECOVERY)
    assert "Your phone number is no longer linked to your account." in page.text
    assert LostPhoneNumber.objects.active().exists()
    assert client.post(RECOVERY, {"code": code}).url == NUMBER
    assert set_up(client, outbox).url == "/desk/alice/"
    assert numbers(account) == [(NEW, True)]


def test_user_without_any_number_sets_up_the_first(client, account, code, outbox, monkeypatch):
    monkeypatch.setattr(pages.PasswordLoginView, "enrolls", False)
    account.ding_phone_numbers.all().delete()
    assert LINK in unescape(client.post(PASSWORD, ALICE).text)
    client.post(RECOVERY, {"code": code})
    set_up(client, outbox)
    assert signed_in(client) == str(account.pk)


def test_page_is_reached_where_no_message_can_be_sent(client, account, code, outbox):
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}):
        assert LINK in client.post(PASSWORD, ALICE).text
    assert client.post(RECOVERY, {"code": code}).url == NUMBER


def test_page_is_linked_beside_the_code_of_the_message(waiting, code):
    assert LINK in waiting.get(SECOND_FACTOR).text
    assert waiting.get(RECOVERY).status_code == 200
    assert waiting.post(RECOVERY, {"code": code}).url == NUMBER


def test_page_is_there_for_a_signed_in_user(client, account, code, outbox):
    client.force_login(account)
    client.post(RECOVERY, {"code": code})
    assert set_up(client, outbox).url == NUMBERS
    assert numbers(account) == [(NEW, True)]


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_code_on_the_page(waiting, account, support, exists):
    if exists:
        create_recovery_code(account, created_by=support, reason="x")
    page = followed(waiting, waiting.post(RECOVERY, {"code": WRONG}))
    assert "Incorrect code. Try again, or ask support for a new one." in page


def test_code_of_a_message_is_none(waiting, outbox):
    assert "A recovery code has ten digits." in waiting.post(RECOVERY, {"code": outbox[-1].code}).text


def test_lockout_is_said_on_the_page(waiting, account, code):
    (key,) = lockout_keys(Authentication(user=account, purpose="second_factor")).values()
    Lockout.objects.create(phone_number=NEW, user=account, wrong_codes=50, scope="user", active_key=key)
    assert "Too many incorrect codes." in followed(waiting, waiting.post(RECOVERY, {"code": code}))


def test_strangers_have_no_such_pages(client):
    for url in (RECOVERY, NUMBER, NUMBER_CODE, f"{NUMBER_CODE}resend/"):
        assert client.get(url, follow=True).redirect_chain[-1] == (PASSWORD, 302), url
    assert "sessionid" not in client.cookies


def test_password_of_an_hour_ago_is_too_old(clock, client, account, code):
    remove_number(account.ding_phone_numbers.get())
    client.post(PASSWORD, ALICE)
    clock.shift(3600)
    assert client.get(RECOVERY).url == PASSWORD


def test_another_users_password_ends_the_recovery(client, account, bob, code):
    remove_number(account.ding_phone_numbers.get())
    client.post(PASSWORD, ALICE)
    client.post(PASSWORD, BOB)
    assert client.post(RECOVERY, {"code": code}).url == RECOVERY  # It isn't Bob's.


def test_new_password_ends_the_recovery(waiting, account, code):
    waiting.post(SECOND_FACTOR, {"code": code})
    account.set_password("new")
    account.save()
    assert "This page has expired." in followed(waiting, waiting.get(NUMBER))


def test_site_without_the_pages_says_what_it_said(client, account, settings):
    remove_number(account.ding_phone_numbers.get())
    settings.ROOT_URLCONF = type("Project", (), {"urlpatterns": [path("password/", pages.PasswordLoginView.as_view())]})
    (error,) = client.post(PASSWORD, ALICE).context["form"].non_field_errors()
    assert error == "Your phone number is no longer linked to your account. Contact support to log in again."


# With the number, where there is no password


def test_stranger_who_uses_up_the_messages_does_not_keep_the_owner_out(client, account, code, phone, outbox):
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}):
        refused = client.post(f"{LOGIN}?next=/desk/alice/", {"phone_number": phone})
    assert f'<a href="{LOGIN_RECOVERY}?next=%2Fdesk%2Falice%2F">Use a recovery code</a>' in unescape(refused.text)
    entered = client.post(LOGIN_RECOVERY, {"phone_number": phone, "code": code, "next": "/desk/alice/"})
    assert (entered.url, signed_in(client)) == (NUMBER, "")
    assert set_up(client, outbox).url == "/desk/alice/"
    assert (signed_in(client), numbers(account)) == (str(account.pk), [(NEW, True)])


def test_page_of_the_messages_code_leads_there_too(client, account, phone, outbox):
    client.post(f"{LOGIN}?next=/desk/alice/", {"phone_number": phone})
    assert f"{LOGIN_RECOVERY}?next=%2Fdesk%2Falice%2F" in client.get(LOGIN_CODE).text


def test_number_of_nobody_looks_the_same_with_a_recovery_code(site, account, code, phone):
    shown = []
    for number in (phone, "+33612345670"):
        browser = Client()
        pages = [browser.post(LOGIN_RECOVERY, {"phone_number": number, "code": WRONG}).text for _ in range(6)]
        shown.append([("Incorrect code." in page, "before trying again." in page) for page in pages])
    assert shown == [[(True, False)] * 5 + [(False, True)]] * 2
    assert RecoveryCode.objects.get().check_count == 0  # A stranger uses up nothing of it.


def test_another_address_has_tries_of_its_own(client, account, code, phone):
    for _ in range(6):
        client.post(LOGIN_RECOVERY, {"phone_number": phone, "code": WRONG})
    owner = Client(REMOTE_ADDR="203.0.113.7")
    assert owner.post(LOGIN_RECOVERY, {"phone_number": phone, "code": code}).url == NUMBER


def test_recovery_by_number_is_for_those_whom_a_number_logs_in(client, account, code, phone, settings):
    settings.AUTHENTICATION_BACKENDS = ["tests.login.test_recovery.NobodyBackend"]
    page = client.post(LOGIN_RECOVERY, {"phone_number": phone, "code": code})
    assert "form" in page.context
    assert client.get(NUMBER).url == PASSWORD
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert client.get(LOGIN_RECOVERY).status_code == 404


# Other sessions


def test_user_without_a_password_is_logged_out_everywhere(client, account, support, phone, outbox):
    account.set_unusable_password()
    account.save()
    stolen = Client()
    stolen.force_login(account)
    code = create_recovery_code(account, created_by=support, reason="x").code
    client.post(LOGIN, {"phone_number": phone})
    client.post(LOGIN_CODE, {"code": code})
    assert set_up(client, outbox).status_code == 302
    assert client.get("/").text == "home of alice"
    assert stolen.get(NUMBERS).status_code == 302


def test_recovery_of_a_signed_in_user_without_a_password(client, account, support, outbox):
    account.set_unusable_password()
    account.save()
    client.force_login(account)
    client.post(RECOVERY, {"code": create_recovery_code(account, created_by=support, reason="x").code})
    assert set_up(client, outbox).url == NUMBERS
    assert client.get("/").text == "home of alice"


def test_other_session_keeps_no_confirmation(clock, waiting, account, code, outbox):
    stolen = Client()
    stolen.force_login(account)
    proof = make_step_up_proof(account)
    assert stolen.get(f"{NUMBERS}add/").status_code == 200
    clock.shift(60)
    waiting.post(SECOND_FACTOR, {"code": code})
    set_up(waiting, outbox)
    assert waiting.get(f"{NUMBERS}add/").status_code == 200
    for headers in ({}, {"Step-Up-Proof": proof}):
        assert stolen.get(f"{NUMBERS}add/", headers=headers).status_code == 302


# The new number


@pytest.fixture
def entered(waiting, code) -> Client:
    waiting.post(SECOND_FACTOR, {"code": code})
    return waiting


def test_user_has_fifteen_minutes(clock, entered, outbox):
    clock.shift(600)
    entered.post(NUMBER, {"phone_number": NEW})
    clock.shift(300)
    answer = entered.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert "This page has expired." in followed(entered, answer)
    assert not signed_in(entered)


def test_revoked_code_ends_it(entered, outbox, account):
    revoke_recovery_code(RecoveryCode.objects.get())
    assert "This page has expired." in followed(entered, entered.post(NUMBER, {"phone_number": NEW}))
    assert (signed_in(entered), len(outbox), account.ding_phone_numbers.count()) == ("", 1, 1)


def test_revoked_code_ends_it_for_a_signed_in_user_too(client, account, code, outbox):
    client.force_login(account)
    client.post(RECOVERY, {"code": code})
    client.post(NUMBER, {"phone_number": NEW})
    revoke_recovery_code(RecoveryCode.objects.get())
    assert client.post(f"{NUMBERS}code/", {"code": outbox[-1].code}).url == f"{NUMBERS}add/"
    assert account.ding_phone_numbers.count() == 1


def test_number_that_a_signed_in_user_adds_recovers_no_other_account(client, account, bob, code, outbox):
    client.force_login(bob)
    client.post(PASSWORD, ALICE)
    client.post(SECOND_FACTOR, {"code": code})
    client.post(f"{NUMBERS}add/", {"phone_number": NEW})
    assert client.get(NUMBER_CODE).url == NUMBER
    assert client.post(f"{NUMBERS}code/", {"code": outbox[-1].code}).url == NUMBERS
    assert signed_in(client) == str(bob.pk)
    assert NEW in dict(numbers(bob))


def test_code_to_the_lost_phone_neither_helps_nor_hinders(entered, account, phone, outbox):
    thief = Client()
    thief.post(PASSWORD, ALICE)
    stolen = outbox[-1].code
    set_up(entered, outbox)
    assert signed_in(entered) == str(account.pk)
    thief.post(SECOND_FACTOR, {"code": stolen})
    assert signed_in(thief) == ""
    assert numbers(account) == [(NEW, True)]


def test_thief_who_removes_the_number_hinders_nothing(entered, account, outbox):
    remove_number(account.ding_phone_numbers.get())
    set_up(entered, outbox)
    assert signed_in(entered) == str(account.pk)


def test_number_of_another_account_is_refused(entered, account, bob, outbox):
    answer = set_up(entered, outbox, "+33612345679")
    assert "This number is already linked to another account." in followed(entered, answer)
    assert signed_in(entered) == ""
    assert account.ding_phone_numbers.count() == 1
    assert set_up(entered, outbox).url == "/desk/alice/"


def test_number_page_reports_what_is_no_number(entered):
    assert "ding-error" in entered.post(NUMBER, {"phone_number": "12"}).text


def test_wrong_code_of_the_new_number(entered, outbox):
    entered.post(NUMBER, {"phone_number": NEW})
    page = followed(entered, entered.post(NUMBER_CODE, {"code": "000000"}))
    assert "Incorrect code." in page
    assert "Use a recovery code" not in page


def test_code_can_be_resent(clock, entered, outbox):
    entered.post(NUMBER, {"phone_number": NEW})
    clock.shift(60)
    assert entered.post(f"{NUMBER_CODE}resend/").url == NUMBER_CODE
    assert [message.phone_number for message in outbox][-2:] == [NEW, NEW]


def test_second_submit_goes_where_the_first_went(entered, outbox):
    assert set_up(entered, outbox).url == "/desk/alice/"
    assert entered.post(NUMBER_CODE, {"code": outbox[-1].code}).url == "/desk/alice/"


def test_second_recovery_in_a_browser_has_nothing_of_the_first(entered, bob, support, outbox):
    entered.post(NUMBER, {"phone_number": NEW})
    entered.post(PASSWORD, BOB)
    code = create_recovery_code(bob, created_by=support, reason="x").code
    assert entered.post(SECOND_FACTOR, {"code": code}).url == NUMBER
    assert entered.get(NUMBER_CODE).url == NUMBER
