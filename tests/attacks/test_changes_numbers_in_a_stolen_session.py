"""With a cookie or a token of the user's, but neither their password nor their phone."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from django_ding.exceptions import InvalidProof
from django_ding.models import PhoneNumber
from django_ding.services import make_step_up_proof, step_up_by_code
from tests.helpers import verify

pytestmark = pytest.mark.django_db

NUMBERS = "/phone/numbers/"
API = "/api/phone/"
THIEFS = "+33612345679"


@pytest.fixture
def numbers(user, phone):
    """Alice's, whose password is known to her alone."""
    user.set_password("secret")
    user.save()
    primary = user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return [primary, user.ding_phone_numbers.create(phone_number="+12025550100")]


@pytest.fixture
def thief(settings, clock, user, numbers):
    """A browser with a copy of the session that Alice opened an hour ago."""
    settings.ROOT_URLCONF = "tests.login.site"
    settings.LOGIN_URL = "/password/"
    copy = Client()
    copy.force_login(user)
    clock.shift(3600)
    return copy


@pytest.fixture
def app(user, numbers):
    """An app with a copy of Alice's token."""
    client = APIClient()
    client.force_authenticate(user)
    return client


def rows(user):
    return list(PhoneNumber.objects.filter(user=user).values_list("phone_number", "is_primary"))


def test_on_the_pages(thief, user, numbers, outbox):
    primary, second = numbers
    before = rows(user)
    attempts = [
        (f"{NUMBERS}add/", {"phone_number": THIEFS}),
        (f"{NUMBERS}add/?next=/", {"phone_number": THIEFS}),
        (f"{NUMBERS}{primary.public_id}/change/", {"phone_number": THIEFS}),
        (f"{NUMBERS}{primary.public_id}/change/?next=/", {"phone_number": second.phone_number}),
        (f"{NUMBERS}{second.public_id}/make-primary/", {}),
        (f"{NUMBERS}{primary.public_id}/remove/", {}),
    ]
    for url, data in attempts:
        answer = thief.post(url, data)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/phone/step-up/"), url
    assert not outbox
    assert rows(user) == before


def test_by_rest(app, user, numbers, outbox):
    primary, second = numbers
    before = rows(user)
    answers = [
        app.post(f"{API}authentications/", {"phone_number": THIEFS}),
        app.post(f"{API}phone-numbers/{second.public_id}/make-primary/"),
        app.delete(f"{API}phone-numbers/{primary.public_id}/"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "step_up_required")] * 3
    assert not outbox
    assert rows(user) == before


def confirm_elsewhere(user, phone):
    """What the owner proves in their own session opens nothing for a copy of an older cookie, or of a token."""
    owner = Client()
    owner.force_login(user)
    verify(phone, user=user, purpose="step_up")
    verify(phone, user=user, purpose="second_factor")
    return owner


def test_on_the_pages_while_the_owner_confirms_it(thief, user, phone):
    owner = confirm_elsewhere(user, phone)
    assert owner.get(f"{NUMBERS}add/").status_code == 200
    assert thief.get(f"{NUMBERS}add/").status_code == 302


def test_by_rest_while_the_owner_confirms_it(app, user, numbers, phone):
    confirm_elsewhere(user, phone)
    assert app.delete(f"{API}phone-numbers/{numbers[0].public_id}/").json()["code"] == "step_up_required"


def test_with_a_cookie_stolen_before_the_owner_confirmed_it(thief):
    owner = Client()
    owner.cookies["sessionid"] = thief.cookies["sessionid"].value
    assert owner.post("/phone/step-up/", {"password": "secret"}).url == NUMBERS
    assert owner.get(f"{NUMBERS}add/").status_code == 200
    assert thief.get(f"{NUMBERS}add/").url.startswith("/password/")  # The session has another key now.


def test_with_a_code_to_the_thiefs_own_number(app, numbers, outbox):
    body = app.post(f"{API}authentications/", {"phone_number": THIEFS, "purpose": "second_factor"}).json()
    assert "proof" not in app.post(f"{API}authentications/{body['id']}/check/", {"code": outbox[-1].code}).json()
    assert app.post(f"{API}authentications/", {"phone_number": THIEFS, "purpose": "step_up"}).status_code == 400


def test_with_a_code_that_the_owner_entered_long_ago(thief, clock, rf, user, phone):
    entered = verify(phone, user=user, purpose="step_up")
    request = rf.post("/")
    request.user, request.session = user, thief.session
    clock.shift(1800)
    with pytest.raises(InvalidProof):
        step_up_by_code(request, entered)
    assert thief.get(f"{NUMBERS}add/").status_code == 302


def test_with_a_number_of_another_users(app, other_user):
    theirs = other_user.ding_phone_numbers.create(phone_number=THIEFS)
    assert app.post(f"{API}step-up/", {"phone_number_id": str(theirs.public_id)}).status_code == 404


def test_with_the_proof_of_another_user_or_an_older_password(app, user, other_user, numbers):
    url = f"{API}phone-numbers/{numbers[0].public_id}/"
    old = make_step_up_proof(user)
    user.set_password("new")
    user.save()
    for proof in (make_step_up_proof(other_user), old, "", "x"):
        assert app.delete(url, HTTP_STEP_UP_PROOF=proof).status_code == 403


def test_by_using_up_the_passwords_of_the_user(own_counters, user, numbers):
    """The thief's session and the user's have ten an hour each."""
    thief, owner = Client(), Client()
    for browser in (thief, owner):
        browser.force_login(user)
    for n in range(11):
        thief.post(f"{API}step-up/", {"password": f"guess {n}"})
    assert thief.post(f"{API}step-up/", {"password": "secret"}).status_code == 429
    assert owner.post(f"{API}step-up/", {"password": "secret"}).status_code == 200


def test_by_guessing_the_password(own_counters, app):
    answers = [app.post(f"{API}step-up/", {"password": f"guess {n}"}) for n in range(10)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "incorrect_password")}
    answer = app.post(f"{API}step-up/", {"password": "secret"})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
