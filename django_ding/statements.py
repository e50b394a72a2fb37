"""Statements that the ORM compiles once, and what keeps their values out of the text.

Django's own compiler writes each text on its first use, once per database alias, with a :class:`Parameter` in place of
each value; the fields convert the values each time.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet, sql
from django.db.models.constants import OnConflict

#: A function of a module that returns a query. The text is kept under the function itself.
Rows = Callable[[], QuerySet[Any]]

_PLAIN = re.compile("[a-z_]*|{}", re.ASCII)

#: The type of values that these fields pass to every database unchanged, so that they need not be asked.
_UNCHANGED: Mapping[type, type] = {models.CharField: str, models.PositiveSmallIntegerField: int}

#: The same of databases that have such a type.
_UNCHANGED_UUID: Mapping[type, type] = {models.UUIDField: UUID}


class Parameter(Expression):
    """A value that is given when the statement runs.

    As an expression it passes through filters, updates and inserts unchanged, and leaves a :class:`Placeholder` among
    the parameters that the compiler returns beside the text, in the order of the text.

    :param name: what the value is called when it is given.
    :param field: the field that converts it for the database.
    """

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        kinds = {**_UNCHANGED, **(_UNCHANGED_UUID if connection.features.has_native_uuid_field else {})}
        return "%s", [Placeholder(self.name, self.output_field, kinds.get(type(self.output_field)))]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a statement takes a value.

    :ivar name: what the value is called.
    :ivar field: the field that converts it for the database.
    :ivar unchanged: the type of values that need no conversion.
    """

    name: str
    field: Any
    unchanged: type | None

    def convert(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the value as the database takes it."""
        if value is None or type(value) is self.unchanged:
            return value
        if self.unchanged is str and isinstance(value, str):  # One of a list of choices.
            return str(value)
        return self.field.get_db_prep_save(value, connection)


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
class Statement:
    """A text, and in its order what becomes of its placeholders: each a :class:`Placeholder`, or a constant."""

    text: str
    parameters: tuple[Any, ...]

    def bind(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
        """Return the parameters; constants of the query's own stay as they are."""
        return [
            item.convert(values[item.name], connection) if isinstance(item, Placeholder) else item
            for item in self.parameters
        ]


@dataclass(frozen=True)
class Select(Statement):
    """A statement that returns rows: its query, and those of the query's columns whose values Django converts."""

    query: Any
    converted: Mapping[int, Any]

    def convert(self, rows: Iterable[Any], using: str) -> Iterable[Any]:
        """Return what the database returned as the ORM would: a foreign key is converted by the field it refers to.

        The converters belong to a connection, and so to a thread: they are not kept.
        """
        if not self.converted:
            return rows
        compiler = self.query.get_compiler(using)
        converters = compiler.get_converters(self.converted.values())
        indexes = list(self.converted)
        by_index = {indexes[position]: converter for position, converter in converters.items()}
        converted: Iterable[Any] = compiler.apply_converters(rows, by_index)
        return converted


@lru_cache(maxsize=256)
def compile_update(rows: Rows, expressions: tuple[tuple[str, Any], ...], using: str) -> Statement:
    """Compile an UPDATE.

    :param expressions: the columns that change, each with its expression, or ``None`` for a parameter ``new_…``.
    """
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
    return Statement(text, tuple(parameters))


@lru_cache(maxsize=64)
def compile_select(rows: Rows, using: str) -> Select:
    """Compile the SELECT of a query."""
    query = rows().query
    compiler = query.get_compiler(using)
    text, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select]
    return Select(text, tuple(parameters), query, {index: columns[index] for index in compiler.get_converters(columns)})


@lru_cache(maxsize=64)
def compile_insert(
    model: type[models.Model],
    given: tuple[str, ...],
    using: str,
    *,
    returning: bool = False,
    ignore_conflicts: bool = False,
    unless_exists: tuple[str, ...] = (),
    source: str = "",
) -> Statement:
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
    return Statement(text, tuple(parameters))


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
