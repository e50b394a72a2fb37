import pytest

from django_ding.backends.prelude.errors import ERRORS
from django_ding.backends.types import Channel, FeedbackStatus, SendRequest
from django_ding.codes import CODES, Fault
from django_ding.exceptions import BackendRejected, BackendUnavailable, InputError
from tests.backends.helpers import PHONE, make_sent
from tests.backends.servers import answer, refusal

#: The provider's code → this app's. Those with a sentence for maintainers are our account's fault.
ACCOUNT = {
    "missing_api_token": "unauthorized",
    "invalid_api_token": "unauthorized",
    "invalid_api_key": "unauthorized",
    "invalid_bearer_token": "unauthorized",
    "insufficient_balance": "negative_balance",
    "suspended_account": "suspended_account",
    "spending_limit_exceeded": "spending_limit_exceeded",
    "invalid_request": "bad_request",
    "invalid_template_id": "invalid_template_id",
    "template_not_found": "invalid_template_id",
    "template_not_registered_in_country": "invalid_template_id",
    "invalid_template_variables": "invalid_template_id",
    "invalid_sender_id": "invalid_sender_id",
    "custom_code_not_allowed": "custom_code_not_allowed",
    "custom_size_conflict": "custom_size_conflict",
    "invalid_code_size": "invalid_code_size",
    "email_verification_not_allowed": "email_verification_not_allowed",
    "invalid_callback_url": "invalid_callback_url",
    "invalid_correlation_id": "invalid_correlation_id",
    "invalid_locale": "invalid_locale",
    "invalid_date_format": "bad_request",
    "expires_at_in_past": "bad_request",
    "expires_at_too_far_in_future": "bad_request",
    "batch_size_exceeded": "bad_request",
    "empty_batch": "bad_request",
    "category_forbidden": "bad_request",
}
INPUT = {
    "invalid_phone_number": "invalid_phone_number",
    "invalid_line_type": "invalid_line",
    "unsupported_country": "unsupported_region",
    "channel_not_enabled_in_region": "unsupported_region",
    "impossible_code": "impossible_code",
    "invalid_app_realm": "invalid_app_realm",
    "invalid_app_realm_platform": "invalid_app_realm",
    "invalid_app_realm_value": "invalid_app_realm",
    "invalid_device_id": "invalid_device_id",
    "invalid_os_version": "invalid_os_version",
}


def send_error(backend, **fields):
    with pytest.raises((InputError, BackendRejected, BackendUnavailable)) as raised:
        backend.send(SendRequest(phone_number=PHONE, **fields))
    return raised.value


def test_the_tables_above_are_complete():
    assert ERRORS.keys() == ACCOUNT.keys() | INPUT.keys()


@pytest.mark.parametrize("code", ACCOUNT)
def test_an_error_of_our_account(backend, provider, code):
    provider.will(refusal(code, status=401 if ACCOUNT[code] == "unauthorized" else 400))
    error = send_error(backend)
    assert (type(error), error.code) == (BackendRejected, ACCOUNT[code])
    assert code in str(error)
    assert ERRORS[code].explanation in str(error)
    assert CODES[error.code].fault is Fault.ACCOUNT
    assert CODES[error.code].explanation


@pytest.mark.parametrize("code", INPUT)
def test_an_error_of_the_users(backend, provider, code):
    provider.will(refusal(code))
    error = send_error(backend)
    assert (type(error), error.code) == (InputError, INPUT[code])
    assert str(error) == str(CODES[error.code].user_message)


def test_a_channel_that_the_user_chose_and_can_change(backend, provider):
    provider.will(refusal("channel_not_enabled_in_region"))
    assert send_error(backend, channel=Channel.WHATSAPP).code == "unsupported_channel"


@pytest.mark.parametrize(
    ("answered", "family", "code"),
    [
        (refusal("brand_new", status=400), BackendRejected, "brand_new"),
        (refusal("brand_new", status=404), BackendRejected, "brand_new"),
        (refusal("brand_new", status=422), BackendRejected, "brand_new"),
        (refusal("brand_new", status=401), BackendRejected, "unauthorized"),
        (answer(body=b"Forbidden", status=403), BackendRejected, "unauthorized"),
        (answer({}, status=400), BackendRejected, "bad_request"),
        (refusal("+33612345678", status=400), BackendRejected, "bad_request"),
        (refusal("code_123456", status=400), BackendRejected, "bad_request"),
        (answer({"code": 7}, status=409), BackendRejected, "bad_request"),
        (refusal("internal", status=500), BackendUnavailable, "internal_server_error"),
        (refusal("brand_new", status=500), BackendUnavailable, "brand_new"),
        (answer(body=b"Bad Gateway", status=502), BackendUnavailable, "http_502"),
        (answer({}, status=408), BackendUnavailable, "http_408"),
        (answer({}, status=302), BackendUnavailable, "redirected"),
        (answer(body=b"<html>"), BackendUnavailable, "not_json"),
    ],
)
def test_an_undocumented_error_is_of_the_family_of_its_http_status(backend, provider, answered, family, code):
    provider.will(answered)
    error = send_error(backend)
    assert (type(error), error.code) == (family, code)
    assert "33612345678" not in str(error)
    assert "123456" not in str(error)


def test_an_outage_says_how_long_to_wait(backend, provider):
    provider.will(answer({}, status=503, headers={"Retry-After": "20"}))
    error = send_error(backend)
    assert (error.retry_after, error.may_have_executed) == (20, True)


def test_no_post_is_repeated_that_may_have_been_executed(make_backend, provider):
    backend = make_backend(read_timeout=0.2)
    for fault in ({"close": True}, {"silent": True}):
        provider.requests.clear()
        provider.will(type(answer())(**fault))
        assert isinstance(send_error(backend), BackendUnavailable)
        assert len(provider.requests) == 1


def test_operations_without_a_window_have_limits_as_outages(make_backend, provider):
    backend = make_backend(supports_status=True, supports_feedback=True)
    calls = [
        lambda: backend.status(make_sent("vrf_1")),
        lambda: backend.lookup(PHONE),
        lambda: backend.feedback(PHONE, FeedbackStatus.ONBOARDED),
    ]
    for call in calls:
        provider.will(answer({}, status=429, headers={"Retry-After": "9"}))
        with pytest.raises(BackendUnavailable) as raised:
            call()
        assert (raised.value.code, raised.value.retry_after) == ("too_many_requests", 9)
        assert not raised.value.may_have_executed
