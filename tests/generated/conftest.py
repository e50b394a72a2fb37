"""``TEST_GENERATED`` is how many requests are generated in total: 2000, unless it says otherwise, and 500 on a server.

What they find is mostly this app's, whatever the database: a server only needs to see each kind of value.

Without ``CI=true`` each run generates others; with it they are the same each time, so that a red build is always the
change's own doing. Hypothesis's own profiles see to both.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck
from hypothesis import settings as profile

from django_ding.testing import sandbox
from tests.generated.api import Api
from tests.generated.leaks import Leaks
from tests.settings import ENGINE

REQUESTS = int(os.environ.get("TEST_GENERATED", "2000" if ENGINE == "sqlite3" else "500"))


@pytest.fixture
def examples() -> Callable[..., profile]:
    """Hypothesis's settings for so many examples: a number, or a share of all requests."""

    def so_many(wanted: float, **changed: Any) -> profile:
        return profile(
            max_examples=wanted if isinstance(wanted, int) else max(round(REQUESTS * wanted), 1),
            deadline=None,  # Machines are noisy.
            database=None,
            suppress_health_check=list(HealthCheck),
            **changed,
        )

    return so_many


@pytest.fixture
def leaks() -> Iterator[Leaks]:
    with Leaks() as watching:
        yield watching


@pytest.fixture
def api(request, db, settings, leaks) -> Iterator[Api]:
    """The REST API, with two users who can sign in, and the pages that it shows to browsers.

    Each example starts with ``api.reset()``.
    """
    settings.ALLOWED_HOSTS = ["*"]
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True  # A bug of ours shows its traceback, not a 500.
    with sandbox(SANDBOX={"seed": 1}), one_connection():
        api = Api()
        request.node.user_properties.append(("generated", api.statuses))
        yield api


@contextmanager
def one_connection() -> Iterator[None]:
    """Leave the connection open between requests, since the test's transaction is on it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    statuses: Counter[int] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        for name, counted in report.user_properties:
            if name == "generated":
                statuses.update(counted)
    if statuses:
        counts = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
        terminalreporter.section("generated")
        terminalreporter.line(f"{statuses.total():,} requests, each answered as the schema says: {counts}")
