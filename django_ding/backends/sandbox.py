"""The sandbox without a network: requests go to the simulator of this process."""

import json as json_module
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from django_ding.backends import options
from django_ding.backends.ding import BaseDingBackend
from django_ding.backends.http import Reply, read_reply
from django_ding.backends.prelude import BasePreludeBackend
from django_ding.exceptions import BackendUnavailable
from django_ding.sandbox.handler import call
from django_ding.sandbox.project import project_simulator

_ANY_KEY = "sandbox"
_ANY_CUSTOMER_UUID = "00000000-0000-4000-8000-000000000000"


class SandboxBackend(BaseDingBackend):
    """Ding as the sandbox plays it, inside this process, with the options of ``DING["SANDBOX"]``. Nothing is sent.

    For development and tests: its codes are in the inbox of ``django_ding.sandbox.urls`` and in
    ``django_ding.testing.outbox``. Slow answers come at once, as the timeout or the answer they end in.

    :param read_timeout: seconds after which a slow answer counts as a timeout.
    """

    is_sandbox = True

    def __init__(self, alias: str, *, read_timeout: float = 10.0) -> None:
        customer_uuid = project_simulator().options.customer_uuid or _ANY_CUSTOMER_UUID
        client = _Client("/v1", read_timeout)
        super().__init__(alias, client=client, customer_uuid=customer_uuid, send_ipv6=False)


class PreludeSandboxBackend(BasePreludeBackend):
    """Prelude as the sandbox plays it: otherwise as :class:`SandboxBackend`.

    :param read_timeout: seconds after which a slow answer counts as a timeout.
    :param verification: any option of :class:`~django_ding.backends.prelude.PreludeBackend` but those of its transport.
    """

    is_sandbox = True

    def __init__(
        self,
        alias: str,
        *,
        read_timeout: float = 10.0,
        supports_status: bool = True,
        supports_feedback: bool = True,
        **verification: Any,
    ) -> None:
        super().__init__(
            alias,
            client=_Client("", read_timeout),
            supports_status=supports_status,
            supports_feedback=supports_feedback,
            **verification,
        )


class _Client:
    """Calls the simulator's views.

    :param root: what comes before the paths of a version of the API.
    """

    def __init__(self, root: str, read_timeout: float) -> None:
        self._root = root
        self._read_timeout = options.seconds("read_timeout", read_timeout)

    def post(self, path: str, *, json: Mapping[str, object], returned: Collection[int] = ()) -> Reply:
        return self._request("POST", path, body=json_module.dumps(json).encode(), returned=returned)

    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        returned: Collection[int] = (),
    ) -> Reply:
        target = path + (f"?{urlencode(query)}" if query else "")
        return self._request("GET", target, headers=headers, returned=returned)

    def _request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        returned: Collection[int],
    ) -> Reply:
        simulator = project_simulator()
        key = simulator.options.api_key or _ANY_KEY
        response = call(
            simulator,
            method,
            f"{self._root}{path}",
            headers={
                "x-api-key": key,
                "authorization": f"Bearer {key}",
                "content-type": "application/json",
                **(headers or {}),
            },
            body=body,
        )
        if response.dropped:
            raise BackendUnavailable(code="connection_lost")
        # Nothing waits in this process: an answer that would come too late raises the timeout at once.
        if response.delay > self._read_timeout:
            raise BackendUnavailable(code="timeout")
        return read_reply(response.status_code, response.headers, response.content, returned=returned)
