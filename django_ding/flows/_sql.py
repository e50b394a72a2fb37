"""The few statements on one row that every request makes, compiled once by the ORM and kept as text.

The ORM compiles a query anew each time it runs, which takes several times as long as a database takes to run one this
short. Here Django's own compiler writes each text on its first use, once per database alias, with a
:class:`Parameter` in place of each value; the fields convert the values each time. No ``pre_save`` and ``post_save``
are sent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar

from django.db import IntegrityError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet, sql
from django.db.models.constants import OnConflict

from django_ding.transactions import atomic

_Model = TypeVar("_Model", bound=models.Model)
_Rows = Callable[[], QuerySet[Any]]

#: Lets PostgreSQL commit this transaction, and no other, without waiting for the disk.
_NOT_DURABLE = "set_config('synchronous_commit', 'off', true)"

_PLAIN = re.compile("[a-z_]*|{}", re.ASCII)

#: The type of values that these fields pass to every database unchanged, so that they need not be asked.
_UNCHANGED: Mapping[type, type] = {models.CharField: str, models.PositiveSmallIntegerField: int}


class Parameter(Expression):
    """A value that is given when the statement runs.

    As an expression it passes through filters, updates and inserts unchanged, and comes out among the parameters that
    the compiler returns beside the text, in the order of the text.

    :param name: what the value is called when it is given.
    :param field: the field that converts it for the database.
    """

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name
        self._unchanged = _UNCHANGED.get(type(field))

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def convert(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the value as the database takes it."""
        if value is None or type(value) is self._unchanged:
            return value
        return self.output_field.get_db_prep_save(value, connection)


class _Default(Expression):
    """A field's default, as a constant of the text. Those of this app's columns are plain."""

    def __init__(self, field: Any) -> None:
        super().__init__(output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        default = self.output_field.get_default()
        if default is None:
            return "NULL", []
        if isinstance(default, int):
            return str(int(default)), []
        text = "{}" if default == {} else str(default)
        if not _PLAIN.fullmatch(text):
            raise ValueError(f"{self.output_field} has no plain default: give its value.")
        return f"'{text}'", []


@dataclass(frozen=True)
class _Statement:
    text: str
    parameters: tuple[Any, ...]

    def bind(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the parameters; constants of the query's own stay as they are."""
        return [
            item.convert(values[item.name], connection) if isinstance(item, Parameter) else item
            for item in self.parameters
        ]


@dataclass(frozen=True)
class _Select(_Statement):
    """A statement whose rows are loaded: the query, the names of its columns, and those that a converter reads."""

    query: Any
    names: list[str]
    converted: Mapping[int, Any]


@dataclass(frozen=True, kw_only=True)
class Update:
    """New values for the rows of a query.

    :ivar rows: a function of a module that returns the query, its changing values as :class:`Parameter`. It is called
        once per database; the text is kept under the function itself.
    :ivar values: by field name. An expression becomes part of the text; let it be a constant of the module, since
        Django compares expressions by their signatures, which takes long the first time.
    :ivar parameters: the values of the query's parameters, by name.
    """

    rows: _Rows
    values: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def run(self, using: str, *, durable: bool = True) -> int:
        """UPDATE the rows, and return how many there were.

        :param durable: as for :func:`update_and_insert`.
        """
        statement = self.statement(using)
        connection = connections[using]
        waits = durable or connection.vendor != "postgresql"
        with connection.cursor() as cursor:
            cursor.execute(
                statement.text if waits else f"{statement.text} RETURNING {_NOT_DURABLE}",
                self.bind(statement, connection),
            )
            return int(cursor.rowcount)

    def statement(self, using: str) -> _Statement:
        """Return the compiled statement."""
        expressions = tuple(
            (name, value if hasattr(value, "resolve_expression") else None) for name, value in self.values.items()
        )
        return _compile_update(self.rows, expressions, using)

    def bind(self, statement: _Statement, connection: BaseDatabaseWrapper) -> list[Any]:
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

    def run(self, using: str, *, ignore_conflicts: bool = False) -> Any:
        """INSERT the row, and return its key.

        :param ignore_conflicts: let PostgreSQL expect a row with the same unique value. There it would otherwise end a
            transaction and be logged by the server as an error.
        :raises IntegrityError: when another row has the same unique value, or a constraint is violated.
        """
        connection = connections[using]
        # SQLite's and MySQL's way to ignore a conflict ignores violated constraints as well: they raise by themselves.
        ignores = ignore_conflicts and connection.vendor == "postgresql"
        returning = connection.features.can_return_columns_from_insert
        statement = self.statement(using, returning=returning, ignore_conflicts=ignores)
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.bind(self.values, connection))
            key = cursor.fetchone() if returning else (cursor.lastrowid,)
        if not key:
            raise IntegrityError("Another row has the same unique value.")
        return key[0]

    def statement(self, using: str, **options: Any) -> _Statement:
        """Return the compiled statement.

        :param options: those of :func:`_compile_insert`.
        """
        return _compile_insert(self.model, tuple(self.values), using, **options)


def get(model: type[_Model], *, using: str, **column: Any) -> _Model | None:
    """Return the row with this value in a unique column."""
    (name,) = column
    select = _compile_select(model, name, using)
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.bind(column, connection))
        row = cursor.fetchone()
    return row and _load(model, select, row, using)


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


