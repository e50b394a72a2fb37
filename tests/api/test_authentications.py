"""An authentication after it was sent: look at it, check it, retry it."""

import uuid

import pytest

from django_ding.models import Authentication, PhoneNumber
from django_ding.services import send, verify_proof
from django_ding.testing import sandbox, script
from tests.helpers import Statements
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
WRONG = "000000"


@pytest.fixture
def sent(user, phone):
    """An authentication of Alice's."""
    return send(phone, user=user).authentication


@pytest.fixture
def url(sent):
    return f"{URL}{sent.public_id}/"


def check(client, url, code):
    return client.post(f"{url}check/", {"code": code}, format="json")


# Look


def test_retrieve_shows_where_it_stands(member, url, sent):
    response = member.get(url)
    assert response.status_code == 200
    assert (response.json()["id"], response.json()["status"]) == (str(sent.public_id), "pending")


@pytest.mark.parametrize("action", ["", "check/", "retry/"])
def test_another_users_is_not_found(stranger, client, url, action, simulator):
    for outsider in (stranger, client):
        call = outsider.post if action else outsider.get
        response = call(url + action, {"code": WRONG}, format="json")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert simulator.calls == {"send": 1}


@pytest.mark.parametrize("public_id", [uuid.UUID(int=1), "nonsense", "1", "é", "0" * 500, "%00"])
@pytest.mark.parametrize("action", ["", "check/", "retry/"])
def test_unknown_does_not_exist(member, public_id, action):
    call = member.post if action else member.get
    response = call(f"{URL}{public_id}/{action}", {"code": WRONG}, format="json")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_anonymous_one_needs_only_its_id(client, member, phone):
    url = f"{URL}{client.post(URL, {'phone_number': phone}, format='json').json()['id']}/"
    assert client.get(url).status_code == 200
    assert member.get(url).status_code == 200


def test_one_of_a_deleted_user_does_not_exist(client, url, user):
    user.delete()
    assert client.get(url).status_code == 404


# Check


def test_check_right_code_answers_200(clock, member, url, sent, outbox, phone):
    response = check(member, url, outbox[-1].code)
    assert response.status_code == 200
    assert response.json() == {
        "status": "valid",
        "id": str(sent.public_id),
        "phone_number": phone,
        "purpose": "link",
        "validated_at": "2026-06-01T12:00:00Z",
    }
    assert PhoneNumber.objects.get().phone_number == phone


def test_check_gives_a_proof_to_who_has_no_account(client, phone, outbox):
    url = f"{URL}{client.post(URL, {'phone_number': phone}, format='json').json()['id']}/"
    proof = check(client, url, outbox[-1].code).json()["proof"]
    assert verify_proof(proof).phone_number == phone


def test_check_wrong_code_counts_down(member, url):
    answers = [check(member, url, WRONG) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400] * 5
    assert [answer.json()["remaining_checks"] for answer in answers] == [4, 3, 2, 1, 0]
    assert answers[3].json() == {
        "code": "invalid",
        "detail": "Incorrect code. 1 attempt left.",
        "remaining_checks": 1,
    }


def test_check_last_wrong_code_says_when_to_request_another(clock, member, url):
    answers = [check(member, url, WRONG) for _ in range(5)]
    assert answers[3].json()["detail"] == "Incorrect code. 1 attempt left."
    assert answers[4].json()["detail"] == "Incorrect code. No attempts left; request a new code in 10 minutes."
    assert (answers[3].json().get("retry_after"), answers[4].json()["retry_after"]) == (None, 600)


def test_check_wrong_code_that_starts_a_lockout_says_so(member, url, settings):
    settings.DING |= {"RATE_LIMITS": {"check": "2/user"}}
    answers = [check(member, url, WRONG) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 403, 403]
    assert answers[1].json() == answers[2].json()
    assert answers[1].json()["code"] == "blocked"
    assert answers[1].json()["detail"].startswith("Too many incorrect codes.")


def test_check_too_many_answers_429(member, url, outbox):
    for _ in range(5):
        check(member, url, WRONG)
    response = check(member, url, outbox[-1].code)
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert 0 < int(response["Retry-After"]) <= 600


def test_check_again_answers_409(member, url, outbox):
    check(member, url, outbox[-1].code)
    response = check(member, url, outbox[-1].code)
    assert (response.status_code, response.json()["code"]) == (409, "already_validated")


