"""The document: the schema that drf-spectacular makes for a project, and in it what the endpoints answered."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from unittest import mock

from django.test import override_settings
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.views import APIView

import django_ding
from django_ding.backends.types import Channel
from django_ding.channels import SELECTABLE_CHANNELS
from django_ding.testing import sandbox
from tests.openapi.examples import EXAMPLES, ISSUERS
from tests.openapi.recording import JSON, Example, record

_CODE = re.compile(r"^- `(\w+)`", re.MULTILINE)
_DESCRIPTION = """\
The endpoints of `django_ding.api.urls`, mounted at `api/phone/`. The examples are what they answered.

**Authentication.** Whatever the project's `DEFAULT_AUTHENTICATION_CLASSES` are: here a token, sent as `Authorization:
Token …`, or Django's session cookie. A token that is not valid is 401, also where none is needed. The endpoints below
`login/` ignore credentials, and exist only in a project that has turned on login by phone.

**Settings.** The purposes and the channels are those of the project: here its defaults, and every channel.

**CSRF.** A request with a session cookie that is not a GET needs Django's CSRF token in the header `X-CSRFToken`, and
so does the check of a login's code where the project logs in with a session. Without it, the answer is 403
`permission_denied`. A request with a token needs none.

**Failures.** Each has a `code` for programs and a `detail` for the user. The codes of each status are listed with it;
be ready for others. Any endpoint answers another method than its own with 405 `method_not_allowed`.

**Retry-After.** 429 and 503 `unavailable` say in this header, and in `retry_after`, how many seconds to wait.
"""
_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "django-ding",
    "DESCRIPTION": _DESCRIPTION,
    "VERSION": django_ding.__version__,
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
}


@contextmanager
def project() -> Iterator[None]:
    """A project as the documentation sets one up, in English: token or session, counters in memory."""
    authentication = mock.patch.object(APIView, "authentication_classes", [TokenAuthentication, SessionAuthentication])
    caches = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": __name__}}
    previous = logging.root.manager.disable
    logging.disable()  # Outages are logged.
    try:
        with authentication, override_settings(CACHES=caches), translation.override("en"), sandbox():
            yield
    finally:
        logging.disable(previous)


def build() -> tuple[dict[str, Any], list[Example]]:
    """Return the document and what is recorded for it. It needs a database and deletes its rows."""
    with project():
        document = _schema()
        examples = record(document, EXAMPLES)
    _add_examples(document, examples)
    return document, examples


def render(document: Mapping[str, Any]) -> str:
    """Return the document as YAML."""
    return OpenApiYamlRenderer().render(document).decode()


def operations(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operations by their ids."""
    return {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}


def codes(response: Mapping[str, Any]) -> set[str]:
    """Return the codes that a response of the document lists."""
    return set(_CODE.findall(response["description"]))


def _schema() -> dict[str, Any]:
    """Return the schema of a project with every channel, whose logins answer with what any token issuer returns."""
    found = [_schema_with(f"django_ding.api.tokens.{issuer}") for issuer in ISSUERS]
    answers = [operations(schema)["log_in"]["responses"] for schema in found]
    bodies = [answer["200"]["content"][JSON]["schema"] for answer in answers]
    notes = [f"- `{issuer}`: {answer['200']['description']}" for issuer, answer in zip(ISSUERS, answers, strict=True)]
    document, login = found[0], answers[0]
    login["200"] |= {"content": {JSON: {"schema": {"anyOf": bodies}}}, "description": "\n".join(notes)}
    lines = dict.fromkeys(line for answer in answers for line in answer["403"]["description"].splitlines())
    login["403"]["description"] = "\n".join(lines)
    for schema in found:
        document["components"]["schemas"] |= schema["components"]["schemas"]
    return document


def _schema_with(issuer: str) -> dict[str, Any]:
    channels = [channel.value for channel in Channel if channel in SELECTABLE_CHANNELS]
    with sandbox(TOKEN_ISSUER=issuer, CHANNELS=channels), patched_settings(_SETTINGS):
        return deepcopy(SchemaGenerator().get_schema(request=None, public=True))


def _add_examples(document: Mapping[str, Any], examples: Iterable[Example]) -> None:
    by_id = operations(document)
    for operation in by_id.values():
        if "requestBody" in operation:
            operation["requestBody"]["content"][JSON].pop("examples", None)
    for example in examples:
        operation = by_id[example.operation]
        response = operation["responses"][str(example.status)]
        if "content" in response:
            _add(response, example, example.answer)
        if example.status < 400 and example.request is not None:
            _add(operation["requestBody"], example, example.request)


def _add(part: dict[str, Any], example: Example, value: Any) -> None:
    key = re.sub(r"\W+", "_", example.name)
    summary = {"summary": example.name.capitalize()} if " " in example.name else {}
    part["content"][JSON].setdefault("examples", {})[key] = {**summary, "value": value}