@lru_cache(maxsize=256)
def _compile_update(rows: _Rows, expressions: tuple[tuple[str, Any], ...], using: str) -> _Statement:
    queryset = rows()
    fields = queryset.model._meta
    query: Any = queryset.query.chain(sql.UpdateQuery)
    query.add_update_values(
        {
            name: Parameter(f"new_{name}", fields.get_field(name)) if expression is None else expression
            for name, expression in expressions
        }
    )
    text, parameters = query.get_compiler(using).as_sql()
    return _Statement(text, tuple(parameters))


@lru_cache(maxsize=64)
def _compile_select(model: type[models.Model], name: str, using: str) -> _Select:
    query = model._base_manager.filter(**{name: Parameter(name, model._meta.get_field(name))}).query
    compiler = query.get_compiler(using)
    text, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select]
    converted = {index: columns[index] for index in compiler.get_converters(columns)}
    names = [field.attname for field in model._meta.concrete_fields]
    return _Select(text, tuple(parameters), query, names, converted)


def _load(model: type[_Model], select: _Select, row: Any, using: str) -> _Model:
    """Return what the database returned as the ORM would: a foreign key is converted by the field it refers to.

    The converters belong to a connection, and so to a thread: they are not kept.
    """
    compiler = select.query.get_compiler(using)
    converters = compiler.get_converters(select.converted.values())
    indexes = list(select.converted)
    by_index = {indexes[position]: converter for position, converter in converters.items()}
    (values,) = compiler.apply_converters([row], by_index)
    return model.from_db(using, select.names, values)


@lru_cache(maxsize=64)
def _compile_insert(
    model: type[models.Model],
    given: tuple[str, ...],
    using: str,
    *,
    returning: bool = False,
    ignore_conflicts: bool = False,
    unless_exists: tuple[str, ...] = (),
    source: str = "",
) -> _Statement:
    """Compile an INSERT.

    :param given: the columns whose values are parameters.
    :param source: a table; the row is inserted once for each of its rows.
    """
    query: Any = sql.InsertQuery(model, **_conflict_options(model, unless_exists, ignore=ignore_conflicts))
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]
    values = {
        field.attname: Parameter(field.attname, field) if field.attname in given else _Default(field)
        for field in fields
    }
    query.insert_values(fields, [SimpleNamespace(**values)], raw=True)
    compiler = query.get_compiler(using)
    if returning:
        compiler.returning_fields = [model._meta.pk]
    ((text, parameters),) = compiler.as_sql()
    if source:
        placeholders = [value.as_sql(compiler, compiler.connection)[0] for value in values.values()]
        text = _select_values(text, fields, placeholders, source, compiler.connection)
    return _Statement(text, tuple(parameters))


def _conflict_options(model: type[models.Model], unless_exists: tuple[str, ...], *, ignore: bool) -> dict[str, Any]:
    """Return what Django's INSERT does about a row with the same unique value: set its status, nothing, or fail."""
    if not unless_exists:
        return {"on_conflict": OnConflict.IGNORE if ignore else None}
    unique_fields = [model._meta.get_field(name) for name in unless_exists]
    status = model._meta.get_field("status")
    return {"on_conflict": OnConflict.UPDATE, "update_fields": [status], "unique_fields": unique_fields}


def _select_values(insert: str, fields: list[Any], values: list[str], source: str, connection: Any) -> str:
    """Return an INSERT … SELECT, which Django doesn't have, of its INSERT … VALUES.

    :param values: the text of each value, by which that of Django's VALUES is known whole.
    """
    before, _, after = insert.partition(connection.ops.bulk_insert_sql(fields, [values]))
    return f"{before}SELECT {', '.join(values)} FROM {source}{after}"  # noqa: S608
