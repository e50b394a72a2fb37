"""Each special number of the sandbox, through the REST API: the response, the row and its events.

Version 1 first, then what version 2 makes of the same numbers.
"""

import pytest
import requests

from django_ding import services
from django_ding.backends.ding.parsing import LINE_TYPES
from django_ding.exceptions import BackendRejected, BackendUnavailable, InputError
from django_ding.models import Authentication
from django_ding.sandbox.special_numbers import AS_USUAL, SPECIAL_NUMBERS
from tests.e2e.helpers import provider

BASE = 12025550100


def number(last_digits: int) -> str:
    return f"+{BASE + last_digits}"


# Last digits → HTTP status and code of the answer, status and error code of the row.
SENDS = {
    10: (429, "rate_limited", "rate_limited", "rate_limited"),
    11: (403, "blocked", "spam_detected", "spam_detected"),
    12: (403, "blocked", "failed", "blocked_number"),
    13: (400, "invalid_line", "failed", "invalid_line"),
    14: (400, "unsupported_region", "failed", "unsupported_region"),
    15: (400, "invalid_phone_number", "failed", "invalid_phone_number"),
    16: (503, "unavailable", "failed", "negative_balance"),
    17: (503, "unavailable", "failed", "suspended_account"),
    18: (503, "unavailable", "failed", "spending_limit_exceeded"),
    19: (503, "unavailable", "failed", "account_invalid"),
    28: (503, "unavailable", "failed", "timeout"),
    29: (503, "unavailable", "failed", "http_500"),
    30: (503, "unavailable", "failed", "too_many_requests"),
    31: (503, "unavailable", "failed", "not_json"),
    32: (503, "unavailable", "failed", "not_json"),
    33: (503, "unavailable", "failed", "not_json"),
}

# Last digits → delivery status and channel of the row after a refresh.
DELIVERIES = {
    20: ("undeliverable", "sms"),
    21: ("in_transit", "sms"),
    22: ("in_transit", "sms"),  # A report of "unknown" changes nothing.
    23: ("delivered", "whatsapp"),
    24: ("delivered", "rcs"),
    25: ("delivered", "viber"),
    26: ("delivered", "zalo"),
    27: ("delivered", "telegram"),
}

# Last digits → HTTP status and code of the answer to the right code, status of the row.
CHECKS = {
    36: (409, "without_attempt", "pending"),
    37: (429, "rate_limited", "pending"),
    38: (410, "expired_auth", "expired"),
    39: (503, "unavailable", "pending"),
    61: (409, "already_validated", "expired"),
    62: (400, "invalid", "pending"),
    63: (503, "unavailable", "pending"),
    64: (503, "unavailable", "pending"),
}

# Last digits → HTTP status and code of the answer to a retry in time, status of the row.
RETRIES = {
    34: (429, "rate_limited", "pending"),
    35: (409, "denied", "pending"),
    65: (409, "no_attempt", "pending"),
    66: (429, "rate_limited", "pending"),
    67: (410, "expired_auth", "expired"),
    68: (409, "already_validated", "expired"),
    69: (503, "unavailable", "pending"),
    70: (503, "unavailable", "pending"),
}

FEEDBACKS = {
    71: (InputError, "no_associated_auth_found"),
    72: (InputError, "duplicated_feedback_status"),
    73: (BackendUnavailable, "http_500"),
}

LOOKUPS = range(40, 61)


def test_special_numbers_all_covered():
    covered = {*SENDS, *DELIVERIES, *CHECKS, *RETRIES, *FEEDBACKS, *LOOKUPS}
    special = {special.phone_number for special in SPECIAL_NUMBERS.values() if special.description != AS_USUAL}
    assert {number(last_digits) for last_digits in covered} == special


def status_and_code(answer: requests.Response) -> tuple[int, str]:
    assert (answer.status_code not in (429, 503)) or int(answer.headers["Retry-After"]) >= 0
    return answer.status_code, answer.json()["code"]


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", SENDS)
def test_send_special(visitor, settings, last_digits):
    settings.DING = provider(settings, sandbox={"slow_seconds": 1.0}, read_timeout=0.5)
    *answer, row_status, error_code = SENDS[last_digits]
    assert status_and_code(visitor.send(number(last_digits))) == tuple(answer)
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == (row_status, error_code)
    assert row.events.exists()


