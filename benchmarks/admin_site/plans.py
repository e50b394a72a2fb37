"""The query plans of a page."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from benchmarks.admin_site.agents import Agent


def plans(agent: Agent, visit: Callable[[Agent], object], explained: set[str]) -> Iterator[str]:
    """Yield the statements of a visit on this app's tables, each with its plan.

    :param agent: an agent inside this process.
    :param explained: statements to leave out. The new ones are added.
    """
    statements: dict[str, Any] = {}

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        visit(agent)
    for sql, params in statements.items():
        if "django_ding_" in sql and sql not in explained:
            explained.add(sql)
            yield _plan(sql, params)


def _plan(sql: str, params: Any) -> str:
    with connection.cursor() as cursor:
        statement = cursor.cursor.mogrify(sql, params)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        return "\n".join([statement, "", *(line for (line,) in cursor.fetchall())])
