"""Create the tables and fill them inside the database."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from benchmarks.admin_site import rows
from benchmarks.admin_site.indexes import without_indexes
from benchmarks.admin_site.places import places
from django_ding.models import Authentication, Block, Event, PhoneNumber

CHUNK = 250_000

#: For this session only. One worker, since the server may have other clients.
_SESSION = ("synchronous_commit = off", "maintenance_work_mem = '1GB'", "max_parallel_maintenance_workers = 1")


def migrate() -> None:
    """Create or update the tables."""
    call_command("migrate", verbosity=0)


def load(authentications: int) -> None:
    """Fill the tables, and let the server finish its background work."""
    about = _about(authentications)
    big = [Authentication, *(relation.related_model for relation in Authentication._meta.related_objects)]
    with connection.cursor() as cursor:
        for setting in _SESSION:
            cursor.execute(f"SET {setting}")
        _choose_places(cursor)
        _fill_users(cursor, about)
        with without_indexes(cursor, [model._meta.db_table for model in big], log=_log):
            _fill_big(cursor, about)
        for statement in connection.ops.sequence_reset_sql(no_style(), [get_user_model(), Authentication]):
            cursor.execute(statement)
        _log("vacuum")
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")
    _log("done")


def roll_up() -> None:
    """Count the daily statistics: all days the first time, later the newest ones."""
    _log("rolling up")
    call_command("ding_rollup", stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _log("rolled up")


def _choose_places(cursor: Any) -> None:
    cursor.execute(rows.CHANCE)
    cursor.execute(rows.ULID)
    cursor.execute(rows.PLACES)
    for index, place in enumerate(places()):
        cursor.execute(rows.PLACE, [index, place.prefix, place.country, place.price, place.currency, index, index])
    cursor.execute("ANALYZE place")


def _about(authentications: int) -> dict[str, Any]:
    return {
        "now": timezone.now(),
        "authentications": authentications,
        "persons": authentications // 4,
        "users": authentications // 10,
        "places": len(places()),
    }


def _fill_users(cursor: Any, about: Mapping[str, Any]) -> None:
    _insert(cursor, get_user_model(), rows.USERS, rows.USERS_FROM, about["users"], about)
    _insert(cursor, PhoneNumber, rows.NUMBERS, rows.NUMBERS_FROM, about["users"], about)
    _insert(cursor, Block, rows.BLOCKS, rows.BLOCKS_FROM, 500, about)


def _fill_big(cursor: Any, about: Mapping[str, Any]) -> None:
    count = about["authentications"]
    events_from = rows.EVENTS_FROM.format(authentication=Authentication._meta.db_table)
    _insert(cursor, Authentication, rows.AUTHENTICATIONS, rows.AUTHENTICATIONS_FROM, count, about)
    _insert(cursor, Event, rows.EVENTS, events_from, count, about)


def _insert(
    cursor: Any,
    model: type[models.Model],
    values: Mapping[str, str],
    source: str,
    count: int,
    about: Mapping[str, Any],
) -> None:
    """Insert rows 1 to ``count`` in chunks. A column without a value gets the model's default."""
    missing = [field for field in model._meta.concrete_fields if _is_missing(field, values)]
    defaults = {field.column: field.get_db_prep_save(field.get_default(), connection) for field in missing}
    columns = dict(values) | {column: f"%({column})s" for column in defaults}
    statement = (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {', '.join(columns.values())} FROM {source} ON CONFLICT DO NOTHING"
    )
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        cursor.execute(statement, {**about, **defaults, "first": first, "last": last})
        _log(f"{model._meta.db_table} {last:,} of {count:,}")


def _is_missing(field: "models.Field[Any, Any]", values: Mapping[str, str]) -> bool:
    return field.column not in values and not field.generated and not field.primary_key


def _log(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)
