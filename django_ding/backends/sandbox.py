"""The sandbox without a network: requests go to the simulator of this process, answers are read as Ding's are."""

import json
from collections.abc import Mapping

from django_ding.backends import options
from django_ding.backends.ding.operations import DingOperations
from django_ding.backends.http import Reply, read_reply
from django_ding.exceptions import BackendUnavailable
from django_ding.sandbox import v1
from django_ding.sandbox.project import project_simulator

_ANY_KEY = "sandbox"
_ANY_CUSTOMER_UUID = "00000000-0000-4000-8000-000000000000"


class SandboxBackend(DingOperations):
    """Ding as the sandbox plays it, inside this process, with the options of ``DING["SANDBOX"]``. Nothing is sent.

    For development and tests: its codes stand in the inbox of ``django_ding.sandbox.urls`` and in
    ``django_ding.testing.outbox``. Slow answers are played at once, as the time-out or the answer they end in.

    :param read_timeout: seconds after which a slow answer counts as a time-out.
    """

    def __init__(self, alias: str, *, read_timeout: float = 10.0) -> None:
        customer_uuid = project_simulator().options.customer_uuid or _ANY_CUSTOMER_UUID
        super().__init__(alias, client=_Client(read_timeout), customer_uuid=customer_uuid, send_ipv6=False)


class _Client:
    def __init__(self, read_timeout: float) -> None:
        self._read_timeout = options.seconds("read_timeout", read_timeout)

    def post(self, path: str, body: Mapping[str, object]) -> Reply:
        return self._ask("POST", path, body=json.dumps(body).encode())

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        return self._ask("GET", path, headers=headers)

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        simulator = project_simulator()
        path, _, query = path.partition("?")
        request = v1.Request(
            method=method,
            path=f"/v1{path}",
            query=query,
            headers={
                "x-api-key": simulator.options.api_key or _ANY_KEY,
                "content-type": "application/json",
                **(headers or {}),
            },
            body=body,
        )
        response = v1.respond(simulator, request)
        if response.dropped:
            raise BackendUnavailable(code="connection_lost")
        if response.delay > self._read_timeout:
            raise BackendUnavailable(code="timeout")
        return read_reply(response.status, response.headers, response.body)
