import pytest

from django_ding.backends.types import CheckStatus, SendRequest
from tests.backends.helpers import PHONE, make_sent
from tests.backends.servers import answer, refusal

ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
SENT = make_sent(ID)


def test_a_code_is_checked_for_the_number(backend, provider):
    provider.will(answer({"id": ID, "status": "success"}))
    response = backend.check(SENT, "012345")
    assert (response.status, response.authentication_uuid) == (CheckStatus.VALID, ID)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v2/verification/check")
    assert request.json == {"target": {"type": "phone_number", "value": PHONE}, "code": "012345"}


@pytest.mark.parametrize(
    ("word", "status", "provider_status"),
    [
        ("success", CheckStatus.VALID, ""),
        ("failure", CheckStatus.INVALID, ""),
        ("expired_or_not_found", CheckStatus.EXPIRED_AUTH, ""),
        ("transaction_missing", CheckStatus.UNKNOWN, "transaction_missing"),
        ("transaction_mismatch", CheckStatus.UNKNOWN, "transaction_mismatch"),
        ("brand_new", CheckStatus.UNKNOWN, "brand_new"),
        (None, CheckStatus.UNKNOWN, ""),
    ],
)
def test_status(backend, provider, word, status, provider_status):
    provider.will(answer({"status": word}))
    response = backend.check(SENT, "123456")
    assert (response.status, response.provider_status) == (status, provider_status)


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        (refusal("too_many_checks", status=400), CheckStatus.RATE_LIMITED),
        (refusal("too_many_checks", status=429), CheckStatus.RATE_LIMITED),
        (refusal("too_many_attempts"), CheckStatus.RATE_LIMITED),
        (answer({}, status=429), CheckStatus.RATE_LIMITED),
        (refusal("impossible_code"), CheckStatus.INVALID),
    ],
)
def test_an_error_that_is_an_outcome(backend, provider, answered, status):
    provider.will(answered)
    assert backend.check(SENT, "123456").status is status


def test_only_the_end_of_the_checks_is_final(backend, provider):
    slowly = {"Retry-After": "7"}
    provider.will(refusal("too_many_checks"), answer({}, status=429), answer({}, status=429, headers=slowly))
    assert [backend.check(SENT, "123456").retry_after for _ in range(3)] == [None, 30, 7]


def test_psd2_goes_with_the_check(backend, provider):
    transaction = {"amount": "12.00", "currency": "EUR", "recipient": "Ada"}
    request = SendRequest(phone_number=PHONE, template_id="prelude:psd2", extra={"psd2": transaction})
    provider.will(answer({"id": ID, "status": "success"}), answer({"status": "success"}))
    backend.send(request)
    backend.check(make_sent(ID, request=request), "123456")
    create, check = provider.requests
    assert "psd2" not in create.json["options"]
    assert check.json["psd2"] == transaction
