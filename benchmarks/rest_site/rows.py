"""The tables with users, each with a verified number, and old rows: many days and results, with three events each."""

from datetime import timedelta
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from benchmarks.rest_site.floor import Row
from django_ding.models import Authentication, Event, PhoneNumber

#: Rows that the ORM creates and the database then copies.
ORIGINALS = 1000

#: The statuses of ten old rows.
STATUSES = ["validated"] * 6 + ["expired"] * 2 + ["failed", "spam_detected"]

#: When the copy of an authentication was made, and the time that its id of version 7 begins with.
CREATED_AT = "r.created_at - n * interval '8 minutes'"
MILLISECONDS = f"lpad(to_hex((extract(epoch from {CREATED_AT}) * 1000)::bigint), 12, '0')"

#: The columns that differ between the copies of a row: ``n`` numbers them, ``r`` is their original.
AUTHENTICATIONS = {
    "public_id": f"({MILLISECONDS} || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid",
    "authentication_uuid": "gen_random_uuid()::text",
    "phone_number": "'+336' || lpad((n * 7919 % 10000)::text, 4, '0') || lpad((r.user_id * 37 % 10000)::text, 4, '0')",
    "prefix": "'+336' || lpad((n * 7919 % 10000)::text, 4, '0')",
    "created_at": CREATED_AT,
    "expires_at": "r.expires_at - n * interval '8 minutes'",
    "validated_at": "r.validated_at - n * interval '8 minutes'",
}
EVENTS = {
    "authentication_id": "a.id",
    "occurred_at": "a.created_at + n * interval '9 seconds'",
    "type": "(ARRAY['authentication', 'attempt', 'check'])[n]",
}


def make(rows: int, *, days_ago: int = 0) -> None:
    """Create the tables and the rows, and let the server finish its background work."""
    call_command("migrate", verbosity=0)
    add_floor()
    users = User.objects.bulk_create(User(username=f"user {index}") for index in range(ORIGINALS))
    PhoneNumber.objects.bulk_create(
        PhoneNumber(user=user, phone_number=f"+3361234{index:04}", is_primary=True, verified_at=timezone.now())
        for index, user in enumerate(users)
    )
    if rows:
        _fill(rows // ORIGINALS - 1, days_ago)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def add_floor() -> None:
    """Create the floor's table, unless it is there."""
    if Row._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Row)


def _fill(copies: int, days_ago: int) -> None:
    originals = [_authentication(user, days_ago) for user in User.objects.order_by("pk")]
    authentications = Authentication.objects.bulk_create(originals)
    Event.objects.create(authentication=authentications[0], status="pending")
    authentication, event = Authentication._meta.db_table, Event._meta.db_table
    _copy(Authentication, AUTHENTICATIONS, f"{authentication} r, generate_series(1, {copies}) n")
    _copy(Event, EVENTS, f"{event} r, {authentication} a, generate_series(1, 3) n")


def _authentication(user: User, days_ago: int) -> Authentication:
    now = timezone.now() - timedelta(days=days_ago)
    status = STATUSES[user.pk % len(STATUSES)]
    return Authentication(
        user=user,
        phone_number=f"+3361234{user.pk % 10_000:04}",
        country="FR",
        purpose="second_factor",
        authentication_uuid=str(uuid4()),
        status=status,
        check_count=1,
        created_at=now - timedelta(hours=1),
        expires_at=now - timedelta(minutes=50),
        validated_at=now - timedelta(minutes=55) if status == "validated" else None,
        ip="192.0.2.1",
    )


def _copy(model: type[models.Model], different: dict[str, str], source: str) -> None:
    """Multiply rows inside the database. Other columns are copied as they are."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join(different.get(column, f"r.{column}") for column in columns)
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM {source}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement)
