import re
import sys
from importlib import import_module
from threading import Barrier, Thread

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm as TheirConfirmLoginCodeForm
from allauth.account.forms import VerifyPhoneForm as TheirVerifyPhoneForm
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory

from django_ding import services
from django_ding.contrib.allauth import references
from django_ding.contrib.allauth.checks import check_settings
from django_ding.contrib.allauth.forms import ConfirmLoginCodeForm
from django_ding.contrib.allauth.models import UnverifiedPhoneNumber
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

SIGNUP, VERIFY, CHANGE = "/allauth/signup/", "/allauth/phone/verify/", "/allauth/phone/change/"
LOGIN, CODE, CONFIRM = "/allauth/login/", "/allauth/login/code/", "/allauth/login/code/confirm/"
INCORRECT = "Incorrect code."


@pytest.fixture
def member():
    user = create_user("alice")
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    return user


def sign_up(browser, number=PHONE):  # noqa: F811
    return browser.submit_and_go(SIGNUP, phone=number, password1=PASSWORD, password2=PASSWORD)


def enter(browser, page, code):  # noqa: F811
    return browser.post(page, {"action": "verify", "code": code})


# --- sign-up


def test_a_sign_up_verifies_the_number(browser, outbox):  # noqa: F811
    assert sign_up(browser, "06 12 34 56 78") == VERIFY
    [message] = outbox
    assert message.phone_number == PHONE
    assert INCORRECT in enter(browser, VERIFY, wrong(message.code)).text
    assert not PhoneNumber.objects.exists()
    assert not browser.is_signed_in
    assert message.code not in str(dict(browser.session))
    assert enter(browser, VERIFY, f"{message.code[:2]} {message.code[2:]}").status_code == 302
    assert browser.is_signed_in
    [number] = PhoneNumber.objects.all()
    assert (number.phone_number, number.is_primary) == (PHONE, True)
    assert get_adapter().get_phone(number.user) == (PHONE, True)
    assert not UnverifiedPhoneNumber.objects.exists()
    [authentication] = Authentication.objects.all()
    assert (authentication.purpose, authentication.requester_type, authentication.ip) == (
        "signup",
        "visitor",
        "127.0.0.1",
    )


def test_a_number_that_is_not_verified_keeps_nobody_from_it(outbox):  # noqa: F811
    sign_up(Browser())
    assert str(UnverifiedPhoneNumber.objects.get()).startswith("+33*")
    second = Browser()
    sign_up(second)
    assert enter(second, VERIFY, outbox[-1].code).status_code == 302
    assert second.is_signed_in


def test_a_sign_up_with_a_number_of_another_account_opens_nothing(browser, member, outbox):  # noqa: F811
    assert sign_up(browser) == VERIFY  # As with an unknown number.
    assert INCORRECT in enter(browser, VERIFY, outbox[-1].code).text
    assert not browser.is_signed_in


def test_a_number_that_another_account_has_got_meanwhile_is_refused(browser, outbox):  # noqa: F811
    sign_up(browser)
    create_user("bob").ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    assert "already registered with this phone number" in enter(browser, VERIFY, outbox[-1].code).text
    assert not browser.is_signed_in


def test_another_message(browser, clock, outbox):  # noqa: F811
    sign_up(browser)
    clock.shift(31)
    browser.post(VERIFY, {"action": "resend"})
    assert len(outbox) == 2
    assert Authentication.objects.get().retry_count == 1
    enter(browser, VERIFY, outbox[-1].code)
    assert browser.is_signed_in


@pytest.mark.parametrize(
    ("outcome", "text"),
    [("negative_balance", "temporarily unavailable"), ("spam_detected", "We can&#x27;t send codes to this number")],
)
def test_the_page_says_that_no_code_was_sent(browser, outcome, text):  # noqa: F811
    script("send", outcome)
    page = browser.open(sign_up(browser)).text
    assert text in page
    assert "code has been sent" not in page.lower()
    assert INCORRECT in enter(browser, VERIFY, "123456").text


