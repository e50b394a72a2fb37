"""Calls of the endpoints, each in a world of its own, and what is kept of them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import time_machine
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import override_settings
from knox.models import get_token_model
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from django_ding.models import Authentication, Event, Lockout, PhoneNumber, Refusal, RememberedDevice
from django_ding.services import make_step_up_proof
from django_ding.testing import outbox, sandbox

JSON = "application/json"
NOON = "2026-06-01T12:00:00Z"
PHONE = "+33612345678"
PASSWORD = "correct horse"

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What differs each time, and what is there instead.
_SECRETS = {
    "proof": "ImEi:1wTZ2q:3yJH…",
    "token": "9054f7aa9305…",
    "access": "eyJhbGciOiJIUzI1NiJ9…",
    "refresh": "eyJhbGciOiJIUzI1NiJ9…",
}


@dataclass(frozen=True, kw_only=True)
class Example:
    """What an endpoint answered.

    :ivar name: the code of a failure; for a success, what it is an example of.
    :ivar request: the body that was posted.
    """

    operation: str
    name: str
    status: int
    request: Any
    answer: Any
    headers: Mapping[str, str]


class World:
    """Alice, who has a password, a token and perhaps numbers, and the endpoints.

    :ivar calls: operation, body and response of each call, in order.
    """

    def __init__(self, operations: Mapping[str, tuple[str, str]], clock: Any) -> None:
        self.operations = operations
        self.clock = clock
        self.alice = get_user_model().objects.create_user("alice", password=PASSWORD)
        self.anonymous = APIClient()
        self.calls: list[tuple[str, Any, Any]] = []

    @property
    def member(self) -> APIClient:
        """Alice's app, with a token and a proof that it is her."""
        client = self.app
        client.credentials(**client._credentials, HTTP_STEP_UP_PROOF=make_step_up_proof(self.alice))
        return client

    @property
    def app(self) -> APIClient:
        """Alice's app, with a token."""
        return with_token(Token.objects.get_or_create(user=self.alice)[0].key)

    @property
    def browser(self) -> APIClient:
        """Alice's browser, with a session and no CSRF token."""
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(self.alice)
        return client

    @property
    def code(self) -> str:
        """The code of the newest message."""
        return outbox[-1].code

    def number(self, phone_number: str = PHONE, **fields: Any) -> PhoneNumber:
        """Give Alice a verified number, the primary one unless it is said otherwise."""
        return PhoneNumber.objects.create(
            **{"user": self.alice, "is_primary": True} | fields, phone_number=phone_number
        )

    def call(self, operation: str, client: APIClient, body: Any = None, *, public_id: Any = "", **more: Any) -> Any:
        """Call an endpoint, with a body in JSON unless ``more`` has ``data`` and its ``content_type``."""
        method, path = self.operations[operation]
        url = path.replace("{public_id}", str(public_id))
        if "data" not in more and method == "post":
            more |= {"data": json.dumps(body if body is not None else {}), "content_type": JSON}
        response = client.generic(method.upper(), url, **more)
        self.calls.append((operation, body, response))
        return response


def with_token(key: str) -> APIClient:
    """Return a client with this token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


@contextmanager
def configured(**changed: Any) -> Iterator[None]:
    """Change keys of the DING setting."""
    with override_settings(DING={**settings.DING, **changed}):
        yield


def record(document: Mapping[str, Any], examples: Mapping[tuple[str, str], Callable[[World], Any]]) -> list[Example]:
    """Return what the endpoints answer. An example of a failure is named by its code.

    :param examples: by operation and name, functions that make the call in question last.
    """
    operations = {
        operation["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    try:
        return [_record(operations, *key, ask) for key, ask in examples.items()]
    finally:
        _forget()


def _record(operations: Any, operation: str, name: str, ask: Callable[[World], Any]) -> Example:
    _forget()
    with sandbox(SANDBOX={"enabled": True, "seed": 1}), time_machine.travel(NOON, tick=False) as clock:
        world = World(operations, clock)
        response = ask(world)
    called, body, last = world.calls[-1]
    assert (called, last) == (operation, response), f"{operation} {name} is answered by {called}"
    answer = response.json() if response.content else None
    if response.status_code >= 400:
        assert answer["code"] == name.partition(" ")[0], f"{operation} {name} is answered with {answer}"
    return Example(
        operation=operation,
        name=name,
        status=response.status_code,
        request=_repeatable(body),
        answer=_repeatable(answer),
        headers=response.headers,
    )


def _repeatable(value: Any) -> Any:
    """Return the same without what differs each time: ids, in the order of their appearance, and secrets."""
    names: dict[str, str] = {}

    def text(item: str) -> str:
        return _UUID.sub(lambda found: names.setdefault(found[0], _sample_id(len(names))), item)

    def walk(item: Any) -> Any:
        match item:
            case dict():
                return {key: _SECRETS[key] if key in _SECRETS else walk(inner) for key, inner in item.items()}
            case list():
                return [walk(inner) for inner in item]
            case str():
                return text(item)
        return item

    return walk(value)


def _sample_id(index: int) -> str:
    return str(UUID(int=0x5B0C9F5E4F654B3C9D390C8E7E8F6A11 + index * 0x9E3779B9))


def _forget() -> None:
    cache.clear()
    for model in (Event, Authentication, PhoneNumber, RememberedDevice, Lockout, Refusal, Token, get_token_model()):
        model.objects.all().delete()
    get_user_model().objects.all().delete()
