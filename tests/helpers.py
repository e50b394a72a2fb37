"""What the tests of several rooms share, and what needs no fixture."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

from django.db import connection
from django.dispatch import Signal
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding import steps
from django_ding.models import Authentication
from django_ding.services import check, send
from django_ding.testing import outbox

TESTS = Path(__file__).parent
ROOT = TESTS.parent
NOON = "2026-06-01T12:00:00Z"

#: The setting ``CACHES`` with a Redis that is down.
REDIS_IS_DOWN = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
}


_WRITE = re.compile(r"(?:UPDATE|INSERT INTO) [\"`]?django_ding_")
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def count_statements(sql: str) -> int:
    """Return how many statements this is: what PostgreSQL does in one and others in several counts as several."""
    return len(_WRITE.findall(sql)) if sql.startswith("WITH changed AS (") else 1


class Statements(CaptureQueriesContext):
    """The statements that a block runs, without those that only open and close transactions."""

    def __init__(self) -> None:
        super().__init__(connection)

    def __len__(self) -> int:
        return sum(map(count_statements, self.sql))

    def __repr__(self) -> str:
        return "\n".join(self.sql)

    @property
    def sql(self) -> list[str]:
        return [query["sql"] for query in self.captured_queries if not query["sql"].startswith(_CONTROL)]


def timeline(authentication: Authentication, *columns: str) -> list[tuple[Any, ...]]:
    """Return type, status and other columns of the authentication's events, in the order they were written."""
    return list(authentication.events.order_by("pk").values_list("type", "status", *columns))


def wrong_code(code: str) -> str:
    """Return another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def create_authentication(*, created_at: datetime | None = None, **fields: Any) -> Authentication:
    """Create a row that no provider knows: of 600 seconds, to +1 202 555 0100, unless ``fields`` say otherwise."""
    created_at = created_at or timezone.now()
    defaults = {"phone_number": "+12025550100", "expires_at": created_at + timedelta(seconds=600)}
    return Authentication.objects.create(**defaults | fields, created_at=created_at)


def verify(phone_number: str, **arguments: Any) -> Authentication:
    """Send a code and enter it. Takes the arguments of ``send``."""
    authentication = send(phone_number, **arguments).authentication
    check(authentication, outbox[-1].code)
    return authentication


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each in a thread with a connection of its own; return their results."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(60)
        return closing_connection(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def closing_connection(call: Callable[[], Any]) -> Any:
    """Call it, and close the connection of the thread that it ran in."""
    try:
        return call()
    finally:
        connection.close()


@contextmanager
def received(*signals: Signal, each: Callable[[], object] = bool) -> Iterator[list[dict[str, Any]]]:
    """Collect what the signals are sent with, in order: their arguments with ``signal`` and ``sender``.

    :param each: called at each signal.
    """
    heard: list[dict[str, Any]] = []

    def receiver(**arguments: Any) -> None:
        heard.append(arguments)
        each()

    for signal in signals:
        signal.connect(receiver)
    try:
        yield heard
    finally:
        for signal in signals:
            signal.disconnect(receiver)


def await_the_rest() -> None:
    """Wait until what cancelled tasks have begun is finished."""
    steps._finishers.shutdown()
    steps._make_threads()


def statements(call: Callable[[], Any]) -> list[str]:
    """Return the SQL statements that a call makes."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured]


@contextmanager
def at_statement(do: Callable[[], object], *, starts: str = "", contains: str = "") -> Iterator[None]:
    """Do something before each SQL statement that starts with, and contains, these texts: raise, press Ctrl-C, …"""

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(starts) and contains in sql:
            do()
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield


def failing_statements(error: Exception, **which: str) -> Any:
    """Let the database raise ``error``, at the statements that :func:`at_statement` describes."""

    def fail() -> None:
        raise error

    return at_statement(fail, **which)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run_pytest(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own.

    pytest-django is its only plugin: to load all that are installed would take a fifth of the time of a short run. The
    database is its own, so neither the name of this run's worker nor its share of coverage matters.

    :param variables: more environment variables; an empty one is left out.
    """
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | variables
    environment = {name: value for name, value in surroundings.items() if value}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-ppytest_django.plugin", "-pno:cacheprovider", *arguments],
        cwd=ROOT,
        env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
