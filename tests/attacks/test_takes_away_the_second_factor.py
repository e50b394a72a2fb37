"""With a stolen password into an account whose number is gone: taken over, revoked, removed or erased."""

from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from django_ding.models import Authentication, LostPhoneNumber, PhoneNumber
from django_ding.services import (
    check,
    claim,
    erase_data,
    has_lost_number,
    lift_lost_number,
    make_step_up_proof,
    purge,
    remove_number,
    replace_number,
    send,
)
from django_ding.testing import sandbox
from tests import urls as api_and_admin
from tests.helpers import at_once, verify
from tests.login import site
from tests.login.helpers import ALICE, LOGIN, LOGIN_CODE, NUMBERS, followed, signed_in

pytestmark = pytest.mark.django_db

urlpatterns = [*api_and_admin.urlpatterns, *site.urlpatterns]

STAFF = "/staff/"  # It lets in users without a number.
NEW = "+447400123456"


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_REDIRECT_URL = "/"


@pytest.fixture
def owner(user, phone):
    """Alice, of the staff, with a password and a number."""
    user.is_staff = True
    user.set_password("secret")
    user.save()
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return user


def take_over(number, other_user):
    with sandbox(NUMBER_TAKEOVER_DAYS=0) as outbox:
        check(send(number.phone_number, user=other_user).authentication, outbox[-1].code)


def take_over_by_claim(number, other_user):
    with sandbox(NUMBER_TAKEOVER_DAYS=0):
        claim(verify(number.phone_number, purpose="signup"), user=other_user)


def revoke(number, other_user):
    other_user.is_staff = other_user.is_superuser = True
    other_user.save()
    support = Client()
    support.force_login(other_user)
    support.post("/admin/django_ding/phonenumber/revoke/", {"pk": number.pk})


def delete_on_page(number, other_user):
    browser = Client()
    browser.force_login(number.user)
    browser.post(f"{NUMBERS}{number.public_id}/remove/")


def delete_by_rest(number, other_user):
    client = APIClient()
    client.force_authenticate(number.user)
    client.credentials(HTTP_STEP_UP_PROOF=make_step_up_proof(number.user))
    client.delete(f"/api/phone/phone-numbers/{number.public_id}/")


WAYS = {
    "taken_over": [take_over, take_over_by_claim],
    "removed": [revoke, delete_on_page, delete_by_rest],
    "erased": [
        lambda number, other_user: erase_data(user=number.user),
        lambda number, other_user: erase_data(phone_number=number.phone_number),
    ],
}


@pytest.mark.parametrize(("reason", "lose"), [(reason, lose) for reason, ways in WAYS.items() for lose in ways])
def test_password_alone_is_not_enough_after_the_number_is_gone(owner, other_user, outbox, reason, lose):
    lose(owner.ding_phone_numbers.get(), other_user)
    purge(older_than=0)  # What would tell that there was a second factor.
    browser = Client()
    page = followed(browser, browser.post(STAFF, ALICE))
    assert "Your phone number is no longer linked to your account. Contact support to log in again." in page
    assert (signed_in(browser), owner.ding_lost_phone_number.reason) == ("", reason)
    assert not PhoneNumber.objects.filter(user=owner).exists()


def test_user_who_never_had_a_number_is_let_in(owner):
    PhoneNumber.objects.all().delete()
    browser = Client()
    browser.post(STAFF, ALICE)
    assert signed_in(browser) == str(owner.pk)


def test_another_number_is_still_a_second_factor(owner, outbox):
    owner.ding_phone_numbers.create(phone_number=NEW)
    remove_number(owner.ding_phone_numbers.get(is_primary=True))
    Client().post(STAFF, ALICE)
    assert [message.phone_number for message in outbox] == [NEW]
    assert not has_lost_number(owner)


def test_replaced_number_is_not_lost(owner):
    replace_number(owner.ding_phone_numbers.get(), owner.ding_phone_numbers.create(phone_number=NEW))
    assert not LostPhoneNumber.objects.exists()


def test_support_lets_the_owner_in_again(owner):
    remove_number(owner.ding_phone_numbers.get())
    assert (lift_lost_number(owner), lift_lost_number(owner)) == (True, False)
    browser = Client()
    browser.post(STAFF, ALICE)
    assert signed_in(browser) == str(owner.pk)


