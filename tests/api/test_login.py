import re
import uuid
from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from django_ding.models import Authentication, PhoneNumber
from django_ding.services import create_recovery_code, redeem_recovery_code, send
from django_ding.testing import sandbox, script
from tests.helpers import Statements

pytestmark = pytest.mark.django_db

URL = "/api/phone/login/"
AUTHENTICATIONS = "/api/phone/authentications/"
WRONG = "000000"


def issue_name(request, user):
    return {"hello": user.get_username()}


@pytest.fixture(autouse=True)
def issuer(outbox, settings):
    settings.DING |= {"TOKEN_ISSUER": f"{__name__}.issue_name"}


@pytest.fixture
def number(user, phone):
    """Alice's number."""
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def url(client, phone):
    """A login that was started anonymously."""
    return f"{URL}{post(client, URL, phone_number=phone).json()['id']}/"


def post(client, url, **body):
    return client.post(url, body, format="json")


# Send


def test_login_has_no_user_yet(clock, member, phone, outbox):
    response = post(member, URL, phone_number="06 12 34 56 78", device_type="IOS", locale="fr")
    row = Authentication.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(row.public_id),
        "phone_number": phone,
        "purpose": "login",
        "status": "pending",
        "channel": None,
        "created_at": "2026-06-01T12:00:00Z",
        "expires_at": "2026-06-01T12:10:00Z",
        "next_retry_at": "2026-06-01T12:00:30Z",
        "remaining_retry": 3,
        "remaining_checks": 5,
    }
    assert (row.user, row.device_signals) == (None, {"device_type": "IOS"})
    assert len(outbox) == 1


