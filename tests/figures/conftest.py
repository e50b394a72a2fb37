from collections.abc import Iterator

import pytest
from django.db import connection

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.options import ANY_UUID
from django_ding.sandbox.server import SandboxServer
from tests.figures.crowd import Crowd

#: Requests under way at once. Each has a connection of its own: a server lets in a hundred or so, and the crowd before
#: and tests that run at the same time want some, too.
_ON_A_SERVER = 40
_ON_SQLITE = 200


def _size() -> int:
    return _ON_SQLITE if connection.vendor == "sqlite" else _ON_A_SERVER


# One at a time: its connections are most of what a server lets in.
@pytest.fixture(scope="module", params=[(1, False), (4, True)], ids=["threads", "processes"])
def crowd(request, django_db_setup, django_db_blocker) -> Iterator[Crowd]:
    processes, atomic_requests = request.param
    with django_db_blocker.unblock(), Crowd(processes, _size() // processes, atomic_requests=atomic_requests) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A provider that refuses nothing by itself: what holds, this app holds."""
    lenient = Options(stateless=False, retry_delay=0, max_checks=1000, max_retries=1000)
    with SandboxServer(Simulator(lenient)) as running:
        yield running
    running.simulator.close()


@pytest.fixture
def provider(server, settings) -> Simulator:
    options = {"api_key": "key", "customer_uuid": ANY_UUID, "base_url": f"{server.url}/v1"}
    backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
    settings.DING = {"BACKENDS": {"default": backend}, "DEFAULT_REGION": "FR", "RATE_LIMITS": {}, "MIN_CONVERSION": ""}
    settings.DING["STEP_UP_MAX_AGE"] = 0  # The crowd has no sessions.
    server.simulator.reset()
    return server.simulator
