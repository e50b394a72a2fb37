import base64
import json
import re
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

import schemathesis
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import core
from hypothesis.vendor import pretty
from schemathesis import APIOperation, Response
from schemathesis.generation.hypothesis import setup as silenced_by_schemathesis
from werkzeug.test import Client

from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import outbox

ALICE, BOB, NOBODY = "alice", "bob", None

# Schemathesis silences this for speed, and with it the failing examples of all tests.
silenced_by_schemathesis()
core.RepresentationPrinter = pretty.RepresentationPrinter

_REQUESTS = {"SendCode", "CheckCode"}
_CODE = re.compile(r"^- `(\w+)`", re.MULTILINE)


class Api:
    """The endpoints, each answer compared with the schema. It counts the answers by their status."""

    def __init__(self) -> None:
        self.operations = {
            operation.definition.raw["operationId"]: operation for operation in map(_ok, _schema().get_all_operations())
        }
        self.statuses: dict[int, int] = {}  # A plain one can travel from a test worker.
        self._client = Client(WSGIHandler(), use_cookies=False)
        self.users = [get_user_model().objects.create_user(name, password=name) for name in (ALICE, BOB)]

    def reset(self) -> None:
        """Forget what an example did."""
        Authentication.objects.all().delete()
        PhoneNumber.objects.all().delete()
        outbox.clear()

    def ask(self, name: str, who: str | None, *, body: Any = None, **path: Any) -> Response:
        """Ask one of the operations, with a body in JSON."""
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.send(name, who, path=self.operations[name].path.format(**path), **sent)

    def send(self, name: str, who: str | None, *, path: str, headers: Any = None, **request: Any) -> Response:
        """Send a request that ``name``'s operation is to answer."""
        operation = self.operations[name]
        request = {"method": operation.method.upper(), "headers": {**signed_in(who), **(headers or {})}, **request}
        return self.compare(name, Response.from_any(self._client.open(path, **request)))

    def compare(self, name: str, response: Response) -> Response:
        """Compare an answer with the schema of its operation: status, headers, content type, body and code."""
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        if not _is_ours(response):
            assert response.status_code == 404
            return response
        assert response.status_code < 500 or response.status_code == 503
        operation = self.operations[name]
        documented = operation.definition.raw["responses"]
        assert str(response.status_code) in documented, f"{name} answered {response.status_code}"
        if "text/html" in response.headers.get("content-type", [""])[0]:
            return response  # REST framework's page for browsers is not part of the schema.
        operation.validate_response(response)
        if response.status_code != 204:
            assert response.headers["content-type"] == ["application/json"]
        if response.status_code >= 400:
            code = response.json()["code"]
            assert code in codes(documented[str(response.status_code)]), f"{name} answered {code}"
        return response


def signed_in(who: str | None) -> dict[str, str]:
    """Return the header that authenticates the caller."""
    if who is NOBODY:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{who}:{who}'.encode()).decode()}"}


def codes(answer: dict[str, Any]) -> set[str]:
    """Return the codes that the schema lists for a response."""
    return set(_CODE.findall(answer["description"]))


def _schema() -> Any:
    """Return the project's schema, closed: a key of an answer that it doesn't know is a failure."""
    generated = deepcopy(SchemaGenerator().get_schema(request=None, public=True))
    for name, component in generated["components"]["schemas"].items():
        if component.get("type") == "object" and name not in _REQUESTS:
            component["additionalProperties"] = False
    schema = schemathesis.openapi.from_dict(generated)
    schema.app = WSGIHandler()
    return schema


def _ok(result: Any) -> APIOperation:
    return result.ok()


def _is_ours(response: Response) -> bool:
    """Return whether the path led to an endpoint at all: an id that is ``a/b`` doesn't."""
    try:
        return bool(resolve(unquote(response.request.path_url.partition("?")[0])))
    except Resolver404:
        return False
