import pytest
from django.contrib.auth import get_user_model

from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox
from tests.helpers import Statements
from tests.login.helpers import ADD, ALICE, LOGIN, LOGIN_CODE, NUMBERS, PASSWORD, SECOND_FACTOR, followed, wrong

pytestmark = pytest.mark.django_db

STEP_UP = "/phone/step-up/"
CODE = f"{STEP_UP}code/"
NEW = "+33612345679"
LATER = 901


@pytest.fixture
def member(client, clock, account):
    """Alice, signed in a while ago."""
    client.force_login(account)
    clock.shift(LATER)
    return client


def test_login_is_a_confirmation_for_fifteen_minutes(client, clock, account):
    client.force_login(account)
    clock.shift(899)
    assert client.get(ADD).status_code == 200
    clock.shift(1)
    assert client.get(ADD).url == f"{STEP_UP}?next={ADD}"


def test_login_with_a_code_is_a_confirmation(client, account, outbox):
    client.post(PASSWORD, ALICE)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert client.get(ADD).status_code == 200


def test_login_without_a_password_is_a_confirmation(client, account, phone, outbox):
    client.post(LOGIN, {"phone_number": phone})
    client.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert client.get(ADD).status_code == 200


def test_page_after_a_login_takes_one_statement_more(client, account):
    """It looks for a recovery since the login."""
    client.force_login(account)
    counts = []
    for seconds in (0, 900):
        with sandbox(STEP_UP_MAX_AGE=seconds), Statements() as statements:
            client.get(ADD)
        counts.append(len(statements))
    assert counts[0] + 1 == counts[1]


def test_password(member):
    assert member.post(STEP_UP, {"password": "secret", "next": ADD}).url == ADD
    assert member.get(ADD).status_code == 200


def test_wrong_password(member):
    assert "Incorrect password." in member.post(STEP_UP, {"password": "wrong"}).text
    assert member.get(ADD).status_code == 302


@pytest.mark.parametrize("data", [{}, {"password": ""}, {"number": ""}])
def test_nothing_posted(member, data):
    assert "Enter your password." in member.post(STEP_UP, data).text


def test_tenth_password_is_the_last(own_counters, member):
    for _ in range(10):
        member.post(STEP_UP, {"password": "wrong"})
    assert "Wait 60 minutes before trying again." in member.post(STEP_UP, {"password": "secret"}).text


def test_code(member, account, phone, outbox):
    number = account.ding_phone_numbers.get()
    assert "+33\xa06\xa012\xa034\xa056\xa078" in member.get(STEP_UP).text
    assert member.post(STEP_UP, {"number": number.public_id, "next": ADD}).url == CODE
    row = Authentication.objects.get()
    assert (row.purpose, row.user, row.phone_number) == ("step_up", account, phone)
    assert "Incorrect code." in followed(member, member.post(CODE, {"code": wrong(outbox[-1].code)}))
    assert member.get(ADD).status_code == 302
    assert member.post(CODE, {"code": outbox[-1].code}).url == ADD
    assert member.get(ADD).status_code == 200


def test_code_of_a_number_that_is_removed_meanwhile(member, account, outbox):
    second = account.ding_phone_numbers.create(phone_number=NEW)
    member.post(STEP_UP, {"number": second.public_id})
    second.delete()
    assert "This page has expired." in followed(member, member.post(CODE, {"code": outbox[-1].code}))
    assert member.get(ADD).status_code == 302


@pytest.mark.parametrize("number", ["x", "00000000-0000-4000-8000-000000000000", "theirs"])
def test_number_of_another_user(member, bob, number, outbox):
    theirs = bob.ding_phone_numbers.get().public_id
    answer = member.post(STEP_UP, {"number": theirs if number == "theirs" else number})
    assert answer.status_code == 200
    assert not outbox


def test_visitor_goes_on_to_what_they_asked_for(member, account):
    second = account.ding_phone_numbers.create(phone_number=NEW)
    for page in ("change", "make-primary", "remove"):
        url = f"{NUMBERS}{second.public_id}/{page}/"
        assert member.post(url).url == f"{STEP_UP}?next={url}"
    member.post(STEP_UP, {"password": "secret"})
    assert member.get(url).status_code == 200
    assert member.get(f"{STEP_UP}?next={url}").url == url  # In another tab.
    assert PhoneNumber.objects.count() == 2


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_on_another_site(member, url):
    assert member.post(STEP_UP, {"password": "secret", "next": url}).url == NUMBERS


def test_without_a_password_there_is_no_field(client, clock, account):
    account.set_unusable_password()
    account.save()
    client.force_login(account)
    clock.shift(LATER)
    shown = client.get(STEP_UP)
    assert "password" not in shown.context["form"].fields
    assert "Send code to" in shown.text


def test_without_a_password_and_a_number_the_first_may_be_added(client, clock):
    client.force_login(get_user_model().objects.create_user("guest"))
    clock.shift(LATER)
    assert client.get(ADD).status_code == 200


def test_with_a_password_the_first_number_needs_it(client, clock, account):
    account.ding_phone_numbers.all().delete()
    client.force_login(account)
    clock.shift(LATER)
    assert client.get(f"{ADD}?next=/").url.startswith(STEP_UP)
    assert "Send code to" not in client.get(STEP_UP).text


def test_own_number_is_verified_again_without(member, phone, outbox):
    """As a view with ``max_age`` asks for it."""
    assert member.get(f"{ADD}?next=/").status_code == 200
    assert member.post(ADD, {"phone_number": phone, "next": "/"}).url == f"{NUMBERS}code/"
    assert member.post(f"{NUMBERS}code/", {"code": outbox[-1].code}).url == "/"
    assert member.post(ADD, {"phone_number": NEW, "next": "/"}).url.startswith(STEP_UP)


def test_zero_asks_nobody(member):
    with sandbox(STEP_UP_MAX_AGE=0):
        assert member.get(ADD).status_code == 200
        assert member.get(STEP_UP).url == NUMBERS


def never(request):
    return False


def test_check_and_page_of_the_project(client, account):
    client.force_login(account)
    with sandbox(STEP_UP_CHECK=f"{__name__}.never", STEP_UP_URL="/reauthenticate/"):
        assert client.get(ADD).url == f"/reauthenticate/?next={ADD}"


@pytest.mark.parametrize("url", [STEP_UP, CODE, f"{CODE}resend/"])
def test_visitors_log_in_first(client, url):
    assert client.get(url).url == f"{PASSWORD}?next={url}"
