"""A number that was verified, and that its country's numbering plan no longer has."""

import pytest
from django.core.management import call_command
from django.test import Client, RequestFactory

from django_ding.exceptions import InputError, InvalidPhoneNumber
from django_ding.models import Authentication, PhoneNumber, Refusal
from django_ding.services import (
    erase_data,
    export_data,
    feedback,
    has_verified_number,
    make_primary,
    needs_step_up,
    primary_number,
    remove_number,
    report_onboarded,
    send,
)
from tests.api.helpers import URL, signed_in
from tests.helpers import create_authentication
from tests.login.helpers import ALICE, NUMBERS, PASSWORD

pytestmark = pytest.mark.django_db

OUTDATED = "+22507123456"  # Numbers in Côte d'Ivoire got two more digits in 2021.
MASKED = "+225******56"
NO_PLAN = "+999123456789"


@pytest.fixture(params=[OUTDATED, NO_PLAN], ids=["outdated", "no plan"])
def number(request, user) -> PhoneNumber:
    user.set_password("secret")
    user.save()
    return PhoneNumber.objects.create(user=user, phone_number=request.param, is_primary=True)


@pytest.fixture
def site(settings) -> None:
    settings.ROOT_URLCONF = "tests.login.site"
    settings.LOGIN_URL = "/password/"


def test_send_says_and_records_why_nothing_is_sent(number, user, outbox):
    with pytest.raises(InputError) as caught:
        send(number.phone_number, user=user)
    assert caught.value.code == "outdated_phone_number"
    assert str(caught.value).startswith("This phone number is no longer valid")
    assert not Authentication.objects.exists()
    row = Refusal.objects.get()
    assert (row.reason, row.phone_number, row.user) == ("outdated_phone_number", number.phone_number, user)
    assert len(outbox) == 0


def test_send_tells_others_what_it_tells_of_any_such_number(number, other_user):
    for user in (None, other_user):
        with pytest.raises(InvalidPhoneNumber):
            send(number.phone_number, user=user)
    assert not Refusal.objects.exists()


def test_rest_says_why_nothing_is_sent(number, user):
    response = signed_in(user).post(URL, {"phone_number": number.phone_number}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "outdated_phone_number")
    assert signed_in(user).get("/api/phone/phone-numbers/").json()[0]["phone_number"] == number.phone_number


def test_second_factor_says_why_nothing_is_sent(site, number):
    response = Client().post(PASSWORD, ALICE)
    assert response.status_code == 200
    assert "This phone number is no longer valid" in response.text


def test_pages_show_it(site, number, user):
    client = Client()
    client.force_login(user)
    assert number.phone_number[-2:] in client.get(NUMBERS).text


def test_number_can_be_managed(number, user):
    assert primary_number(user) == make_primary(number) == number
    assert has_verified_number(user)
    remove_number(number)
    assert not has_verified_number(user)


def test_step_up_knows_it_for_the_user_s_own(number, user):
    request = RequestFactory().get("/")
    request.user = user
    assert not needs_step_up(request, number.phone_number)


def test_person_is_known_by_it(number):
    create_authentication(phone_number=number.phone_number)
    assert export_data(phone_number=number.phone_number)["phone_numbers"]
    assert erase_data(phone_number=number.phone_number).phone_numbers == 1


def test_feedback_is_given(number):
    create_authentication(phone_number=number.phone_number)
    report_onboarded(since=60)
    with pytest.raises(InputError) as caught:
        feedback(number.phone_number, "onboarded")
    assert not isinstance(caught.value, InvalidPhoneNumber)


def test_status_shows_its_verification(user, capsys):
    create_authentication(phone_number=OUTDATED)
    call_command("ding_status", OUTDATED)
    assert MASKED in capsys.readouterr().out


def test_admin_lists_and_finds_it(number, admin_client):
    authentication = create_authentication(phone_number=number.phone_number)
    for path in ("phonenumber", "authentication", f"authentication/{authentication.pk}/change"):
        response = admin_client.get(f"/admin/django_ding/{path}/")
        assert response.status_code == 200
        assert number.phone_number[-2:] in response.text
    found = admin_client.get("/admin/django_ding/phonenumber/", {"q": number.phone_number}, follow=True)
    assert f"/admin/django_ding/phonenumber/{number.pk}/" in found.text + found.request["PATH_INFO"]