def test_send_slow_but_in_time(visitor, settings):
    settings.DING = provider(settings, sandbox={"slow_seconds": 0.2})
    assert visitor.send(number(28)).status_code == 201


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", DELIVERIES)
def test_delivery_special(visitor, clock, last_digits):
    sent = visitor.send(number(last_digits))
    assert sent.status_code == 201
    clock.shift(5)
    row = services.refresh(Authentication.objects.get())
    assert (row.delivery_status, row.channel) == DELIVERIES[last_digits]
    assert visitor.check(sent, visitor.codes(number(last_digits))[0]).status_code == 200


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", CHECKS)
def test_check_special(visitor, last_digits):
    sent = visitor.send(number(last_digits))
    *answer, row_status = CHECKS[last_digits]
    assert status_and_code(visitor.check(sent, visitor.codes(number(last_digits))[0])) == tuple(answer)
    assert Authentication.objects.get().status == row_status
    assert visitor.numbers() == []


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", RETRIES)
def test_retry_special(visitor, clock, last_digits):
    sent = visitor.send(number(last_digits))
    clock.shift(31)
    *answer, row_status = RETRIES[last_digits]
    assert status_and_code(visitor.retry(sent)) == tuple(answer)
    assert Authentication.objects.get().status == row_status


@pytest.mark.usefixtures("v1")
def test_retry_far_away_says_when(visitor, clock):
    sent = visitor.send(number(34))
    clock.shift(31)
    assert int(visitor.retry(sent).headers["Retry-After"]) > 86_000


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", FEEDBACKS)
def test_feedback_special(visitor, last_digits):
    error_class, code = FEEDBACKS[last_digits]
    assert visitor.send(number(last_digits)).status_code == 201
    with pytest.raises(error_class) as caught:
        services.feedback(number(last_digits), "onboarded")
    assert caught.value.code == code


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", LOOKUPS)
def test_lookup_special(visitor, last_digits):
    special = SPECIAL_NUMBERS[number(last_digits)]
    line = services.lookup(number(last_digits))
    assert line.line_type == LINE_TYPES[special.outcomes.get("lookup", "Mobile")]
    assert (line.temporary_phone_number, line.number_ported) == (special.temporary, special.ported)
    assert visitor.send(number(last_digits)).status_code == 201


@pytest.mark.usefixtures("v1")
@pytest.mark.parametrize("last_digits", [16, 17, 18, 19])
def test_lookup_rejected_account(example, last_digits):
    with pytest.raises(BackendRejected) as caught:
        services.lookup(number(last_digits))
    assert caught.value.code == SENDS[last_digits][3]


# Version 2. What is not here is as in version 1.

V2_SENDS = SENDS | {
    19: (503, "unavailable", "failed", "unauthorized"),
    29: (503, "unavailable", "failed", "internal_server_error"),
    30: (429, "rate_limited", "rate_limited", "rate_limited"),
}
V2_CHECKS = {
    36: (410, "expired_auth", "expired"),
    37: (429, "rate_limited", "expired"),
    38: (410, "expired_auth", "expired"),
    39: (503, "unavailable", "pending"),
    61: (410, "expired_auth", "expired"),
    62: (400, "invalid", "pending"),
    63: (503, "unavailable", "pending"),
    64: (503, "unavailable", "pending"),
}
V2_RETRIES = {35: (409, "denied"), 66: (429, "rate_limited"), 69: (503, "unavailable"), 70: (503, "unavailable")}


@pytest.mark.parametrize("last_digits", V2_SENDS)
def test_v2_send(visitor, settings, last_digits):
    settings.DING = provider(settings, sandbox={"slow_seconds": 1.0}, read_timeout=0.5)
    *answer, row_status, error_code = V2_SENDS[last_digits]
    assert status_and_code(visitor.send(number(last_digits))) == tuple(answer)
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == (row_status, error_code)


@pytest.mark.parametrize("last_digits", V2_CHECKS)
def test_v2_check(visitor, last_digits):
    sent = visitor.send(number(last_digits))
    *answer, row_status = V2_CHECKS[last_digits]
    assert status_and_code(visitor.check(sent, visitor.codes(number(last_digits))[0])) == tuple(answer)
    assert Authentication.objects.get().status == row_status


@pytest.mark.parametrize("last_digits", V2_RETRIES)
def test_v2_retry(visitor, clock, last_digits):
    sent = visitor.send(number(last_digits))
    clock.shift(31)
    assert status_and_code(visitor.retry(sent)) == V2_RETRIES[last_digits]
