from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.options import ANY_UUID
from django_ding.sandbox.server import SandboxServer
from tests.figures.crowd import Crowd

_HEAD = ("database", "processes × threads", "at the same moment", "came of it", "seconds")


@pytest.fixture(scope="module")  # Not longer: its connections are most of what a server lets in.
def threads(django_db_setup, django_db_blocker) -> Iterator[Crowd]:
    with django_db_blocker.unblock(), Crowd(1, 40, atomic_requests=False) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def processes(django_db_setup, django_db_blocker) -> Iterator[Crowd]:
    with django_db_blocker.unblock(), Crowd(4, 10, atomic_requests=True) as crowd:
        yield crowd


@pytest.fixture(params=["threads", "processes"])
def crowd(request) -> Crowd:
    return request.getfixturevalue(request.param)


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
    settings.DING = {"BACKENDS": {"default": backend}, "DEFAULT_REGION": "FR", "RATES": {}}
    server.simulator.reset()
    return server.simulator


@pytest.fixture
def figure(request, crowd) -> Callable[[str, str], None]:
    """Keep a line for the table: what was done at the same moment, and what came of it."""

    def keep(done: str, outcome: str) -> None:
        request.node.user_properties.append(("figure", (_database(), str(crowd), done, outcome)))

    return keep


def _database() -> str:
    version = ".".join(map(str, connection.get_database_version()[:2]))
    is_mariadb = getattr(connection, "mysql_is_mariadb", False)
    return f"{'MariaDB' if is_mariadb else connection.display_name} {version}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        (*facts, f"{report.duration:.1f}")
        for report in terminalreporter.stats.get("passed", ())
        for name, facts in report.user_properties
        if name == "figure"
    ]
    if lines:
        terminalreporter.section("figures")
        for line in (_HEAD, ("---",) * len(_HEAD), *sorted(lines)):
            terminalreporter.line(f"| {' | '.join(line)} |")
