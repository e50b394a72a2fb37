"""Drop the indexes of tables while they are filled, which takes a fraction of the time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

#: Foreign keys first, because they depend on the others.
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'p', 'u')
    ORDER BY contype = 'f' DESC, conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
    ORDER BY 1
"""


@contextmanager
def without_indexes(cursor: Any, tables: Sequence[str], *, log: Callable[[str], None]) -> Iterator[None]:
    """Drop the indexes and constraints of tables, and create them again in the end."""
    constraints = _read(cursor, _CONSTRAINTS, tables)
    for table, name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = _read(cursor, _INDEXES, tables)
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for name, definition in indexes:
        log(f"index {name}")
        cursor.execute(definition)
    for table, name, definition in reversed(constraints):
        log(f"constraint {name}")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _read(cursor: Any, query: str, tables: Sequence[str]) -> list[tuple[str, ...]]:
    cursor.execute(query, [list(tables)])
    return list(cursor.fetchall())
