from collections.abc import Iterator

import pytest
from django.db import connection

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.options import ANY_UUID
from django_ding.sandbox.server import SandboxServer
from tests.figures.crowd import Crowd

_LARGEST = 200
#: Of the connections that a server lets in, for tests that run at the same time: some have fifty threads.
_FOR_OTHERS = 60


def _size() -> int:
    """Return how many requests can be under way at once: each has a connection to the database of its own."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _LARGEST
        cursor.execute("SHOW max_connections" if connection.vendor == "postgresql" else "SELECT @@max_connections")
        return min(int(cursor.fetchone()[0]) - _FOR_OTHERS, _LARGEST)


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
    settings.DING = {"BACKENDS": {"default": backend}, "DEFAULT_REGION": "FR", "RATES": {}, "CONVERSION": ""}
    server.simulator.reset()
    return server.simulator
