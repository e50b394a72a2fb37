"""Prelude's own SDKs for version 2, in Python and Node, unchanged, against the sandbox in a process of its own.

Both take the same steps: each test asks an SDK for what a program in its language would.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("DING_REQUIRE_SDK") != "1":
    pytest.importorskip("prelude_python_sdk", reason="prelude-python-sdk is not installed")

import prelude_python_sdk
import requests
from prelude_python_sdk import Prelude

from django_ding.sandbox.errors import V2_ERRORS

from .helpers import PHONE, target

pytestmark = pytest.mark.sdk

API_KEY = "sdk-key"
NODE_PACKAGE = "@prelude.so/sdk"
PROGRAM = Path(__file__).with_name("sdk.mjs")

#: Errors that a request or a number brings about, and how: by the options of a create, or by a special number.
BY_OPTIONS = {
    "invalid_code_size": {"code_size": 9},
    "custom_code_not_allowed": {"custom_code": "123456"},
    "invalid_app_realm": {"app_realm": {"platform": "android"}},
    "invalid_app_realm_platform": {"app_realm": {"platform": "ios", "value": "x"}},
    "invalid_app_realm_value": {"app_realm": {"platform": "android", "value": "short"}},
    "invalid_callback_url": {"callback_url": "nowhere"},
    "invalid_locale": {"locale": "?"},
    "invalid_sender_id": {"sender_id": "?"},
    "invalid_template_id": {"template_id": ""},
    "invalid_template_variables": {"template_id": "prelude:psd2"},
    "invalid_request": {"method": "pigeon"},
}
BY_NUMBER = {
    "unsupported_country": "+12025550114",
    "insufficient_balance": "+12025550116",
    "suspended_account": "+12025550117",
    "spending_limit_exceeded": "+12025550118",
    "invalid_api_key": "+12025550119",
    "internal": "+12025550129",
    "too_many_attempts": "+12025550182",
    "invalid_line_type": "+12025550183",
    "channel_not_enabled_in_region": "+12025550184",
    "template_not_found": "+12025550185",
    "invalid_bearer_token": "+12025550186",
    "undocumented_error": "+12025550187",
}
STATUSES = {"internal": 500, "too_many_attempts": 429, "invalid_api_key": 401, "invalid_bearer_token": 401}
CLASSES = {400: "BadRequestError", 401: "AuthenticationError", 429: "RateLimitError", 500: "InternalServerError"}


@pytest.fixture(scope="module")
def url():
    command = [sys.executable, "-m", "django_ding.sandbox", "--port", "0", "--api-key", API_KEY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield process.stdout.readline().split()[-1].rstrip("/")
    process.terminate()
    process.communicate(timeout=10)


class PythonSDK:
    """Calls methods of the Python SDK by their dotted names."""

    def __init__(self, url: str) -> None:
        self._client = Prelude(api_token=API_KEY, base_url=url, max_retries=0)

    def __call__(self, method: str, *args: Any, **fields: Any) -> dict[str, Any]:
        called: Any = self._client
        for name in method.split("."):
            called = getattr(called, name)
        try:
            return {"answer": called(*args, **fields).to_dict(mode="json")}
        except prelude_python_sdk.APIStatusError as error:
            return {"error": type(error).__name__, "status": error.status_code, "body": error.body}

    def close(self) -> None:
        self._client.close()


class NodeSDK:
    """Calls methods of the Node SDK by the same names, in a process that reads a line per call."""

    def __init__(self, url: str, folder: Path) -> None:
        shutil.copy(PROGRAM, folder)
        command = ["node", PROGRAM.name, API_KEY, url]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=folder, **pipes)

    def __call__(self, method: str, *args: Any, **fields: Any) -> dict[str, Any]:
        camel = re.sub("_([a-z])", lambda match: match[1].upper(), method)
        arguments = [*args, fields] if fields else list(args)
        self._process.stdin.write(json.dumps({"method": camel, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory):
    """A folder with the Node SDK, installed by npm."""
    if os.environ.get("CI") != "true" and not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node is not installed")
    folder = tmp_path_factory.mktemp("node")
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), NODE_PACKAGE]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="module", params=["python", "node"])
def sdk(request, url):
    made = PythonSDK(url) if request.param == "python" else NodeSDK(url, request.getfixturevalue("node_folder"))
    yield made
    made.close()


@pytest.fixture
def code(url):
    """Return a function that reads the newest code of a number."""

    def read(phone_number):
        answer = requests.get(f"{url}/inbox.json", params={"phone_number": phone_number}, timeout=10)
        return answer.json()["messages"][0]["code"]

    return read


def status(found):
    return found["answer"]["status"]


@pytest.fixture
def number(request):
    """A number of its own for each test and SDK, so that no window is shared."""
    return f"+3361{zlib.crc32(request.node.name.encode()) % 10**6:06}0"


def test_create_retry_wrong_right_and_expired(sdk, code, number):
    created = sdk("verification.create", target=target(number), metadata={"correlation_id": "ours"})["answer"]
    assert (created["status"], created["method"]) == ("success", "message")
    assert created["metadata"] == {"correlation_id": "ours"}
    retried = sdk("verification.create", target=target(number))["answer"]
    assert (retried["status"], retried["id"], retried["channels"][0]) == ("retry", created["id"], "whatsapp")
    newest = code(number)
    wrong = f"{(int(newest) + 1) % 10**6:06}"
    statuses = [
        status(sdk("verification.check", target=target(number), code=entered)) for entered in (wrong, newest, newest)
    ]
    assert statuses == ["failure", "success", "expired_or_not_found"]


def test_blocked(sdk):
    answer = sdk("verification.create", target=target("+12025550111"))["answer"]
    assert (answer["status"], answer["reason"]) == ("blocked", "suspicious")
    assert answer["risk_factors"] == ["ip_reputation", "number_range_abuse"]


def test_silent(sdk, url):
    answer = sdk("verification.create", target=target("+12025550178"))["answer"]
    if answer["status"] == "success":  # The other SDK has had this number, too.
        opened = requests.get(answer["silent"]["request_url"], timeout=10).json()
        checked = sdk("verification.check", target=target("+12025550178"), code=opened["code"])
        assert status(checked) == "success"


def test_lookup(sdk):
    answer = sdk("lookup.lookup", "+61491570156", type=["cnam"])["answer"]
    assert (answer["country_code"], answer["line_type"], answer["flags"]) == ("AU", "mobile", [])
    assert answer["caller_name"] == "Caller 0156"
    assert sdk("lookup.lookup", "+12025550160")["answer"]["flags"] == ["ported"]


def test_watch(sdk):
    predicted = sdk("watch.predict", target=target("+12025550111"), signals={"ip": "192.0.2.1"})["answer"]
    assert predicted["prediction"] == "suspicious"
    event = {"target": target(PHONE), "label": "account.banned", "confidence": "minimum"}
    assert status(sdk("watch.send_events", events=[event])) == "success"
    feedback = {"target": target(PHONE), "type": "verification.completed"}
    assert status(sdk("watch.send_feedbacks", feedbacks=[feedback])) == "success"


def test_lists(sdk):
    number = "+447400123456"
    added = sdk("verification_management.set_phone_number", "block", phone_number=number)["answer"]
    assert added["phone_number"] == number
    listed = sdk("verification_management.list_phone_numbers", "block")["answer"]["phone_numbers"]
    assert [one["phone_number"] for one in listed] == [number]
    assert sdk("verification.create", target=target(number))["answer"]["reason"] == "in_block_list"
    sdk("verification_management.delete_phone_number", "block", phone_number=number)
    assert sdk("verification_management.list_phone_numbers", "block")["answer"]["phone_numbers"] == []


@pytest.mark.parametrize("error", [*BY_NUMBER, *BY_OPTIONS])
def test_errors(sdk, error):
    fields = {"options": BY_OPTIONS[error]} if error in BY_OPTIONS else {}
    found = sdk("verification.create", target=target(BY_NUMBER.get(error, PHONE)), **fields)
    expected = STATUSES.get(error, 400)
    assert (found["error"], found["status"], found["body"]["code"]) == (CLASSES[expected], expected, error)
    assert error in V2_ERRORS or error == "undocumented_error"


def test_limits(sdk, code, number):
    sdk("verification.create", target=target(number))
    for _ in range(5):
        assert status(sdk("verification.check", target=target(number), code="0")) == "failure"
    assert sdk("verification.check", target=target(number), code=code(number))["body"]["code"] == "too_many_checks"
    found = [sdk("verification.create", target=target(number)) for _ in range(5)]
    assert [one.get("answer", one.get("body")).get("status") for one in found] == ["success", *["retry"] * 3, None]
    assert found[-1]["body"]["code"] == "too_many_attempts"


def test_429_names_when_to_try_again(url):
    with Prelude(api_token=API_KEY, base_url=url, max_retries=0) as client:
        with pytest.raises(prelude_python_sdk.RateLimitError) as refused:
            client.verification.create(target=target("+12025550130"))
        assert refused.value.response.headers["Retry-After"] == "30"


def test_another_key_is_refused(url):
    with (
        Prelude(api_token="other", base_url=url, max_retries=0) as client,
        pytest.raises(prelude_python_sdk.AuthenticationError),
    ):
        client.lookup.lookup(PHONE)


# What the Node SDK does not have yet.


@pytest.fixture
def client(url):
    with Prelude(api_token=API_KEY, base_url=url, max_retries=0) as opened:
        yield opened


def test_history(client, number):
    created = client.verification.create(target=target(number), options={"method": "voice"})
    found = client.verification.phone.history.retrieve(created.id)
    assert (found.status, found.phone_number) == ("sent", number)
    assert (found.expires_at - found.created_at).total_seconds() == 600
    assert [event.type for event in found.lifecycle.events] == ["create", "attempt"]
    assert found.lifecycle.events[1].attempt.channel == "voice"
    assert found.lifecycle.total_cost.amount == "0.039"
    with pytest.raises(prelude_python_sdk.NotFoundError):
        client.verification.phone.history.retrieve("vrf_unknown")


def test_history_in_pages(client, number):
    for last in "12":
        client.verification.create(target=target(f"{number[:-1]}{last}"), signals={"device_platform": "tvos"})
    history = client.verification.phone.history
    first = history.list(device_platform="tvos", channels=["sms", "voice"], limit=1)
    second = history.list(device_platform="tvos", channels=["sms", "voice"], limit=1, cursor=first.next_cursor)
    assert [one.phone_number[-1] for one in (*first.verifications, *second.verifications)] == ["2", "1"]
    assert second.next_cursor is None


def test_sandbox_numbers(client, number):
    numbers = client.verification_management.sandbox
    numbers.add_phone_number(phone_number=number, attempt_code="4242")
    assert [(one.phone_number, one.attempt_code) for one in numbers.list_phone_numbers().phone_numbers] == [
        (number, "4242")
    ]
    client.verification.create(target=target(number))
    assert client.verification.check(target=target(number), code="4242").status == "success"
    assert numbers.delete_phone_number(number).phone_number == number
