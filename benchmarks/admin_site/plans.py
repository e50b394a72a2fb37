"""The statements behind a page, and how the database carries them out."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from benchmarks.admin_site.agents import Agent


def plans(agent: Agent, visit: Callable[[Agent], object], told: set[str]) -> Iterator[str]:
    """Yield the statements that a visit runs on this app's tables, each with its plan.

    :param agent: one of this process.
    :param told: the statements that were explained already, and are left out. It is added to.
    """
    statements: dict[str, Any] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        visit(agent)
    for sql, params in statements.items():
        if "django_ding_" in sql and sql not in told:
            told.add(sql)
            yield _explained(sql, params)


def _explained(sql: str, params: Any) -> str:
    with connection.cursor() as cursor:
        statement = cursor.cursor.mogrify(sql, params)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        return "\n".join([statement, "", *(line for (line,) in cursor.fetchall())])