def test_new_number_lets_the_owner_in_again(owner, outbox):
    remove_number(owner.ding_phone_numbers.get())
    owner.ding_phone_numbers.create(phone_number=NEW, is_primary=True)
    assert not has_lost_number(owner)
    Client().post(STAFF, ALICE)
    assert [message.phone_number for message in outbox] == [NEW]


def test_number_lost_again_is_recorded_again(clock, owner, phone):
    remove_number(owner.ding_phone_numbers.get())
    clock.shift(3600)
    erase_data(phone_number=owner.ding_phone_numbers.create(phone_number=phone).phone_number)
    lost = LostPhoneNumber.objects.get()
    assert (lost.reason, lost.lost_at) == ("erased", timezone.now())


def test_record_is_deleted_with_the_user(owner):
    remove_number(owner.ding_phone_numbers.get())
    owner.delete()
    assert not LostPhoneNumber.objects.exists()


# The last number of a user without a password


@pytest.fixture
def passwordless(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


def remove_page(number):
    browser = Client()
    browser.force_login(number.user)
    url = f"{NUMBERS}{number.public_id}/remove/"
    return browser.get(url), browser.post(url)


@pytest.mark.parametrize(
    ("creates_user", "sentence"),
    [(False, "you may lose access to this account."), (True, "you get a new, empty account.")],
)
def test_user_without_a_password_is_warned(passwordless, creates_user, sentence):
    with sandbox(LOGIN_CREATES_USER=creates_user):
        shown, answer = remove_page(passwordless)
    assert sentence in shown.context["warning"]
    assert shown.context["warning"] in shown.text
    assert answer.url == NUMBERS
    assert not PhoneNumber.objects.exists()


def test_user_with_a_password_is_warned(owner):
    with sandbox(LAST_NUMBER="keep"):
        shown, answer = remove_page(owner.ding_phone_numbers.get())
    assert "you may have to contact support to log in." in shown.context["warning"]
    assert answer.url == NUMBERS


def test_user_with_another_number_is_not_warned(passwordless):
    passwordless.user.ding_phone_numbers.create(phone_number=NEW)
    with sandbox(LAST_NUMBER="keep"):
        shown, answer = remove_page(passwordless)
    assert shown.context["warning"] == ""
    assert answer.url == NUMBERS


def test_last_number_is_kept_on_the_page(passwordless):
    with sandbox(LAST_NUMBER="keep"):
        for answer in remove_page(passwordless):
            assert "This is your only phone number. Add another one before you remove it." in answer.text
            assert "ding-bad" not in answer.text.replace("ding-message-bad", "")
    assert PhoneNumber.objects.get() == passwordless


def test_last_number_is_kept_by_rest(passwordless):
    client = APIClient()
    client.force_authenticate(passwordless.user)
    client.credentials(HTTP_STEP_UP_PROOF=make_step_up_proof(passwordless.user))
    with sandbox(LAST_NUMBER="keep"):
        answer = client.delete(f"/api/phone/phone-numbers/{passwordless.public_id}/")
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "code": "last_phone_number",
            "detail": "This is your only phone number. Add another one before you remove it.",
        },
    )
    assert not LostPhoneNumber.objects.exists()


def test_last_number_can_be_revoked_by_support(passwordless):
    with sandbox(LAST_NUMBER="keep"):
        remove_number(passwordless)
    assert not PhoneNumber.objects.exists()


def test_removal_and_login_make_no_second_account(passwordless, phone):
    with sandbox(LAST_NUMBER="keep", LOGIN_CREATES_USER=True) as outbox:
        remove_page(passwordless)
        browser = Client()
        browser.post(LOGIN, {"phone_number": phone})
        browser.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(browser) == str(passwordless.user_id)
    assert get_user_model().objects.count() == Authentication.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_removals_at_once_leave_one(passwordless):
    other = passwordless.user.ding_phone_numbers.create(phone_number=NEW)

    def remove(number):
        try:
            remove_number(number, by_owner=True)
        except Exception as error:  # noqa: BLE001 - each of the two may be the one that is refused
            return type(error).__name__
        return "removed"

    with sandbox(LAST_NUMBER="keep"):
        results = at_once(partial(remove, passwordless), partial(remove, other))
    assert sorted(results) == ["LastPhoneNumber", "removed"]
    assert PhoneNumber.objects.count() == 1
