"""A table at the end of a run: what was done many times or at the same moment, and what came of it.

``TEST_ROUNDS`` is how often the briefest and the longest of it is repeated: 5, unless it says otherwise.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

ROUNDS = int(os.environ.get("TEST_ROUNDS", "5"))
_HEAD = ("database", "by", "what", "came of it", "seconds")


@pytest.fixture
def figure(request) -> Callable[..., None]:
    """Keep a line for the table: ``figure("50 retries", "attempts: 1", by="4 processes")``."""

    def keep(done: str, outcome: str, *, by: object = "") -> None:
        request.node.user_properties.append(("figure", (_database(), str(by), done, outcome)))

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
