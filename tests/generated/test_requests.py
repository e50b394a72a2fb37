"""Requests made of the schema, well-formed and malformed, and some that no schema would make."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from django_ding.models import PhoneNumber
from django_ding.services import send
from django_ding.testing import outbox
from tests.generated.api import ALICE, BOB, NOBODY, signed_in

pytestmark = pytest.mark.slow

CALLERS = st.sampled_from([NOBODY, ALICE, BOB])
OPERATIONS = [
    "send_code",
    "get_phone_authentication",
    "check_code",
    "retry_code",
    "send_login_code",
    "log_in",
    "retry_login_code",
    "list_phone_numbers",
    "remove_phone_number",
    "make_phone_number_primary",
    "step_up",
    "list_devices",
    "forget_device",
]
WITH_BODIES = ["send_code", "check_code", "retry_code", "send_login_code", "log_in"]


def test_operations_are_all_here(api):
    assert sorted(api.operations) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", OPERATIONS)
def test_requests_of_the_schema_are_answered_as_it_says(api, examples, leaks, name, mode):
    cases = api.operations[name].as_strategy(generation_mode=mode)

    @examples(0.02)
    @given(case=cases, who=CALLERS, is_known=st.booleans())
    def ask(case, who, is_known):
        api.reset()
        if is_known and case.path_parameters:
            case.path_parameters = known(api, name)
        assume(not is_answered_before_us(case.headers or {}))
        api.compare(name, case.call(headers=signed_in(who)))
        assert 503 not in api.statuses
        assert not leaks.found

    ask()


def is_answered_before_us(headers):
    """Return whether a server or Django rejects the headers: NUL in one (RFC 9110, section 5.5), or another host."""
    return any("\0" in value for value in headers.values()) or "host" in map(str.lower, headers)


def known(api, name):
    """Return the id of a row that the operation may be about, in place of a generated one."""
    alice = api.users[0]
    if "phone_number" in name:
        row = PhoneNumber.objects.create(user=alice, phone_number="+12025550101", is_primary=True)
    else:
        row = send("+12025550102", user=alice).authentication
    return {"public_id": str(row.public_id)}


# What no schema would make

FIELDS = st.sampled_from(["phone_number", "purpose", "device_type", "app_realm", "locale", "code"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(FIELDS | st.text(), inner),
    max_leaves=30,
)
NESTED = st.builds(
    lambda depth, pair: pair[0] * depth + pair[1] * depth,
    st.integers(1, 2_000),
    st.sampled_from([("[", "]"), ('{"code":', "}")]),
)
BODIES = (
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | NESTED.map(str.encode)
    | st.text().map(lambda text: json.dumps({"phone_number": text, "code": text}).encode())
)
CONTENT_TYPES = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=idna",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/xml",
        "text/plain",
        "x",
        "",
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(["*/*", "application/json", "text/html", "application/xml", "x", ""]),
        "Accept-Language": st.sampled_from(["fr", "xx", "*;q=x", "\u00e9" * 200]),
        "Authorization": st.sampled_from(["Basic", "Basic x", "Basic YTpi", "Basic //8=", "Bearer x y", "\u00e9"]),
        "Cookie": st.sampled_from(["sessionid=x", "csrftoken=\u00e9", ";;="]),
        "X-Forwarded-For": st.sampled_from(["192.0.2.1", "x, ,y", "::1"]),
        "Content-Length": st.sampled_from(["0", "1"]),
        "Host": st.sampled_from(["localhost", "[::1]"]),
    },
)


@pytest.mark.parametrize("name", WITH_BODIES)
def test_requests_out_of_any_bytes_are_answered(api, examples, leaks, name):
    @examples(0.04)
    @given(body=BODIES, content_type=CONTENT_TYPES, headers=HEADERS, who=CALLERS)
    def ask(body, content_type, headers, who):
        api.reset()
        path = api.operations[name].path.format(**known(api, name))
        api.send(name, who, path=path, data=body, content_type=content_type, headers=headers)
        assert 503 not in api.statuses
        assert not leaks.found

    ask()


@pytest.mark.parametrize("field", ["phone_number", "code"])
def test_anything_typed_is_answered(api, examples, leaks, field):
    name = {"phone_number": "send_code", "code": "check_code"}[field]

    @examples(0.04)
    @given(typed=st.text() | st.from_regex(r"[+0-9 ()\-./]{1,70}", fullmatch=True), who=CALLERS)
    def ask(typed, who):
        api.reset()
        path = known(api, name)
        messages = len(outbox)
        response = api.ask(name, who, body={field: typed}, **path)
        assert len(outbox) == messages + (response.status_code == 201)
        assert 503 not in api.statuses
        assert not leaks.found

    ask()
