"""The statements on one row that every request makes, on any database.

The ORM writes a statement anew each time, which takes it several times as long as the database takes to run one so
short. Here the text is written once; the values still go through the model's fields. No ``pre_save`` and ``post_save``
are sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connections, models, transaction
from django.db.models.constants import OnConflict

_Model = TypeVar("_Model", bound=models.Model)


def find(model: type[_Model], *, using: str, **column: Any) -> _Model | None:
    """Return the row with this value in a unique column."""
    (name,) = column
    with connections[using].cursor() as cursor:
        cursor.execute(_select(model, name), _prepared(model, column, using))
        found = cursor.fetchone()
    return _loaded(model, found, using) if found else None


def insert(row: models.Model, *, using: str) -> None:
    """INSERT the row, and set its key."""
    returning = connections[using].features.can_return_columns_from_insert
    with connections[using].cursor() as cursor:
        cursor.execute(_insert(type(row), returning=returning), _values(row, using))
        row.pk = cursor.fetchone()[0] if returning else cursor.lastrowid
    row._state.adding, row._state.db = False, using


@dataclass(frozen=True, kw_only=True)
class Merging:
    """That a row is not inserted where one has the same in the unique columns, of which a column is updated instead."""

    column: str
    unique: tuple[str, ...]

    def suffix(self, using: str) -> str:
        """Return what the database's INSERT ends with."""
        return str(connections[using].ops.on_conflict_suffix_sql([], OnConflict.UPDATE, [self.column], self.unique))


def insert_or_update(row: models.Model, merging: Merging, *, using: str) -> None:
    """INSERT the row, or UPDATE the one that is there already. No key is set."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"{_insert(type(row), returning=False)} {merging.suffix(using)}", _values(row, using))


def update(row: models.Model, values: Mapping[str, Any], *, using: str, where: str = "") -> bool:
    """UPDATE these columns of the row, where it is so. Tell whether it was."""
    return change(row, ", ".join(f"{name} = %({name})s" for name in values), values, using=using, where=where)


def change(row: models.Model, changes: str, values: Mapping[str, Any], *, using: str, where: str = "") -> bool:
    """UPDATE the row in the words of SQL, in which ``%(name)s`` is a value fit for the column of that name."""
    condition = f"{_key(type(row))} = %(row)s" + (f" AND {where}" if where else "")
    prepared = dict(zip(values, _prepared(type(row), values, using), strict=True))
    with connections[using].cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {changes} WHERE {condition}", prepared | {"row": row.pk})  # noqa: S608
        return bool(cursor.rowcount)


def update_and_insert(
    row: models.Model,
    values: Mapping[str, Any],
    child: models.Model,
    *,
    using: str,
    where: str = "",
    merging: Merging | None = None,
) -> bool:
    """UPDATE the row as :func:`update` does and, where that was done, INSERT another one of it: both or neither.

    In PostgreSQL that is one statement, which saves three round trips. Elsewhere it is a short transaction. The key of
    what was inserted is not told.
    """
    if connections[using].vendor == "postgresql":
        return _update_and_insert(row, values, child, using=using, where=where, merging=merging)
    with transaction.atomic(using=using, savepoint=False):
        if not update(row, values, using=using, where=where):
            return False
        if merging:
            insert_or_update(child, merging, using=using)
        else:
            insert(child, using=using)
    return True


def _update_and_insert(
    row: models.Model,
    values: Mapping[str, Any],
    child: models.Model,
    *,
    using: str,
    where: str,
    merging: Merging | None,
) -> bool:
    changes = ", ".join(f"{name} = %s" for name in values)
    condition = f"{_key(type(row))} = %s" + (f" AND {where}" if where else "")
    columns = _columns(type(child))
    suffix = merging.suffix(using) if merging else ""
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"WITH changed AS (UPDATE {row._meta.db_table} SET {changes} WHERE {condition} RETURNING 1) "  # noqa: S608
            f"INSERT INTO {child._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(['%s'] * len(columns))} FROM changed {suffix}",
            [*_prepared(type(row), values, using), row.pk, *_values(child, using)],
        )
        return bool(cursor.rowcount)


def _loaded(model: type[_Model], row: Sequence[Any], using: str) -> _Model:
    """Return what the database gave as the ORM would."""
    fields = _fields(model)
    compiler = model._base_manager.all().query.get_compiler(using)
    converters = compiler.get_converters([field.cached_col for field in fields.values()])
    (values,) = compiler.apply_converters([row], converters)
    return model.from_db(using, list(fields), values)


def _values(row: models.Model, using: str) -> list[Any]:
    """Return what the row's columns hold as the database takes it, the key left out."""
    return _prepared(type(row), {name: getattr(row, name) for name in _columns(type(row))}, using)


def _prepared(model: type[models.Model], values: Mapping[str, Any], using: str) -> list[Any]:
    """Return the values as the database takes them."""
    fields, connection = _fields(model), connections[using]
    return [fields[name].get_db_prep_save(value, connection) for name, value in values.items()]


@lru_cache
def _select(model: type[models.Model], name: str) -> str:
    return f"SELECT {', '.join(_fields(model))} FROM {model._meta.db_table} WHERE {name} = %s"  # noqa: S608 - as above


@lru_cache
def _insert(model: type[models.Model], *, returning: bool) -> str:
    columns = _columns(model)
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
    return f"{statement} RETURNING {_key(model)}" if returning else statement


@lru_cache
def _fields(model: type[models.Model]) -> "dict[str, models.Field[Any, Any]]":
    return {str(field.column): field for field in model._meta.concrete_fields}


@lru_cache
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(name for name in _fields(model) if name != _key(model))


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)