def test_check_expired_answers_410(clock, member, url, outbox):
    clock.shift(600)
    response = check(member, url, outbox[-1].code)
    assert (response.status_code, response.json()["code"]) == (410, "expired_auth")


def test_check_number_of_another_account_answers_409(member, url, outbox, other_user, phone):
    PhoneNumber.objects.create(user=other_user, phone_number=phone)
    response = check(member, url, outbox[-1].code)
    assert (response.status_code, response.json()["code"]) == (409, "phone_number_taken")


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("without_attempt", 409, "without_attempt"),
        ("rate_limited", 429, "rate_limited"),
        ("unknown", 503, "unavailable"),
        ("server_error", 503, "unavailable"),
        ("suspended_account", 503, "unavailable"),
    ],
)
def test_check_tells_what_became_of_it(member, url, outcome, status, code):
    script("check", outcome)
    response = check(member, url, WRONG)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("code", ["", None, 123456, ["1"], {}, "123", "123456789", "abcdef", "x" * 65, "12\x003456"])
def test_check_malformed_code_counts_nothing(member, url, sent, code, simulator):
    response = check(member, url, code)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_code"
    assert set(response.json()) <= {"code", "detail", "errors"}
    assert set(response.json().get("errors", ["code"])) == {"code"}
    assert not simulator.calls["check"]
    sent.refresh_from_db()
    assert sent.check_count == 0


def test_check_missing_code_is_named(member, url):
    response = member.post(f"{url}check/", {}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_code")
    assert response.json()["errors"] == {"code": ["This field is required."]}


def test_check_keeps_leading_zeros(member, url, simulator, sent):
    check(member, url, "000001")
    assert simulator.inspect(sent.authentication_uuid).checks[-1].code == "000001"


# Retry


def test_retry_answers_200(clock, member, url, outbox):
    clock.shift(30)
    response = member.post(f"{url}retry/")
    assert response.status_code == 200
    assert response.json() == {
        "status": "approved",
        "channel": None,
        "next_retry_at": "2026-06-01T12:01:00Z",
        "remaining_retry": 2,
    }
    assert len(outbox) == 2


def test_retry_too_early_answers_429(clock, member, url):
    clock.shift(12.5)
    response = member.post(f"{url}retry/")
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert response["Retry-After"] == "18"
    assert response.json()["retry_after"] == 18


def test_retry_after_the_last_answers_429_until_the_end(clock, member, url):
    with sandbox(MAX_RETRIES=0):
        Authentication.objects.update(remaining_retry=0)
        clock.shift(60)
        response = member.post(f"{url}retry/")
    assert (response.status_code, response["Retry-After"]) == (429, "540")


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("denied", 409, "denied"),
        ("no_attempt", 409, "no_attempt"),
        ("already_validated", 409, "already_validated"),
        ("expired_auth", 410, "expired_auth"),
        ("rate_limited", 429, "rate_limited"),
        ("server_error", 503, "unavailable"),
    ],
)
def test_retry_tells_what_became_of_it(clock, member, url, outcome, status, code):
    clock.shift(30)
    script("retry", outcome)
    response = member.post(f"{url}retry/")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_retry_unknown_answer_is_unavailable(member, user, phone):
    with using(Newfangled):
        authentication = send(phone, user=user).authentication
        Authentication.objects.update(next_retry_at=None)
        response = member.post(f"{URL}{authentication.public_id}/retry/")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


# The database


def test_retrieve_takes_one_statement(member, url):
    with Statements() as statements:
        member.get(url)
    assert len(statements) == 1


def test_send_takes_four_statements(member, phone):
    # The first looks for a recovery of the account, which would end the session's confirmation that it's the user.
    with Statements() as statements:
        member.post(URL, {"phone_number": phone}, format="json")
    assert len(statements) == 4


def test_check_that_claims_takes_seven_statements(member, url, outbox):
    with Statements() as statements:
        check(member, url, outbox[-1].code)
    assert len(statements) == 7


def test_check_wrong_code_takes_five_statements(member, url):
    with Statements() as statements:
        check(member, url, WRONG)
    assert len(statements) == 5


def test_check_right_code_of_anonymous_takes_four_statements(client, phone, outbox):
    url = f"{URL}{client.post(URL, {'phone_number': phone}, format='json').json()['id']}/"
    with Statements() as statements:
        check(client, url, outbox[-1].code)
    assert len(statements) == 4


def test_retry_takes_four_statements(clock, member, url):
    clock.shift(30)
    with Statements() as statements:
        member.post(f"{url}retry/")
    assert len(statements) == 4