def test_login_again_answers_200(client, phone):
    first, second = (post(client, URL, phone_number=phone) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_login_is_for_nothing_else(client, phone):
    assert post(client, URL, phone_number=phone, purpose="link").json()["purpose"] == "login"


def test_login_in_a_blocked_country_is_refused(client, phone):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        assert post(client, URL, phone_number=phone).status_code == 400


def test_login_without_a_number_answers_400(client):
    response = post(client, URL)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")


def test_login_with_an_expired_token(phone):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic bm9ib2R5Om5vdGhpbmc=")
    assert post(client, URL, phone_number=phone).status_code == 201
    assert post(client, AUTHENTICATIONS, phone_number=phone).status_code in (401, 403)


# Check


def test_check_answers_what_the_issuer_returns(client, number, url, outbox):
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert (response.status_code, response.json()) == (200, {"hello": "alice"})
    assert response["Cache-Control"] == "no-store"


def test_check_again_answers_409(client, number, url, outbox):
    post(client, f"{url}check/", code=outbox[-1].code)
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert (response.status_code, response.json()["code"]) == (409, "already_validated")


def test_check_of_an_unknown_number_answers_403(client, url, outbox):
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert response.status_code == 403
    assert response.json() == {"code": "no_account", "detail": "No account has this phone number."}


def test_check_of_an_inactive_user_answers_the_same(client, number, url, outbox):
    get_user_model().objects.update(is_active=False)
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert response.status_code == 403
    assert response.json() == {"code": "no_account", "detail": "No account has this phone number."}


def test_check_creates_the_user(client, url, outbox, settings):
    settings.DING |= {"LOGIN_CREATES_USER": True}
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert response.json() == {"hello": get_user_model().objects.get().username}


def test_check_answers_503_where_the_user_cannot_be_created(client, url, outbox, settings):
    settings.DING |= {"LOGIN_CREATES_USER": True, "USER_FACTORY": f"{__name__}.fail"}
    response = post(client, f"{url}check/", code=outbox[-1].code)
    assert response.status_code == 503
    assert response.json() == {
        "code": "account_not_created",
        "detail": "We couldn't create your account. Contact support.",
    }


def fail(authentication):
    raise ZeroDivisionError


def test_check_wrong_code_counts_down(client, number, url):
    answers = [post(client, f"{url}check/", code=WRONG) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert [answer.json().get("remaining_checks") for answer in answers] == [4, 3, 2, 1, 0, None]


def test_check_expired_answers_410(clock, client, number, url, outbox):
    clock.shift(600)
    assert post(client, f"{url}check/", code=outbox[-1].code).status_code == 410


def test_check_outage_answers_503(client, number, url):
    script("check", "server_error")
    assert post(client, f"{url}check/", code=WRONG).status_code == 503


def test_check_malformed_code_answers_400(client, url, simulator):
    response = post(client, f"{url}check/", code=7)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_code")
    assert not simulator.calls["check"]


# Retry


def test_retry_answers_200(clock, client, number, url, outbox):
    clock.shift(30)
    response = post(client, f"{url}retry/")
    assert response.json() == {
        "status": "approved",
        "channel": None,
        "next_retry_at": "2026-06-01T12:01:00Z",
        "remaining_retry": 2,
    }
    assert len(outbox) == 2


def test_retry_too_early_answers_429(client, url):
    assert post(client, f"{url}retry/").status_code == 429


# Whose it is


@pytest.mark.parametrize("action", ["", "check/", "retry/"])
def test_login_is_no_authentication_of_the_others(client, member, url, action, simulator):
    url = url.replace(URL, AUTHENTICATIONS)
    for caller in (client, member):
        call = caller.post if action else caller.get
        assert call(url + action, {"code": WRONG}, format="json").status_code == 404
    assert simulator.calls == {"send": 1}


def test_login_is_one_of_the_others_where_anybody_may(client, url, settings):
    settings.DING |= {"ANONYMOUS_PURPOSES": ["login"]}
    assert client.get(url.replace(URL, AUTHENTICATIONS)).status_code == 200


@pytest.mark.parametrize("action", ["check/", "retry/"])
@pytest.mark.parametrize("purpose", ["link", "signup", "second_factor", "login"])
def test_others_are_no_logins(member, user, phone, purpose, action, simulator):
    """A user's own is none either, whatever they made it for."""
    authentication = send(phone, purpose=purpose, user=None if purpose == "signup" else user).authentication
    response = post(member, f"{URL}{authentication.public_id}/{action}", code=WRONG)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert simulator.calls == {"send": 1}


@pytest.mark.parametrize("public_id", [uuid.UUID(int=1), "nonsense", "é", "0" * 500, "%00"])
@pytest.mark.parametrize("action", ["check/", "retry/"])
def test_unknown_does_not_exist(client, public_id, action):
    assert post(client, f"{URL}{public_id}/{action}", code=WRONG).status_code == 404


# Nobody learns who has an account


def everything(clock, simulator, phone):
    """Return all that can be seen of a login with a number: answers, statements and what reaches the provider."""
    client = Client()
    seen = []

    def see(path, **body):
        with Statements() as statements:
            response = client.post(path, body, content_type="application/json")
        seen.append((response.status_code, dict(response.headers), masked(response.content.decode(), phone)))
        seen.extend(shape(sql) for sql in statements.sql)
        return response

    before = Counter(simulator.calls)
    url = f"{URL}{see(URL, phone_number=phone).json()['id']}/"
    see(URL, phone_number=phone)
    see(f"{url}check/", code=WRONG)
    see(f"{url}retry/")
    clock.shift(30)
    see(f"{url}retry/")
    clock.shift(30)
    see(URL, phone_number=phone)
    for _ in range(5):
        see(f"{url}check/", code=WRONG)
    see(URL, phone_number=phone)
    return [*seen, Counter(simulator.calls) - before]


def masked(text, phone):
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text.replace(phone, "NUMBER"))


def shape(sql):
    return re.sub(r"'[^']*'|\b[0-9a-f]{32,}\b|\d+", "?", sql)


@pytest.mark.parametrize("is_active", [True, False])
def test_known_and_unknown_numbers_look_the_same(clock, simulator, number, is_active):
    get_user_model().objects.update(is_active=is_active)
    known = everything(clock, simulator, number.phone_number)
    clock.shift(-60)
    unknown = everything(clock, simulator, "+33612345699")
    assert known == unknown
    assert {status for status, *_ in known[:-1] if isinstance(status, int)} == {200, 201, 400, 429}
    assert known[-1] == {"send": 1, "retry": 2, "check": 5}


# The database


def test_login_takes_three_statements(client, number):
    with Statements() as statements:
        post(client, URL, phone_number=number.phone_number)
    assert len(statements) == 3


def test_check_wrong_code_takes_four_statements(client, number, url):
    with Statements() as statements:
        post(client, f"{url}check/", code=WRONG)
    assert len(statements) == 4


def test_check_right_code_takes_seven_statements(client, number, url, outbox):
    with Statements() as statements:
        post(client, f"{url}check/", code=outbox[-1].code)
    assert len(statements) == 7


def test_check_that_issues_a_token_takes_ten_statements(client, number, url, outbox, settings):
    settings.DING |= {"TOKEN_ISSUER": "django_ding.api.tokens.authtoken"}
    with Statements() as statements:
        post(client, f"{url}check/", code=outbox[-1].code)
    assert Token.objects.count() == 1
    assert len(statements) == 10


def test_login_is_not_there_without_a_phone_backend(client, settings, phone, simulator):
    """Including the API opens no account of a project whose people log in with passwords."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in ("", f"{unknown}/check/", f"{unknown}/retry/"):
        answer = client.post(f"/api/phone/login/{path}", {"phone_number": phone, "code": "123456"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not simulator.calls


def test_recovery_code_is_for_the_pages(client, url, number, other_user):
    code = create_recovery_code(number.user, created_by=other_user, reason="Passport checked").code
    response = post(client, f"{url}check/", code=code)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_code")
    assert Authentication.objects.get().check_count == 0
    assert redeem_recovery_code(code, user=number.user).recovery_code
