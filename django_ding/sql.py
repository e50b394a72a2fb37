"""The few statements on one row that every request makes.

The ORM compiles a query anew each time it runs, which takes several times as long as a database takes to run one this
short. These are compiled once. No ``pre_save`` and ``post_save`` are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db import IntegrityError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from django_ding.statements import Parameter, Rows, Statement, compile_insert, compile_select, compile_update
from django_ding.transactions import atomic

_Model = TypeVar("_Model", bound=models.Model)

#: Lets PostgreSQL commit this transaction, and no other, without waiting for the disk.
_NOT_DURABLE = "set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True, kw_only=True)
class Update:
    """New values for the rows of a query.

    :ivar rows: a function of a module that returns the query, its changing values as :class:`Parameter`. It is called
        once per database; the text is kept under the function itself.
    :ivar values: by field name. An expression becomes part of the text; let it be a constant of the module, since
        Django compares expressions by their signatures, which takes long the first time.
    :ivar parameters: the values of the query's parameters, by name.
    """

    rows: Rows
    values: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def run(self, using: str, *, durable: bool = True) -> int:
        """UPDATE the rows, and return how many there were.

        :param durable: as for :func:`update_and_insert`.
        """
        statement = self.statement(using)
        connection = connections[using]
        with connection.cursor() as cursor:
            cursor.execute(
                statement.text if _waits(connection, durable) else f"{statement.text} RETURNING {_NOT_DURABLE}",
                self.bind(statement, connection),
            )
            return int(cursor.rowcount)

    def statement(self, using: str) -> Statement:
        """Return the compiled statement."""
        expressions = tuple(
            (name, value if hasattr(value, "resolve_expression") else None) for name, value in self.values.items()
        )
        return compile_update(self.rows, expressions, using)

    def bind(self, statement: Statement, connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the values in the order of the text. ``new_`` keeps them apart from the query's own parameters."""
        new_values = {f"new_{name}": value for name, value in self.values.items()}
        return statement.bind({**new_values, **self.parameters}, connection)


@dataclass(frozen=True, kw_only=True)
class Insert:
    """A new row, whose key the database gives.

    :ivar values: by column name. The other columns get the defaults of their fields, which become part of the text.
    """

    model: type[models.Model]
    values: Mapping[str, Any]

    def run(self, using: str, *, ignore_conflicts: bool = False, durable: bool = True) -> Any:
        """INSERT the row, and return its key.

        :param ignore_conflicts: let PostgreSQL expect a row with the same unique value. There it would otherwise end a
            transaction and be logged by the server as an error.
        :param durable: as for :func:`update_and_insert`.
        :raises IntegrityError: when another row has the same unique value, or a constraint is violated.
        """
        connection = connections[using]
        # SQLite's and MySQL's way to ignore a conflict ignores violated constraints as well: they raise by themselves.
        ignores = ignore_conflicts and connection.vendor == "postgresql"
        returning = connection.features.can_return_columns_from_insert
        statement = self.statement(using, returning=returning, ignore_conflicts=ignores)
        with connection.cursor() as cursor:
            cursor.execute(
                statement.text if _waits(connection, durable) else f"{statement.text}, {_NOT_DURABLE}",
                statement.bind(self.values, connection),
            )
            key = cursor.fetchone() if returning else (cursor.lastrowid,)
        if not key:
            raise IntegrityError("Another row has the same unique value.")
        return key[0]

    def statement(self, using: str, **options: Any) -> Statement:
        """Return the compiled statement.

        :param options: those of :func:`compile_insert`.
        """
        return compile_insert(self.model, tuple(self.values), using, **options)


def fetch(rows: Rows, *, using: str, **parameters: Any) -> list[Any]:
    """Return the rows of a query, each a tuple of its columns.

    :param rows: as of :class:`Update`.
    :param parameters: the values of the query's parameters.
    """
    select = compile_select(rows, using)
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.bind(parameters, connection))
        return list(select.convert(cursor.fetchall(), using))


def get(model: type[_Model], *, using: str, **column: Any) -> _Model | None:
    """Return the row with this value in a unique column."""
    (name,) = column
    found = fetch(_rows_with(model, name), using=using, **column)
    return model.from_db(using, _column_names(model), found[0]) if found else None


def _waits(connection: BaseDatabaseWrapper, durable: bool) -> bool:
    """Return whether a transaction waits for the disk: in other databases than PostgreSQL each does."""
    return durable or connection.vendor != "postgresql"


@lru_cache(maxsize=64)
def _rows_with(model: type[models.Model], name: str) -> Rows:
    """Return the function that returns the query of the rows with a value in a column, the same each time."""
    return lambda: model._base_manager.filter(**{name: Parameter(name, model._meta.get_field(name))})


@cache
def _column_names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def update_and_insert(
    update: Update,
    child: Insert,
    *,
    using: str,
    unless_exists: tuple[str, ...] = (),
    also: Update | None = None,
    durable: bool = True,
) -> bool:
    """Run an UPDATE and, if it changed a row, INSERT another one: both or neither. Return whether it did.

    In PostgreSQL that is one statement, which saves three round trips. Elsewhere it is a short transaction.

    :param unless_exists: fields with a unique constraint. Where a row with the same values exists, its ``status`` is
        set instead.
    :param also: another UPDATE, run under the same condition.
    :param durable: ``False`` when a crash of the database server may undo it, for which PostgreSQL doesn't wait then.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        return _update_and_insert(update, child, connection, using, unless_exists, also, durable=durable)
    with atomic(savepoint=False):
        if not update.run(using):
            return False
        statement = child.statement(using, unless_exists=unless_exists)
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.bind(child.values, connection))
        if also:
            also.run(using)
    return True


def _update_and_insert(
    update: Update,
    child: Insert,
    connection: BaseDatabaseWrapper,
    using: str,
    unless_exists: tuple[str, ...],
    also: Update | None,
    *,
    durable: bool,
) -> bool:
    first, second = update.statement(using), also and also.statement(using)
    insert = child.statement(using, unless_exists=unless_exists, source="changed")
    text = _combine(first.text, second.text if second else "", insert.text, durable=durable)
    values = update.bind(first, connection)
    if also and second:
        values += also.bind(second, connection)
    with connection.cursor() as cursor:
        cursor.execute(text, values + insert.bind(child.values, connection))
        return bool(cursor.rowcount)


@lru_cache(maxsize=256)
def _combine(update: str, also: str, insert: str, *, durable: bool) -> str:
    """Return one statement for PostgreSQL of statements that Django compiled, none of which it could combine."""
    returned = "1" if durable else _NOT_DURABLE
    more = f", also AS ({also} AND EXISTS (SELECT 1 FROM changed))" if also else ""  # noqa: S608
    return f"WITH changed AS ({update} RETURNING {returned}){more} {insert}"
