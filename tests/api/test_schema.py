"""The schema that drf-spectacular makes of the endpoints. That answers conform to it is shown in tests/generated."""

import subprocess
import sys

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from django_ding.api.schema_codes import by_status
from django_ding.api.views import SendView
from django_ding.codes import CODES, is_user_fault
from django_ding.testing import sandbox

#: With the default authentication classes, of which the first asks for no credentials: there is no 401.
STATUSES = {
    "send_code": {200, 201, 400, 403, 406, 409, 413, 415, 429, 503},
    "get_phone_authentication": {200, 403, 404, 406, 503},
    "check_code": {200, 400, 403, 404, 406, 409, 410, 413, 415, 429, 503},
    "retry_code": {200, 400, 403, 404, 406, 409, 410, 413, 415, 429, 503},
    "send_login_code": {200, 201, 400, 403, 406, 409, 413, 415, 429, 503},
    "log_in": {200, 400, 403, 404, 406, 409, 410, 413, 415, 429, 503},
    "retry_login_code": {200, 400, 403, 404, 406, 409, 410, 413, 415, 429, 503},
    "step_up": {200, 201, 400, 403, 404, 406, 409, 413, 415, 429, 503},
    "list_devices": {200, 403, 406, 503},
    "forget_device": {204, 403, 404, 406, 503},
    "list_phone_numbers": {200, 403, 406, 503},
    "remove_phone_number": {204, 403, 404, 406, 409, 503},
    "make_phone_number_primary": {200, 403, 404, 406, 503},
}
#: Codes about input that ``send_code`` doesn't take, or that have a response of their own.
ELSEWHERE = {"blocked_number", "impossible_code", "invalid_code", "no_associated_auth_found"} | {
    code for code in CODES if "feedback" in code
}


@pytest.fixture
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def operations(schema):
    paths = schema["paths"].values()
    return {operation["operationId"]: operation for path in paths for operation in path.values()}


def test_schema_is_valid_without_a_warning(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def test_channels_are_those_of_the_settings():
    with sandbox(CHANNELS=["whatsapp", "voice"]):
        schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    assert schemas["ChannelEnum"]["enum"] == ["whatsapp", "voice"]
    for name in ("SendCode", "SendLoginCode", "RetryCode"):
        assert "ChannelEnum" in str(schemas[name]["properties"]["channel"])


def test_only_a_send_answers_with_a_silent_verification(schema, operations):
    sent = operations["send_code"]["responses"]["201"]["content"]["application/json"]["schema"]["$ref"]
    assert sent == "#/components/schemas/SentAuthentication"
    base, own = schema["components"]["schemas"]["SentAuthentication"]["allOf"]
    assert base == {"$ref": "#/components/schemas/PhoneAuthentication"}
    assert list(own["properties"]) == ["silent"]
    assert "required" not in own


def test_every_status_is_there(operations):
    assert {
        name: {int(status) for status in operation["responses"]} for name, operation in operations.items()
    } == STATUSES


def test_who_sends_no_credentials_gets_what_the_authentication_classes_say(operations, monkeypatch):
    assert "`not_authenticated`" in operations["send_code"]["responses"]["403"]["description"]
    monkeypatch.setattr(APIView, "authentication_classes", [TokenAuthentication])
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    answers = paths["/api/phone/authentications/"]["post"]["responses"]
    assert "`not_authenticated`" in answers["401"]["description"]
    assert "`permission_denied`" not in answers["403"]["description"]


def test_permissions_of_a_project_are_failures():
    class Permitted(SendView):
        permission_classes = [DjangoModelPermissions]

    answers = by_status(Permitted, "get", [])
    assert answers[403] == ["not_authenticated", "authentication_failed", "permission_denied"]


@pytest.mark.parametrize(
    ("issuer", "component"),
    [
        ("session", "LoggedIn"),
        ("authtoken", "LoginToken"),
        ("simplejwt", "JSONWebTokens"),
        ("knox", "KnoxToken"),
    ],
)
def test_login_answers_what_the_issuer_returns(issuer, component):
    with sandbox(TOKEN_ISSUER=f"django_ding.api.tokens.{issuer}"):
        paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    answers = paths["/api/phone/login/{public_id}/check/"]["post"]["responses"]
    assert answers["200"]["content"]["application/json"]["schema"] == {"$ref": f"#/components/schemas/{component}"}
    assert ("`permission_denied`" in answers["403"]["description"]) == (issuer == "session")
    assert ("`too_many_tokens`" in answers["403"]["description"]) == (issuer == "knox")


def test_login_answers_anything_with_an_issuer_of_the_project():
    with sandbox(TOKEN_ISSUER="tests.api.test_login.issue_name"):
        paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    answers = paths["/api/phone/login/{public_id}/check/"]["post"]["responses"]
    assert answers["200"]["content"]["application/json"]["schema"] == {"type": "object", "additionalProperties": {}}
    assert "`permission_denied`" in answers["403"]["description"]


def test_every_failure_tells_its_codes(operations):
    for operation in operations.values():
        for status, answer in operation["responses"].items():
            assert (answer["description"].startswith("- `")) == (status >= "400")


def test_rejected_input_has_its_code(operations):
    description = operations["send_code"]["responses"]["400"]["description"]
    for code in {code for code in CODES if is_user_fault(code)} - ELSEWHERE:
        assert f"`{code}`" in description


def test_waits_are_headers(operations):
    answers = [answer for operation in operations.values() for answer in operation["responses"].items()]
    assert {status for status, answer in answers if "Retry-After" in answer.get("headers", {})} == {"429", "503"}


def test_anonymous_callers_may_verify_but_have_no_numbers(operations):
    assert {name for name, operation in operations.items() if {} in operation["security"]} == {
        "send_code",
        "get_phone_authentication",
        "check_code",
        "retry_code",
        "send_login_code",
        "log_in",
        "retry_login_code",
    }


def test_throttles_of_the_project_are_failures(monkeypatch):
    monkeypatch.setattr(APIView, "throttle_classes", [AnonRateThrottle])
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"].values()
    for operation in (operation for path in paths for operation in path.values()):
        assert "`throttled`" in operation["responses"]["429"]["description"]
        assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_failures_in_a_format_of_the_project_may_be_anything():
    with sandbox(REST_EXCEPTION_HANDLER="rest_framework.views.exception_handler"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    assert not {"PhoneError", "WrongCode"} & set(schema["components"]["schemas"])
    failure = schema["paths"]["/api/phone/authentications/"]["post"]["responses"]["400"]
    assert failure["content"]["application/json"]["schema"] == {"type": "object", "additionalProperties": {}}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("check_code", ("public_id", "string", "uuid")), ("remove_phone_number", ("public_id", "string", "uuid"))],
)
def test_ids_have_a_type(operations, name, parameter):
    (in_path,) = [parameter for parameter in operations[name]["parameters"] if parameter["in"] == "path"]
    assert (in_path["name"], in_path["schema"]["type"], in_path["schema"].get("format")) == parameter


def test_purposes_are_those_of_the_settings():
    with sandbox(PURPOSES=["payment"], ANONYMOUS_PURPOSES=["newsletter"]):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    assert schema["components"]["schemas"]["PurposeEnum"]["enum"] == ["payment", "newsletter"]


def test_app_does_without_drf_spectacular():
    program = (
        "import sys; sys.modules['drf_spectacular'] = None\n"
        "import django\n"
        "from django.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'rest_framework',"
        " 'django_ding'], ROOT_URLCONF='django_ding.api.urls')\n"
        "django.setup()\n"
        "from django.urls import reverse; print(reverse('phone-numbers'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("/phone-numbers/", "")