def test_a_code_that_may_come_is_waited_for(browser, member):  # noqa: F811
    script("send", "dropped", "dropped")
    assert "confirm that your code was sent" in browser.open(sign_up(browser, OTHER_PHONE)).text
    with context.request_context(RequestFactory().post("/")):
        reference = get_adapter().generate_phone_verification_code(user=member, phone=PHONE)
    assert references.read(reference).authentication.phone_number == PHONE


def test_an_outage_is_no_wrong_code(browser, outbox):  # noqa: F811
    sign_up(browser)
    script("check", "server_error")
    page = enter(browser, VERIFY, outbox[-1].code).text
    assert "temporarily unavailable" in page
    assert INCORRECT not in page
    enter(browser, VERIFY, outbox[-1].code)
    assert browser.is_signed_in


def test_what_is_no_number_is_refused(browser):  # noqa: F811
    assert "This phone number is too short." in browser.submit(SIGNUP, phone="12", password1=PASSWORD).text


# --- login


def test_a_login_by_code(browser, member, outbox):  # noqa: F811
    assert browser.submit_and_go(CODE, phone="06 12 34 56 78") == CONFIRM
    assert INCORRECT in enter(browser, CONFIRM, wrong(outbox[-1].code)).text
    assert enter(browser, CONFIRM, outbox[-1].code).status_code == 302
    assert browser.session["_auth_user_id"] == str(member.pk)
    authentication = Authentication.objects.get()
    assert (authentication.purpose, authentication.requester_type, authentication.user) == ("login", "login", member)


def test_a_login_with_a_password(browser, member):  # noqa: F811
    member.set_password(PASSWORD)
    browser.submit_and_go(LOGIN, login="06 12 34 56 78", password=PASSWORD)
    assert browser.is_signed_in


def test_an_unknown_number_is_answered_as_a_known_one(member, outbox):  # noqa: F811
    known, unknown = Browser(), Browser()
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}) as messages:
        for visitor, number in ((known, PHONE), (unknown, OTHER_PHONE)):
            assert visitor.submit_and_go(CODE, phone=number) == CONFIRM
            assert INCORRECT in enter(visitor, CONFIRM, wrong(messages[-1].code)).text
        assert INCORRECT in enter(unknown, CONFIRM, messages[-1].code).text
        for number in (PHONE, OTHER_PHONE):
            visitor = Browser(REMOTE_ADDR="192.0.2.9")
            assert "before requesting another code" in visitor.open(visitor.submit_and_go(CODE, phone=number)).text
    assert not unknown.is_signed_in
    assert get_user_model().objects.count() == 1


def test_a_number_that_has_moved_opens_the_old_account_no_longer(browser, member, outbox):  # noqa: F811
    browser.submit_and_go(CODE, phone=PHONE)
    PhoneNumber.objects.update(user=create_user("bob"))
    assert INCORRECT in enter(browser, CONFIRM, outbox[-1].code).text
    assert not browser.is_signed_in


