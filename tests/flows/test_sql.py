"""The statements that are written by hand do what the ORM's do."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.models import Authentication, Event
from django_ding.services import Signals, check, send, statements
from django_ding.services.records import event_of, write_with
from django_ding.services.timeline import ONE_BEGINNING
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

USING = connection.alias
MAX_CHECKS = ding_settings.MAX_CHECKS
CASES = list(product(Authentication.Status, (-1, 0, 1), (MAX_CHECKS - 1, MAX_CHECKS)))


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_insert_writes_every_column(user, phone):
    authentication = send(phone, user=user, signals=Signals(ip="192.0.2.7", device_id="d", device_model="m"))
    assert columns(Authentication.objects.get()) == columns(authentication)
    assert not authentication._state.adding


def test_find_loads_what_the_orm_does(user, phone):
    authentication = send(phone, user=user, signals=Signals(ip="2001:db8::7", device_model='"é'))
    found = statements.find(Authentication, public_id=authentication.public_id, using=USING)
    assert columns(found) == columns(Authentication.objects.get())
    assert (found._state.adding, found._state.db) == (False, USING)


def test_find_nothing_is_none(phone):
    assert statements.find(Authentication, slot=phone, using=USING) is None


def test_insert_tells_of_another_row_with_the_same(user, phone):
    first = send(phone, user=user)
    other = Authentication(phone_number=phone, slot=first.slot, expires_at=timezone.now())
    with pytest.raises(IntegrityError):
        statements.insert(other, unique="slot", using=USING)
    assert other.pk is None
    assert Authentication.objects.get() == first


def test_insert_takes_what_the_columns_hold(user, phone):
    authentication = send(phone, user=user)
    event = Event(authentication_id=authentication.pk, type="check", status="%s'\"", facts={"%": ["é", None]})
    statements.insert(event, using=USING)
    assert columns(Event.objects.get(pk=event.pk)) == columns(event)


def test_insert_or_update_writes_one_row_and_then_one_column(user, other_user, phone):
    first, other = send(phone, user=user), send(phone, user=other_user)
    Event.objects.all().delete()
    for authentication, status in ((first, "begun"), (other, "begun"), (first, "over")):
        event = Event(authentication=authentication, type="attempt", status=status, provider_event_id="a")
        event.facts = {"told": status}
        statements.insert_or_update(event, ONE_BEGINNING, using=USING)
    rows = Event.objects.order_by("authentication_id").values_list("authentication_id", "status", "facts")
    assert list(rows) == [(first.pk, "over", {"told": "begun"}), (other.pk, "begun", {"told": "begun"})]


def test_update_leaves_other_rows_alone(user, other_user, phone):
    changed, other = send(phone, user=user), send(phone, user=other_user)
    assert statements.update(changed, {"channel": "rcs"}, using=USING)
    assert not statements.update(changed, {"channel": "text"}, where="validated_at IS NOT NULL", using=USING)
    rows = dict(Authentication.objects.values_list("pk", "channel"))
    assert rows == {changed.pk: "rcs", other.pk: ""}


@pytest.mark.parametrize("where", ["", "validated_at IS NOT NULL"])
def test_update_and_insert_does_all_or_nothing(user, other_user, phone, where):
    changed, besides = send(phone, user=user), send(phone, user=other_user)
    update = statements.Update(
        model=Authentication, values={"channel": "text"}, where={"id": besides.pk, "channel": ""}
    )
    event = event_of(changed, Event.Type.CHECK, "valid")
    done = write_with(changed, event, where=where, besides=update, channel="rcs")
    assert done is not bool(where)
    assert changed.events.filter(type="check").exists() is done
    rows = dict(Authentication.objects.values_list("pk", "channel"))
    assert rows == ({changed.pk: "rcs", besides.pk: "text"} if done else {changed.pk: "", besides.pk: ""})


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL lets a transaction choose")
@pytest.mark.parametrize("durable", [True, False])
def test_update_and_insert_waits_for_the_disk_if_it_must(phone, durable):
    authentication, usual = send(phone), synchronous_commit()
    with transaction.atomic():
        write_with(authentication, event_of(authentication, "check", "valid"), durable=durable, channel="rcs")
        assert synchronous_commit() == (usual if durable else "off")
    assert synchronous_commit() == usual
    assert Authentication.objects.get().channel == "rcs"
    assert list(Event.objects.values_list("status", flat=True)) == ["pending", "valid"]


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
