import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import TruncDay
from django.test import override_settings
from django.utils import timezone

from django_ding.models import Authentication, Block, Event, PhoneNumber, Refusal, RememberedDevice

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(phone):
    return Authentication.objects.create(phone_number=phone, expires_at=timezone.now())


def test_text_and_repr_mask_the_number(authentication, user, phone):
    number = PhoneNumber(user=user, phone_number=phone)
    for row in (authentication, number):
        assert str(row) == "+33*******78"
        assert phone not in repr(row)


def test_event_text_is_type_and_status(authentication):
    assert str(Event(authentication=authentication, type="check", status="invalid")) == "check invalid"
    assert str(Event(authentication=authentication, type="attempt")) == "attempt"


def test_validated_needs_its_date(authentication):
    with pytest.raises(IntegrityError), transaction.atomic():
        Authentication.objects.update(status="validated")
    with pytest.raises(IntegrityError), transaction.atomic():
        Authentication.objects.update(validated_at=timezone.now())
    Authentication.objects.update(status="validated", validated_at=timezone.now())


@pytest.mark.parametrize("number", ["+33612345678", "+123456789012345", "+29022222", "+6834"])
def test_numbers_are_e164(user, number):
    PhoneNumber.objects.create(user=user, phone_number=number)
    Authentication.objects.create(phone_number=number, expires_at=timezone.now())


NOT_E164 = {
    "": "empty",
    "+": "plus",
    "+3": "one digit",
    "33612345678": "no plus",
    "0612345678": "national",
    "+0612345678": "zero",
    "++33612345678": "two pluses",
    "+336+12345678": "plus inside",
    "+33 612345678": "blank inside",
    "+33612345678 ": "blank after",
    " +33612345678": "blank before",
    "+33612345678\n": "newline after",
    "+33612345678\u200b": "invisible",
    "+3361234567x": "letter",
    "+33-612345678": "dash",
    "+٣٣٦١٢٣٤٥٦٧٨": "Arabic digits",
    "+３３６１２": "full-width digits",
    "\uff0b33612345678": "full-width plus",
    "alice": "name",
}


@pytest.mark.parametrize("number", NOT_E164, ids=NOT_E164.values())
def test_database_refuses_what_is_not_e164(user, number):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumber.objects.create(user=user, phone_number=number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Authentication.objects.create(phone_number=number, expires_at=timezone.now())


def test_database_refuses_too_many_digits(user):
    with pytest.raises(DatabaseError), transaction.atomic():  # PostgreSQL: too long for the column.
        PhoneNumber.objects.create(user=user, phone_number="+1234567890123456")


def test_other_programs_can_write_to_a_table_with_numbers(db):
    """In SQLite, functions that Django adds to its own connections are missing in those of others."""
    if connection.vendor != "sqlite":
        pytest.skip("Django adds no functions to other databases")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'django_ding_phonenumber'")
        (table,) = cursor.fetchone()
    with closing(sqlite3.connect(":memory:")) as plain:
        plain.execute(table)
        plain.execute(
            "INSERT INTO django_ding_phonenumber (public_id, phone_number, verified_at, is_primary, user_id) "
            "VALUES ('a', '+33612345678', '2026-06-01', 0, 1)"
        )
        with pytest.raises(sqlite3.IntegrityError):
            plain.execute("UPDATE django_ding_phonenumber SET phone_number = '0612345678'")


def test_provider_event_id_is_unique_when_present(authentication):
    for _ in range(2):
        Event.objects.create(authentication=authentication, type="check")
    Event.objects.create(authentication=authentication, type="check", provider_event_id="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(authentication=authentication, type="check", provider_event_id="a")


def test_deleting_a_user_keeps_authentications_and_drops_numbers(user, phone):
    Authentication.objects.create(user=user, phone_number=phone, expires_at=timezone.now())
    PhoneNumber.objects.create(user=user, phone_number=phone)
    user.delete()
    assert Authentication.objects.get().user is None
    assert not PhoneNumber.objects.exists()


@override_settings(TIME_ZONE="America/New_York")
def test_days_of_django_begin_at_local_midnight(phone):
    if not connection.features.has_zoneinfo_database:
        pytest.skip("MariaDB without its time zone tables")
    moment = datetime(2026, 6, 1, 2, tzinfo=UTC)
    Authentication.objects.create(phone_number=phone, created_at=moment, expires_at=moment)
    day = Authentication.objects.values_list(TruncDay("created_at"), flat=True).get()
    assert day.isoformat() == "2026-05-31T00:00:00-04:00"
    assert Authentication.objects.filter(created_at__date="2026-05-31").exists()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: Authentication.objects.filter(public_id="0" * 32), "public_id=?"),
        (lambda: Authentication.objects.filter(authentication_uuid="a"), "authentication_uuid=?"),
        (lambda: PhoneNumber.objects.filter(phone_number="+1"), "phone_number=?"),
        (lambda: PhoneNumber.objects.filter(user_id=1), "user_id=?"),
        (lambda: Refusal.objects.to("+1"), "phone_number=?"),
        (lambda: Refusal.objects.filter(hour__lt=timezone.now()), "django_ding_refusal_hour"),
        (lambda: RememberedDevice.objects.filter(user_id=1, key_hash__in=["a", "b"]), "key_hash=?"),
        (
            lambda: Authentication.objects.live(timezone.now()).filter(phone_number="+1").order_by("-created_at"),
            "auth_number",
        ),
    ],
)
def test_hot_path_uses_an_index(rows, index):
    if connection.vendor != "sqlite":
        pytest.skip("the words of SQLite's query plans")
    plan = rows().explain()
    assert index in plan
    assert "SCAN" not in plan


def last_sent(**subject):
    """The guard's look at the newest messages to a prefix or country."""
    hour = {"created_at__gt": timezone.now() - timedelta(hours=1), "created_at__lte": timezone.now()}
    return Authentication.objects.filter(**subject, **hour).order_by("-created_at").values_list("status")[:40]


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: last_sent(prefix="+1202555"), "django_ding_auth_prefix"),
        (lambda: last_sent(country="US"), "django_ding_auth_country"),
        (
            lambda: Block.objects.filter(scope="country", subject="US", requester_type="login").order_by("-created_at")[
                :1
            ],
            "django_ding_block_subject",
        ),
    ],
)
def test_guard_finds_the_newest_by_an_index(crowded, rows, index):
    plan = rows().explain()
    assert index in plan
    assert not any(word in plan for word in ("SCAN", "Seq Scan", "TEMP B-TREE", "filesort"))


@pytest.fixture
def crowded(clock):
    """Enough rows that a planner thinks about them."""
    now = timezone.now()
    places = [("+1202555", "US"), ("+3361234", "FR"), ("+4474001", "GB"), ("+6149157", "AU")] * 200
    moments = [now - timedelta(minutes=n) for n in range(len(places))]
    Authentication.objects.bulk_create(
        Authentication(
            phone_number="+12025550100", prefix=prefix, country=country, created_at=moment, expires_at=moment
        )
        for (prefix, country), moment in zip(places, moments, strict=True)
    )
    Block.objects.bulk_create(
        Block(scope="country", subject=country, sends=1, validated=0, created_at=moment, expires_at=moment)
        for (_, country), moment in zip(places, moments, strict=True)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # So small a table is read faster as a whole.
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def test_block_knows_when_it_ended():
    now = timezone.now()
    block = Block(scope="country", subject="FR", requester_type="login", expires_at=now)
    assert (str(block), block.ended_at) == ("country FR (login)", now)
    block.lifted_at = now - timedelta(minutes=5)
    assert block.ended_at == block.lifted_at
