"""The statements on one row that every request makes, on any database.

The ORM writes a statement anew each time, which takes it several times as long as the database takes to run one so
short. Here the text is written once; the values still go through the model's fields, but for those that a field
would leave as they are. No ``pre_save`` and ``post_save`` are sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import IntegrityError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.constants import OnConflict

_Model = TypeVar("_Model", bound=models.Model)

#: Of which type the values are that fields of these kinds take and write as they are, on any database.
_LEFT_ALONE = {models.CharField: str, models.PositiveSmallIntegerField: int}


def find(model: type[_Model], *, using: str, **column: Any) -> _Model | None:
    """Return the row with this value in a unique column."""
    (name,) = column
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_select(model, name), _adapted(model, column, connection))
        found = cursor.fetchone()
    return _loaded(model, found, using) if found else None


def insert(row: models.Model, *, using: str, unique: str | None = None) -> None:
    """INSERT the row, and set its key.

    :param unique: a unique column whose value another row may have. PostgreSQL and SQLite are told to expect it: there
        it is no error that would end a transaction, or be logged by the server.
    :raises IntegrityError: when another row has it, or a constraint is broken.
    """
    connection = connections[using]
    returning = connection.features.can_return_columns_from_insert
    with connection.cursor() as cursor:
        text = _insert(type(row), _unless_taken(unique, connection), returning=returning)
        cursor.execute(text, _values(row, connection))
        key = cursor.fetchone() if returning else cursor.rowcount and (cursor.lastrowid,)
    if not key:
        raise IntegrityError(f"Another row has the same {unique}.")
    row.pk = key[0]
    row._state.adding, row._state.db = False, using


def _unless_taken(unique: str | None, connection: BaseDatabaseWrapper) -> str:
    can_name_it = connection.features.supports_update_conflicts_with_target
    return f"ON CONFLICT ({unique}) DO NOTHING" if unique and can_name_it else ""


@dataclass(frozen=True, kw_only=True)
class Merging:
    """That a row is not inserted where one has the same in the unique columns, but changes some columns of that one.

    :ivar columns: those that get the new row's values.
    :ivar counter: a column that goes up by one, if any.
    """

    columns: tuple[str, ...]
    unique: tuple[str, ...]
    counter: str = ""

    def suffix(self, model: type[models.Model], using: str) -> str:
        """Return what the database's INSERT ends with."""
        suffix = connections[using].ops.on_conflict_suffix_sql([], OnConflict.UPDATE, self.columns, self.unique)
        table, counter = model._meta.db_table, self.counter
        return f"{suffix}, {counter} = {table}.{counter} + 1" if counter else str(suffix)


def insert_or_update(row: models.Model, merging: Merging, *, using: str) -> None:
    """INSERT the row, or UPDATE the one that is there already. No key is set."""
    connection = connections[using]
    with connection.cursor() as cursor:
        text = _insert(type(row), merging.suffix(type(row), using), returning=False)
        cursor.execute(text, _values(row, connection))


def update(row: models.Model, values: Mapping[str, Any], *, using: str, where: str = "") -> bool:
    """UPDATE these columns of the row, where it is so. Tell whether it was."""
    return change(row, ", ".join(f"{name} = %({name})s" for name in values), values, using=using, where=where)


