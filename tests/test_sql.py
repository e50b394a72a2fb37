"""The statements that the ORM compiled once do what the ORM itself does."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from django_ding import sql, statements
from django_ding.conf import ding_settings
from django_ding.flows._events import build_event, this_row, update_with_event
from django_ding.flows.timeline import ONE_OPENING
from django_ding.models import Authentication, Event
from django_ding.services import DeviceSignals, check, send
from django_ding.sql import Insert
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

USING = connection.alias
MAX_CHECKS = ding_settings.MAX_CHECKS
REQUESTER = ("public_id", "user_id", "ip", "created_at", "device_signals")
CASES = list(product(Authentication.Status, (-1, 0, 1), (MAX_CHECKS - 1, MAX_CHECKS)))


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_insert_writes_every_column(user, phone):
    device = DeviceSignals(device_id="d", device_model="m")
    authentication = send(phone, user=user, ip="192.0.2.7", device_signals=device).authentication
    assert columns(Authentication.objects.get()) == columns(authentication)
    assert not authentication._state.adding


def test_get_loads_what_the_orm_does(user, phone):
    device = DeviceSignals(device_model='"é')
    authentication = send(phone, user=user, ip="2001:db8::7", device_signals=device).authentication
    found = sql.get(Authentication, public_id=authentication.public_id, using=USING)
    assert columns(found) == columns(Authentication.objects.get())
    assert (found._state.adding, found._state.db) == (False, USING)


@pytest.mark.parametrize("first", [True, False])
def test_get_converts_times_as_the_setting_asks(settings, phone, first):
    """Whichever value of USE_TZ the statement was compiled with."""
    row = Authentication.objects.create(phone_number=phone, expires_at=timezone.now())
    statements.compile_select.cache_clear()
    for settings.USE_TZ in (first, not first):
        found = sql.get(Authentication, public_id=row.public_id, using="default")
        assert found.expires_at == Authentication.objects.get().expires_at
    statements.compile_select.cache_clear()


def test_fetch_returns_what_the_orm_does(user, phone):
    for given in ({"user": user, "ip": "2001:db8::7"}, {"ip": "192.0.2.7", "device_signals": {"é": None}}):
        Authentication.objects.create(phone_number=phone, expires_at=timezone.now(), **given)
    rows = sql.fetch(requesters, using=USING, phone_number=phone)
    assert [tuple(row) for row in rows] == list(Authentication.objects.order_by("pk").values_list(*REQUESTER))
    assert sql.fetch(requesters, using=USING, phone_number="+33612345670") == []


def requesters():
    number = statements.Parameter("phone_number", Authentication._meta.get_field("phone_number"))
    return Authentication.objects.filter(phone_number=number).order_by("pk").values_list(*REQUESTER)


def test_get_without_a_row_is_none(phone):
    assert sql.get(Authentication, dedup_key=uuid4(), using=USING) is None


@pytest.mark.parametrize("ignore_conflicts", [True, False])
def test_insert_raises_for_another_row_with_the_same(user, phone, ignore_conflicts):
    first = send(phone, user=user).authentication
    values = {name: value for name, value in columns(first).items() if name != "id"} | {"public_id": uuid4()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Insert(model=Authentication, values=values).run(USING, ignore_conflicts=ignore_conflicts)
    assert Authentication.objects.get() == first


def test_insert_takes_what_the_columns_hold(user, phone):
    authentication = send(phone, user=user).authentication
    event = build_event(authentication, "check", "%s'\"", data={"%": ["é", None]})
    row = columns(Event.objects.get(pk=event.run(USING)))
    assert row == row | event.values


def test_insert_writes_the_defaults_of_other_columns(user, phone):
    authentication = send(phone, user=user).authentication
    given = build_event(authentication, "check", "valid").values
    written = Event.objects.get(pk=Insert(model=Event, values=given).run(USING))
    by_the_orm = Event.objects.create(**given)
    assert columns(written) | {"id": by_the_orm.pk} == columns(by_the_orm)


def test_insert_names_the_column_without_a_plain_default(phone):
    with pytest.raises(ValueError, match="public_id has no plain default"):
        Insert(model=Authentication, values={"phone_number": phone}).run(USING)


def test_insert_unless_it_exists_writes_one_row_and_then_one_column(phone):
    first, other = create(phone), create(phone)
    for authentication, status in ((first, "begun"), (other, "begun"), (first, "over")):
        event = build_event(authentication, "attempt", status, provider_event_id="a", data={"said": status})
        assert update_with_event(authentication, event, unless_exists=ONE_OPENING, channel="rcs")
    rows = Event.objects.order_by("authentication_id").values_list("authentication_id", "status", "data")
    assert list(rows) == [(first.pk, "over", {"said": "begun"}), (other.pk, "begun", {"said": "begun"})]


def create(phone):
    return Authentication.objects.create(phone_number=phone, expires_at=timezone.now())


def validated():
    return this_row().exclude(validated_at=None)


def without_channel():
    return this_row().filter(channel="")


def test_update_leaves_other_rows_alone(phone):
    changed, other = create(phone), create(phone)
    parameters = {"pk": changed.pk}
    assert sql.Update(rows=this_row, values={"channel": "rcs"}, parameters=parameters).run(USING) == 1
    assert sql.Update(rows=validated, values={"channel": "sms"}, parameters=parameters).run(USING) == 0
    rows = dict(Authentication.objects.values_list("pk", "channel"))
    assert rows == {changed.pk: "rcs", other.pk: ""}


@pytest.mark.parametrize("rows", [this_row, validated])
def test_update_and_insert_does_all_or_nothing(phone, rows):
    changed, other = create(phone), create(phone)
    also = sql.Update(rows=without_channel, values={"channel": "sms"}, parameters={"pk": other.pk})
    done = update_with_event(changed, build_event(changed, "check", "valid"), rows=rows, also=also, channel="rcs")
    assert done is (rows is this_row)
    assert changed.channel == ("rcs" if done else "")
    assert changed.events.filter(type="check").exists() is done
    channels = dict(Authentication.objects.values_list("pk", "channel"))
    assert channels == ({changed.pk: "rcs", other.pk: "sms"} if done else {changed.pk: "", other.pk: ""})


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL lets a transaction choose")
@pytest.mark.parametrize("durable", [True, False])
def test_update_and_insert_waits_for_the_disk_if_it_must(phone, durable):
    authentication, usual = send(phone).authentication, synchronous_commit()
    with transaction.atomic():
        update_with_event(authentication, build_event(authentication, "check", "valid"), durable=durable, channel="rcs")
        assert synchronous_commit() == (usual if durable else "off")
    assert synchronous_commit() == usual
    assert Authentication.objects.get().channel == "rcs"
    assert list(Event.objects.values_list("status", flat=True)) == ["pending", "valid"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL lets a transaction choose")
@pytest.mark.parametrize("durable", [True, False])
def test_update_waits_for_the_disk_if_it_must(phone, durable):
    authentication, usual = create(phone), synchronous_commit()
    update = sql.Update(rows=this_row, values={"channel": "rcs"}, parameters={"pk": authentication.pk})
    with transaction.atomic():
        assert update.run(USING, durable=durable) == 1
        assert synchronous_commit() == (usual if durable else "off")
    assert synchronous_commit() == usual


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL lets a transaction choose")
@pytest.mark.parametrize("durable", [True, False])
def test_insert_waits_for_the_disk_if_it_must(phone, durable):
    event, usual = build_event(create(phone), "check", "valid"), synchronous_commit()
    with transaction.atomic():
        assert event.run(USING, durable=durable) == Event.objects.get().pk
        assert synchronous_commit() == (usual if durable else "off")
    assert synchronous_commit() == usual


def synchronous_commit():
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("status", "seconds", "check_count"), CASES)
def test_check_is_counted_where_the_row_is_checkable(clock, phone, status, seconds, check_count):
    now = timezone.now()
    authentication = Authentication.objects.create(
        phone_number=phone,
        status=status,
        expires_at=now + timedelta(seconds=seconds),
        check_count=check_count,
        validated_at=now if status == "validated" else None,
    )
    checkable = Authentication.objects.checkable(now, max_checks=MAX_CHECKS).exists()
    with using(Newfangled):
        check(authentication, "000000")
    counted = Authentication.objects.get().check_count > check_count
    assert counted is checkable