@pytest.mark.django_db(transaction=True)
def test_one_of_many_wins_a_code(member, outbox):  # noqa: F811
    request = RequestFactory().post("/")
    with context.request_context(request):
        reference = get_adapter().generate_phone_verification_code(user=member, phone=PHONE)
    code, barrier, won = outbox[-1].code, Barrier(8), []

    def confirm():
        barrier.wait(60)
        try:
            with context.request_context(request):
                won.append(ConfirmLoginCodeForm({"code": code}, code=reference).is_valid())
        finally:
            connection.close()

    threads = [Thread(target=confirm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


# --- a user's number


def test_a_changed_number_takes_the_place_of_the_primary_one(browser, member, outbox):  # noqa: F811
    browser.force_login(member)
    member.ding_phone_numbers.create(phone_number="+33612345670")
    reauthenticate(browser, outbox)
    assert browser.submit_and_go(CHANGE, phone=OTHER_PHONE) == VERIFY
    enter(browser, VERIFY, outbox[-1].code)
    assert services.primary_number(member).phone_number == OTHER_PHONE
    assert {number.phone_number for number in PhoneNumber.objects.all()} == {OTHER_PHONE, "+33612345670"}


def reauthenticate(browser, outbox):  # noqa: F811
    page = browser.submit_and_go(CHANGE, phone=OTHER_PHONE)
    if page.startswith("/allauth/reauthenticate/"):
        browser.submit(page, password=PASSWORD)


def test_another_accounts_number_is_refused(browser, member, outbox):  # noqa: F811
    bob = create_user("bob")
    browser.force_login(bob)
    reauthenticate(browser, outbox)
    assert browser.submit_and_go(CHANGE, phone=OTHER_PHONE) == VERIFY
    PhoneNumber.objects.update(phone_number=OTHER_PHONE)
    assert "already registered with this phone number" in enter(browser, VERIFY, outbox[-1].code).text
    assert PhoneNumber.objects.get().user == member


def test_a_user_confirms_who_they_are(browser, member, outbox):  # noqa: F811
    browser.force_login(member)
    page = browser.submit_and_go("/allauth/reauthenticate/code/", recipient=PHONE)
    assert INCORRECT in enter(browser, page, wrong(outbox[-1].code)).text
    assert enter(browser, page, outbox[-1].code).status_code == 302
    assert Authentication.objects.get().purpose == "step_up"
    assert browser.session["account_authentication_methods"][-1]["reauthenticated"]


# --- seams


def test_a_reference_is_no_code_for_their_forms(member, outbox):  # noqa: F811
    """If this fails, django-allauth has changed how it compares codes: a reference must never equal itself."""
    with context.request_context(RequestFactory().post("/")):
        reference = get_adapter().generate_phone_verification_code(user=member, phone=PHONE)
        assert references.is_reference(reference)
        assert references.read(reference).authentication == Authentication.objects.get()
        for entered in (reference, "", "-", str(Authentication.objects.get().public_id), outbox[-1].code):
            assert not compare_user_code(actual=entered, expected=reference)
            assert not TheirConfirmLoginCodeForm({"code": entered}, code=reference).is_valid()
            assert not TheirVerifyPhoneForm({"code": entered}, code=reference, user=member, phone=PHONE).is_valid()
            assert entered == outbox[-1].code or not ConfirmLoginCodeForm({"code": entered}, code=reference).is_valid()


def test_a_forged_reference_is_none():
    for text in ("", "!", "123456", "!!", "!" * 64, None):
        assert references.read(text) is None


def test_a_code_of_their_own_is_compared():
    with context.request_context(RequestFactory().post("/")):
        assert ConfirmLoginCodeForm({"code": "abc-123"}, code="ABC123").is_valid()
        assert not ConfirmLoginCodeForm({"code": "abc-124"}, code="ABC123").is_valid()


def test_a_form_that_verifies_nothing_links_nothing(member):
    with pytest.raises(PermissionDenied):
        get_adapter().set_phone_verified(member, OTHER_PHONE)


def test_a_number_that_another_system_has_verified():
    user = create_user("alice")
    get_adapter().set_phone(user, PHONE, True)
    assert get_adapter().get_phone(user) == (PHONE, True)
    assert get_adapter().get_user_by_phone(PHONE) == user
    get_adapter().set_phone(user, PHONE, False)
    assert not UnverifiedPhoneNumber.objects.exists()


def test_forms_that_accept_no_code_are_found(settings):
    assert check_settings(None) == []
    settings.ACCOUNT_FORMS = {"verify_phone": "allauth.account.forms.VerifyPhoneForm", "confirm_login_code": "no.such"}
    [error] = check_settings(None)
    assert error.id == "django_ding_allauth.E001"
    assert "verify_phone, confirm_login_code, confirm_reauthentication_code" in error.msg


def test_migrations_are_complete():
    call_command("makemigrations", "django_ding_allauth", check_changes=True, dry_run=True, verbosity=0)


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "allauth", None)
    monkeypatch.delitem(sys.modules, "django_ding.contrib.allauth.apps")
    with pytest.raises(ImportError, match=re.escape('pip install "django-ding[allauth]"')):
        import_module("django_ding.contrib.allauth.apps")