def change(row: models.Model, changes: str, values: Mapping[str, Any], *, using: str, where: str = "") -> bool:
    """UPDATE the row in the words of SQL, in which ``%(name)s`` is a value fit for the column of that name."""
    condition = f"{_key(type(row))} = %(row)s" + (f" AND {where}" if where else "")
    connection = connections[using]
    adapted = dict(zip(values, _adapted(type(row), values, connection), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {changes} WHERE {condition}", adapted | {"row": row.pk})  # noqa: S608
        return bool(cursor.rowcount)


def delete(model: type[models.Model], values: Sequence[Any], *, using: str, column: str = "") -> int:
    """DELETE the rows with these keys, or with these values in another column; return how many there were.

    No ``pre_delete`` and ``post_delete`` are sent, and what else refers to the rows is not looked at.
    """
    if not values:
        return 0
    name = connections[using].ops.quote_name(column or _key(model))  # A counter's is a word of SQL.
    marks = ", ".join(["%s"] * len(values))
    with connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {name} IN ({marks})", values)  # noqa: S608
        return int(cursor.rowcount)


@dataclass(frozen=True, kw_only=True)
class Update:
    """New values for the rows of a table that have certain values in other columns."""

    model: type[models.Model]
    values: Mapping[str, Any]
    where: Mapping[str, Any]

    def run(self, using: str) -> None:
        """UPDATE them."""
        connection = connections[using]
        with connection.cursor() as cursor:
            cursor.execute(self.text(), self.adapted(connection))

    def text(self) -> str:
        """Return the statement."""
        changes = ", ".join(f"{name} = %s" for name in self.values)
        condition = " AND ".join(f"{name} = %s" for name in self.where)
        return f"UPDATE {self.model._meta.db_table} SET {changes} WHERE {condition}"  # noqa: S608

    def adapted(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """Return its values as the database takes them."""
        return _adapted(self.model, self.values, connection) + _adapted(self.model, self.where, connection)


def update_and_insert(
    row: models.Model,
    values: Mapping[str, Any],
    child: models.Model,
    *,
    using: str,
    where: str = "",
    merging: Merging | None = None,
    besides: Update | None = None,
    durable: bool = True,
) -> bool:
    """UPDATE the row as :func:`update` does and, where that was done, INSERT another one of it: both or neither.

    In PostgreSQL that is one statement, which saves three round trips. Elsewhere it is a short transaction. The key of
    what was inserted is not told.

    :param besides: what else is done then.
    :param durable: ``False`` when it does no harm that a crash of the server undoes it. PostgreSQL doesn't wait for the
        disk then.
    """
    if connections[using].vendor == "postgresql":
        return _update_and_insert(
            row, values, child, using=using, where=where, merging=merging, besides=besides, durable=durable
        )
    with transaction.atomic(using=using, savepoint=False):
        if not update(row, values, using=using, where=where):
            return False
        if merging:
            insert_or_update(child, merging, using=using)
        else:
            insert(child, using=using)
        if besides:
            besides.run(using)
    return True


def _update_and_insert(
    row: models.Model,
    values: Mapping[str, Any],
    child: models.Model,
    *,
    using: str,
    where: str,
    merging: Merging | None,
    besides: Update | None,
    durable: bool,
) -> bool:
    text = _updating_and_inserting(
        type(row), tuple(values), where, type(child), merging, besides.text() if besides else "", using, durable=durable
    )
    connection = connections[using]
    adapted = [*_adapted(type(row), values, connection), row.pk]
    adapted += besides.adapted(connection) if besides else []
    with connection.cursor() as cursor:
        cursor.execute(text, adapted + _values(child, connection))
        return bool(cursor.rowcount)


def _loaded(model: type[_Model], row: Sequence[Any], using: str) -> _Model:
    """Return what the database gave as the ORM would."""
    fields = _fields(model)
    compiler = model._base_manager.all().query.get_compiler(using)
    converters = compiler.get_converters([field.cached_col for field in fields.values()])
    (values,) = compiler.apply_converters([row], converters)
    return model.from_db(using, list(fields), values)


def _values(row: models.Model, connection: BaseDatabaseWrapper) -> list[Any]:
    """Return what the row's columns hold as the database takes it, the key left out."""
    return [_adapt(field, getattr(row, field.attname), connection) for field in _given(type(row))]


def _adapted(model: type[models.Model], values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
    """Return the values as the database takes them."""
    fields = _fields(model)
    return [_adapt(fields[name], value, connection) for name, value in values.items()]


def _adapt(field: "models.Field[Any, Any]", value: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return the value as the database takes it. The field isn't asked about what it would leave as it is."""
    if value is None or type(value) is _LEFT_ALONE.get(type(field)):
        return value
    return field.get_db_prep_save(value, connection)


@lru_cache
def _select(model: type[models.Model], name: str) -> str:
    return f"SELECT {', '.join(_fields(model))} FROM {model._meta.db_table} WHERE {name} = %s"  # noqa: S608 - as above


@lru_cache
def _insert(model: type[models.Model], on_conflict: str, *, returning: bool) -> str:
    columns = ", ".join(_columns(model))
    values = ", ".join(["%s"] * len(_columns(model)))
    suffix = f"RETURNING {_key(model)}" if returning else ""
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({values}) {on_conflict} {suffix}"  # noqa: S608


@lru_cache
def _updating_and_inserting(
    model: type[models.Model],
    changed: tuple[str, ...],
    where: str,
    child: type[models.Model],
    merging: Merging | None,
    besides: str,
    using: str,
    *,
    durable: bool,
) -> str:
    """Return PostgreSQL's statement for both, with another one (``besides``) between them if any."""
    changes = ", ".join(f"{name} = %s" for name in changed)
    condition = f"{_key(model)} = %s" + (f" AND {where}" if where else "")
    returned = "1" if durable else "set_config('synchronous_commit', 'off', true)"  # For this transaction alone.
    more = f", besides AS ({besides} AND EXISTS (SELECT 1 FROM changed))" if besides else ""  # noqa: S608
    columns = _columns(child)
    suffix = merging.suffix(child, using) if merging else ""
    return (
        f"WITH changed AS (UPDATE {model._meta.db_table} SET {changes} WHERE {condition} RETURNING {returned}){more} "  # noqa: S608
        f"INSERT INTO {child._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {', '.join(['%s'] * len(columns))} FROM changed {suffix}"
    )


@lru_cache
def _fields(model: type[models.Model]) -> "dict[str, models.Field[Any, Any]]":
    return {str(field.column): field for field in model._meta.concrete_fields}


@lru_cache
def _given(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    """Return the fields that a new row has values for: all but the key, which the database gives."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@lru_cache
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in _given(model))


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)
