import base64

import pytest
from django.contrib.auth.signals import user_login_failed
from rest_framework.test import APIClient

from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox
from tests.api.helpers import URL, signed_in
from tests.helpers import Statements, received

pytestmark = pytest.mark.django_db

STEP_UP = "/api/phone/step-up/"
NUMBERS = "/api/phone/phone-numbers/"
NEW = "+33612345679"


@pytest.fixture
def number(user, phone):
    user.set_password("secret")
    user.save()
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def app(user, number):
    """Alice's app, which has a token."""
    return signed_in(user, APIClient)


def test_password_gives_a_proof(app, number):
    answer = app.post(STEP_UP, {"password": "secret"})
    assert (answer.status_code, list(answer.json())) == (200, ["proof"])
    headers = {"HTTP_STEP_UP_PROOF": answer.json()["proof"]}
    assert app.post(URL, {"phone_number": NEW}, **headers).status_code == 201
    assert app.delete(f"{NUMBERS}{number.public_id}/", **headers).status_code == 204


def test_wrong_password_is_a_failed_login(app):
    with received(user_login_failed) as heard:
        answer = app.post(STEP_UP, {"password": "wrong"})
    body = {"code": "incorrect_password", "detail": "Incorrect password."}
    assert (answer.status_code, answer.json()) == (400, body)
    assert len(heard) == 1


def test_code_gives_a_proof(app, user, phone, outbox):
    second = PhoneNumber.objects.create(user=user, phone_number="+12025550100")
    for posted, expected in (({}, phone), ({"phone_number_id": str(second.public_id)}, "+12025550100")):
        body = app.post(STEP_UP, posted).json()
        assert (body["purpose"], body["phone_number"]) == ("step_up", expected)
        checked = app.post(f"{URL}{body['id']}/check/", {"code": outbox[-1].code}).json()
        answer = app.post(f"{NUMBERS}{second.public_id}/make-primary/", HTTP_STEP_UP_PROOF=checked["proof"])
        assert answer.status_code == 200
        PhoneNumber.objects.update(is_primary=False)
        PhoneNumber.objects.filter(phone_number=phone).update(is_primary=True)


def test_code_of_a_number_that_is_removed_meanwhile(app, number, outbox):
    body = app.post(STEP_UP).json()
    number.delete()
    answer = app.post(f"{URL}{body['id']}/check/", {"code": outbox[-1].code})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_proof")


def test_proof_is_valid_for_fifteen_minutes(clock, app):
    headers = {"HTTP_STEP_UP_PROOF": app.post(STEP_UP, {"password": "secret"}).json()["proof"]}
    clock.shift(900)
    assert app.post(URL, {"phone_number": NEW}, **headers).status_code == 201
    clock.shift(1)
    assert app.post(URL, {"phone_number": "+12025550100"}, **headers).json()["code"] == "step_up_required"


def test_own_number_is_verified_again_without(app, phone):
    assert app.post(URL, {"phone_number": phone}).status_code == 201


def test_session_needs_no_header(clock, user, number):
    browser = APIClient()
    browser.force_login(user)
    assert browser.post(URL, {"phone_number": NEW}).status_code == 201
    clock.shift(1000)
    assert browser.delete(f"{NUMBERS}{number.public_id}/").status_code == 403
    browser.post(STEP_UP, {"password": "secret"})
    assert browser.delete(f"{NUMBERS}{number.public_id}/").status_code == 204


def test_basic_authentication_has_the_password(number):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic " + base64.b64encode(b"alice:secret").decode())
    assert client.delete(f"{NUMBERS}{number.public_id}/").status_code == 204


def test_without_a_password_and_a_number_the_first_may_be_added(other_user):
    assert signed_in(other_user, APIClient).post(URL, {"phone_number": NEW}).status_code == 201


def test_zero_asks_nobody(app, number):
    with sandbox(STEP_UP_MAX_AGE=0):
        assert app.delete(f"{NUMBERS}{number.public_id}/").status_code == 204


def test_without_a_number_there_is_no_code(user):
    assert signed_in(user, APIClient).post(STEP_UP).status_code == 404


def test_anonymous_callers_log_in_first(client):
    assert client.post(STEP_UP).status_code in (401, 403)
    assert not Authentication.objects.exists()


def test_proof_takes_one_statement(app, number):
    """It looks for a recovery since the proof."""
    proof = app.post(STEP_UP, {"password": "secret"}).json()["proof"]
    counts = []
    for max_age in (0, 900):
        with sandbox(STEP_UP_MAX_AGE=max_age), Statements() as statements:
            app.post(f"{NUMBERS}{number.public_id}/make-primary/", HTTP_STEP_UP_PROOF=proof)
        counts.append(len(statements))
    assert counts[0] + 1 == counts[1]
