"""``docs/openapi.yaml``: up to date, valid, and what the endpoints do."""

import subprocess
import sys

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from tests.openapi import COMMAND, FILE
from tests.openapi.document import build, codes, operations, render
from tests.openapi.recording import JSON

DOCUMENT = yaml.safe_load(FILE.read_text())
OPERATIONS = operations(DOCUMENT)


def contents(*, failures):
    """Return each content of the document that has examples: what it belongs to, its schema and its examples."""
    for name, operation in OPERATIONS.items():
        parts = {"request": operation["requestBody"]} if "requestBody" in operation and not failures else {}
        parts |= {status: part for status, part in operation["responses"].items() if (status >= "400") == failures}
        for part, described in parts.items():
            if "content" in described:
                yield pytest.param(described["content"][JSON], id=f"{name} {part}")


def find_errors(value, schema):
    """Return why a value is not as the schema says. A key that the schema doesn't know is one, too."""
    closed = {"unevaluatedProperties": False} if isinstance(value, dict) else {}
    validator = Draft202012Validator(
        {**schema, **closed, "components": DOCUMENT["components"]}, format_checker=FormatChecker()
    )
    return [error.message for error in validator.iter_errors(value)]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The document as the endpoints answer now, and what was recorded for it."""
    with django_db_blocker.unblock():
        return build()


@pytest.mark.django_db
@pytest.mark.xdist_group("openapi")
def test_document_is_up_to_date(built):
    if render(built[0]) != FILE.read_text():
        pytest.fail(f"docs/openapi.yaml is not what the endpoints answer. Run: {COMMAND}", pytrace=False)


def test_document_is_valid():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


@pytest.mark.parametrize("content", [*contents(failures=False), *contents(failures=True)])
def test_examples_are_as_their_schema_says(content):
    assert content["examples"]
    for name, example in content["examples"].items():
        assert not find_errors(example["value"], content["schema"]), name


def test_examples_with_an_unknown_key_or_a_wrong_type_are_not():
    schema = {"$ref": "#/components/schemas/PhoneError"}
    assert find_errors({"code": "blocked", "detail": "No.", "reason": "x"}, schema)
    assert find_errors({"code": "blocked", "detail": "No.", "retry_after": "27"}, schema)
    assert not find_errors({"code": "blocked", "detail": "No.", "retry_after": 27}, schema)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_failure_has_an_example_and_no_other(name):
    for status, response in OPERATIONS[name]["responses"].items():
        if status >= "400":
            examples = response["content"][JSON]["examples"].values()
            assert {example["value"]["code"] for example in examples} == codes(response), status


@pytest.mark.django_db
@pytest.mark.xdist_group("openapi")
def test_headers_are_those_of_the_answers(built):
    for example in built[1]:
        documented = OPERATIONS[example.operation]["responses"][str(example.status)].get("headers", {})
        required = {name for name, header in documented.items() if header.get("required")}
        assert required <= set(example.headers), example
        if "Retry-After" in example.headers:
            assert int(example.headers["Retry-After"]) == example.answer["retry_after"]
            assert "Retry-After" in documented or example.answer["code"] == "invalid"


def test_callers_authenticate_by_token_or_session():
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"tokenAuth", "cookieAuth"}
    assert "X-CSRFToken" in DOCUMENT["info"]["description"]


def test_command_finds_a_document_that_is_out_of_date(tmp_path):
    stale = tmp_path / "openapi.yaml"
    stale.write_text("openapi: 3.1.0\n")
    program = (
        "import sys, pathlib, runpy, tests.openapi\n"
        f"tests.openapi.FILE = pathlib.Path({str(stale)!r})\n"
        "sys.argv[1:] = ['--check']\n"
        "runpy.run_module('tests.openapi.__main__', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"openapi.yaml is not up to date. Run: {COMMAND}\n")
    assert stale.read_text() == "openapi: 3.1.0\n"
