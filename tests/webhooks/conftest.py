"""A site that is reached over HTTP, and a provider that is, too."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.options import ANY_UUID
from django_ding.sandbox.server import SandboxServer


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server) -> LiveServer:
    """The test server, started once the database is the tests' own.

    Before, SQLite's is named as one in memory, and of such a one all threads would share a connection.
    """
    return live_server


@pytest.fixture
def make_provider(clock, live_server, settings) -> Iterator[Callable[..., Simulator]]:
    """Return a function that makes the site's provider, with options. ``webhooks.run_due()`` delivers webhooks."""
    with ExitStack() as stack:

        def make(**options: Any) -> Simulator:
            simulator = Simulator(Options(**options), background=False)
            server = stack.enter_context(SandboxServer(simulator))
            stack.callback(simulator.close)
            backend = {
                "BACKEND": "django_ding.backends.ding.DingBackend",
                "OPTIONS": {"api_key": "key", "customer_uuid": ANY_UUID, "base_url": f"{server.url}/v1"},
            }
            backends = {"BACKENDS": {"default": backend}, "WEBHOOK_BASE_URL": live_server.url}
            settings.DING = {**settings.DING, **backends}
            return simulator

        yield make


@pytest.fixture
def provider(make_provider) -> Simulator:
    return make_provider()


@pytest.fixture
def post() -> Iterator[Callable[..., int]]:
    """Post a callback and return the status of the answer."""
    with requests.Session() as session:
        session.trust_env = False
        yield lambda url, **what: session.post(url, timeout=20, **what).status_code
