"""Ding's own Python SDK for version 1, unchanged, against the sandbox in a process of its own."""

import os
import subprocess
import sys

import pytest

if os.environ.get("DING_REQUIRE_SDK") != "1":
    pytest.importorskip("ding", reason="ding_api_client is not installed")

import requests
from ding import Ding
from ding.models import components, errors, operations

from .helpers import CUSTOMER, PHONE

pytestmark = pytest.mark.sdk

API_KEY = "sdk-key"


@pytest.fixture(scope="module")
def url():
    command = [sys.executable, "-m", "django_ding.sandbox", "--port", "0", "--retry-delay", "0"]
    process = subprocess.Popen(
        [*command, "--api-key", API_KEY, "--customer-uuid", CUSTOMER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture
def session():
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def sdk(url, session):
    return Ding(API_KEY, server_url=f"{url}v1", client=session)


@pytest.fixture
def send(sdk):
    def _send(phone_number, **fields):
        request = components.CreateAuthenticationRequest(customer_uuid=CUSTOMER, phone_number=phone_number, **fields)
        return sdk.otp.create_authentication(request).create_authentication_response

    return _send


def read_code(session, url, phone_number):
    answer = session.get(f"{url}inbox.json", params={"phone_number": phone_number}, timeout=10)
    return answer.json()["messages"][0]["code"]


def check(sdk, uuid, code):
    request = components.CreateCheckRequest(customer_uuid=CUSTOMER, authentication_uuid=uuid, check_code=code)
    return sdk.otp.check(request).create_check_response.status.value


def test_sdk_sends_and_checks(sdk, session, url, send):
    sent = send(PHONE, device_type=components.DeviceType.ANDROID, app_realm="FA+9qCX9VSu", is_returning_user=True)
    assert sent.status.value == "pending"
    assert sent.expires_at > sent.created_at
    uuid, code = sent.authentication_uuid, read_code(session, url, PHONE)
    assert check(sdk, uuid, code) == "valid"
    assert check(sdk, uuid, code) == "already_validated"


def test_sdk_retries(sdk, send):
    uuid = send("+447400123456").authentication_uuid
    request = components.RetryAuthenticationRequest(customer_uuid=CUSTOMER, authentication_uuid=uuid)
    retried = sdk.otp.retry(request).retry_authentication_response
    assert (retried.status.value, retried.remaining_retry) == ("approved", 2)
    assert retried.next_retry_at is not None


def test_sdk_sends_feedback(sdk, send):
    send("+12025550100")
    request = components.FeedbackRequest(
        customer_uuid=CUSTOMER,
        phone_number="+12025550100",
        status=components.FeedbackRequestStatus.ONBOARDED,
    )
    assert sdk.otp.feedback(request).feedback_response.uuid
    with pytest.raises(errors.ErrorResponse) as refused:
        sdk.otp.feedback(request)
    assert refused.value.code.value == "duplicated_feedback_status"


def test_sdk_reads_the_status(sdk, send):
    uuid = send("+12025550101", correlation_id="ours").authentication_uuid
    check(sdk, uuid, "000000")
    status = sdk.otp.get_authentication_status(uuid).authentication_status_response
    assert (status.uuid, status.phone_number, status.correlation_id) == (uuid, "+12025550101", "ours")
    assert [event.type.value for event in status.events] == [
        "balance_update",
        "attempt",
        "balance_update",
        "delivery_status",
        "check",
    ]


def test_sdk_looks_up(sdk):
    found = sdk.lookup.lookup("+61491570156", CUSTOMER, [operations.Type.CNAM]).lookup_response
    assert (found.country_code, found.line_type.value) == ("AU", "Mobile")
    assert found.caller_name


def test_sdk_understands_every_error_of_a_send(send):
    with pytest.raises(errors.ErrorResponse) as refused:
        send("+12025550112")
    assert refused.value.code.value == "blocked_number"
    assert "blocked_number" in refused.value.doc_url


def test_sdk_meets_faults(url, session, send):
    with pytest.raises(errors.SDKError):
        send("+12025550129")
    with pytest.raises(requests.ConnectionError):
        send("+12025550131")
    stranger = Ding("other-key", server_url=f"{url}v1", client=session)
    with pytest.raises(errors.SDKError) as refused:
        stranger.otp.get_authentication_status(CUSTOMER)
    assert refused.value.status_code == 403
