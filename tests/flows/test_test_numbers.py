"""Numbers with a fixed code, from the first message to the proof."""

import pytest
from django.core.cache import caches
from django.test import override_settings

from django_ding import signals
from django_ding.conf import TEST_NUMBERS_ALIAS
from django_ding.exceptions import BackendRejected, RateLimited
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import CheckStatus, RetryStatus, check, reconcile, retry, send
from django_ding.testing import sandbox
from tests.helpers import timeline

pytestmark = pytest.mark.django_db

NUMBER, CODE = "+12025550100", "424242"
WRONG = "000000"
URL = "/api/phone/authentications/"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test-numbers"}}


@pytest.fixture(autouse=True)
def outbox():
    with sandbox(TEST_NUMBERS={NUMBER: CODE}) as messages:
        yield messages


@pytest.fixture
def verified():
    """Who was verified while the test ran."""
    seen = []

    def receiver(authentication, **kwargs):
        seen.append(authentication)

    signals.phone_verified.connect(receiver)
    yield seen
    signals.phone_verified.disconnect(receiver)


def test_send_is_marked_in_the_row(user):
    send("(202) 555-0100", region="US", user=user)
    row = Authentication.objects.get()
    assert (row.backend, row.phone_number, row.status) == (TEST_NUMBERS_ALIAS, NUMBER, "pending")
    assert NUMBER not in row.authentication_uuid


def test_right_code_verifies_without_the_provider(user, verified, outbox, simulator):
    authentication = send(NUMBER, user=user).authentication
    assert check(authentication, WRONG).status is CheckStatus.INVALID
    result = check(authentication, " 424 242 ")
    assert result.status is CheckStatus.VALID
    assert result.phone_number == PhoneNumber.objects.get(user=user, phone_number=NUMBER)
    assert check(authentication, CODE).status is CheckStatus.ALREADY_VALIDATED
    assert len(verified) == 1
    assert not outbox
    assert not simulator.calls


def test_timeline_is_that_of_any_number(user, clock):
    authentication = send(NUMBER, user=user).authentication
    clock.shift(30)
    assert retry(authentication).status is RetryStatus.APPROVED
    check(authentication, CODE)
    assert timeline(authentication, "attempt_number") == [
        ("authentication", "pending", None),
        ("attempt", "approved", 2),
        ("check", "valid", None),
    ]


def test_guessing_ends_at_the_limit(user, verified):
    authentication = send(NUMBER, user=user).authentication
    guesses = [check(authentication, f"{guess:06}").status for guess in range(7)]
    assert guesses == [CheckStatus.INVALID] * 5 + [CheckStatus.RATE_LIMITED] * 2
    assert check(authentication, CODE).status is CheckStatus.RATE_LIMITED
    assert not verified


def test_guesses_with_new_codes_are_bounded_by_the_rates(user, other_user):
    with override_settings(CACHES=LOCAL), sandbox(TEST_NUMBERS={NUMBER: CODE}, RATE_LIMITS={"send": "1/h/phone"}):
        caches["default"].clear()
        send(NUMBER, user=user)
        with pytest.raises(RateLimited):
            send(NUMBER, user=other_user)
    assert Authentication.objects.count() == 1


def test_send_again_within_the_cooldown_changes_nothing(user):
    assert send(NUMBER, user=user).authentication == send(NUMBER, user=user).authentication


def test_retries_are_bounded(user, clock):
    authentication = send(NUMBER, user=user).authentication
    statuses = [retry(authentication).status]
    for _ in range(4):
        clock.shift(30)
        statuses.append(retry(authentication).status)
    assert statuses == [RetryStatus.RATE_LIMITED, *[RetryStatus.APPROVED] * 3, RetryStatus.RATE_LIMITED]


def test_code_expires(user, clock):
    authentication = send(NUMBER, user=user).authentication
    clock.shift(601)
    assert check(authentication, CODE).status is CheckStatus.EXPIRED_AUTH
    assert reconcile().expired == 1


@pytest.mark.parametrize(("number", "backend"), [("+12025550101", TEST_NUMBERS_ALIAS), ("+12025550102", "default")])
def test_code_is_of_no_use_with_another_number(user, verified, number, backend):
    with sandbox(TEST_NUMBERS={NUMBER: CODE, "+12025550101": "171717"}, SANDBOX={"seed": 1}):
        authentication = send(number, user=user).authentication
        assert authentication.backend == backend
        assert check(authentication, CODE).status is CheckStatus.INVALID
    assert not verified


def test_number_that_is_no_longer_listed_expires(user, verified, simulator):
    authentication = send(NUMBER, user=user).authentication
    with sandbox(TEST_NUMBERS={}):
        assert check(authentication, CODE).status is CheckStatus.EXPIRED_AUTH
        assert Authentication.objects.get().status == "expired"
        assert send(NUMBER, user=user).authentication.backend == "default"
        assert simulator.calls["send"] == 1
    assert not verified


def test_retry_of_a_number_that_is_no_longer_listed_is_refused(user, clock):
    authentication = send(NUMBER, user=user).authentication
    clock.shift(30)
    with sandbox(TEST_NUMBERS={}):
        assert retry(authentication).status is RetryStatus.EXPIRED_AUTH


def test_alias_is_of_no_use_with_another_number(user, phone, simulator):
    with pytest.raises(BackendRejected):
        send(phone, user=user, backend=TEST_NUMBERS_ALIAS)
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == ("failed", "no_test_number")
    assert not simulator.calls


def test_backend_asked_for_does_not_matter(user):
    with sandbox(TEST_NUMBERS={NUMBER: CODE}, BACKENDS={"other": {"BACKEND": "tests.stubs.Broken"}}):
        assert send(NUMBER, user=user, backend="other").authentication.status == "pending"


@pytest.mark.parametrize("number", ["+33123456789", "+33899701234"], ids=["landline", "premium rate"])
def test_country_and_line_type_do_not_matter(user, number, clock):
    with sandbox(TEST_NUMBERS={number: CODE}, BLOCKED_COUNTRIES=["FR"], LOOKUP_BEFORE_SEND=True):
        authentication = send(number, user=user).authentication
        clock.shift(30)
        assert retry(authentication).status is RetryStatus.APPROVED


def test_rest_from_send_to_proof(user, client, simulator):
    client.force_login(user)
    sent = client.post(URL, {"phone_number": NUMBER})
    assert sent.status_code == 201
    wrong, right = (client.post(f"{URL}{sent.json()['id']}/check/", {"code": code}) for code in (WRONG, CODE))
    assert (wrong.status_code, wrong.json()["remaining_checks"]) == (400, 4)
    assert (right.status_code, right.json()["status"]) == (200, "valid")
    assert user.ding_phone_numbers.get().phone_number == NUMBER
    assert not simulator.calls
