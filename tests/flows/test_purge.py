import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.utils import timezone

from django_ding.flows import purge as purge_flow
from django_ding.models import (
    Authentication,
    Block,
    Event,
    Lockout,
    RateLimitCounter,
    RecoveryCode,
    Refusal,
    RememberedDevice,
)
from django_ding.services import PurgeResult, check, make_proof, purge, remember_device, send, verify_proof
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture(autouse=True)
def _noon(clock):
    """Every test moves the clock itself."""


def authentications(count=1, *, days=0.0, status="expired", **fields):
    """Make rows of so many days ago, each with two events."""
    moment = timezone.now() - timedelta(days=days)
    times = {"created_at": moment, "expires_at": moment + timedelta(minutes=10)}
    rows = [Authentication(phone_number="+12025550100", status=status, **times | fields) for _ in range(count)]
    for row in rows:
        row.save()
    Event.objects.bulk_create([Event(authentication=row, type="check", occurred_at=moment) for row in rows * 2])
    return rows


def block(*, days, **fields):
    moment = timezone.now() - timedelta(days=days)
    return Block.objects.create(
        scope="country", subject="FR", sends=1, validated=0, created_at=moment, **{"expires_at": moment} | fields
    )


def refusal(*, days):
    """Make the row of the hour that began so many days ago."""
    hour = timezone.now() - timedelta(days=days)
    return Refusal.objects.create(
        phone_number="+12025550100", reason="phone", count=9, hour=hour, first_at=hour, last_at=hour
    )


# What is old.


def test_purge_deletes_old_authentications_with_their_events():
    authentications(3, days=91)
    (young,) = authentications(days=89)
    assert purge(older_than=90 * DAY) == PurgeResult(authentications=3, events=6)
    assert Authentication.objects.get() == young
    assert Event.objects.count() == 2
    assert purge(older_than=90 * DAY) == PurgeResult()


@pytest.mark.parametrize("status", Authentication.Status)
def test_purge_deletes_every_status(status):
    validated_at = timezone.now() - timedelta(days=91) if status == "validated" else None
    authentications(days=91, status=status, validated_at=validated_at)
    assert purge(older_than=90 * DAY).authentications == 1


def test_purge_takes_the_times_of_the_setting():
    authentications(days=91)
    for days in (400, 100, 50):
        block(days=days)
        refusal(days=days)
    with sandbox(RETENTION_DAYS={"authentications": 90, "blocks": 365, "refusals": 60}):
        assert purge() == PurgeResult(authentications=1, events=2, blocks=1, refusals=2)


def test_purge_keeps_for_ever_what_no_time_is_set_for():
    authentications(days=5000)
    block(days=5000)
    refusal(days=5000)
    assert purge() == PurgeResult()
    with sandbox(RETENTION_DAYS={"blocks": 10}):
        assert purge() == PurgeResult(blocks=1)


def test_purge_prefers_the_time_it_is_given():
    authentications(days=50)
    with sandbox(RETENTION_DAYS={"authentications": 90}):
        assert purge() == PurgeResult()
        assert purge(older_than=40 * DAY).authentications == 1


def test_purge_never_deletes_live_ones(phone):
    send(phone)
    authentications(days=100, status="pending", expires_at=timezone.now() + timedelta(minutes=1))
    assert purge(older_than=0) == PurgeResult()
    assert Authentication.objects.count() == 2


def test_purge_keeps_what_a_proof_needs(phone, clock):
    with sandbox(PROOF_TIMEOUT=3600) as outbox:
        authentication = send(phone, purpose="signup").authentication
        check(authentication, outbox[-1].code)
        proof = make_proof(authentication)
        clock.shift(3500)
        assert purge(older_than=0) == PurgeResult()
        assert verify_proof(proof) == authentication
        clock.shift(3600)
        assert purge(older_than=0).authentications == 1


def test_purge_keeps_what_the_guard_evaluates():
    with sandbox(MIN_CONVERSION="20%/20/7d/prefix"):
        authentications(days=6)
        block(days=6)
        assert purge(older_than=0) == PurgeResult()
        authentications(days=8)
        block(days=8)
        assert purge(older_than=0) == PurgeResult(authentications=1, events=2, blocks=1)


def test_purge_keeps_active_blocks():
    block(days=100, expires_at=timezone.now() + timedelta(hours=1))
    assert purge(older_than=DAY) == PurgeResult()


def test_purge_keeps_refusals_of_an_hour_that_has_not_ended(clock):
    refusal(days=0)
    clock.shift(3599)
    assert purge(older_than=0) == PurgeResult()
    clock.shift(1)
    assert purge(older_than=1) == PurgeResult()
    assert purge(older_than=0) == PurgeResult(refusals=1)


def test_purge_deletes_expired_devices_and_counters_whatever_is_set(user, clock):
    remember_device(user, name="old")
    RateLimitCounter.objects.create(key="old", count=1, expires_at=timezone.now() + timedelta(seconds=5))
    clock.shift(20 * DAY)
    remember_device(user, name="young")
    RateLimitCounter.objects.create(key="young", count=1, expires_at=timezone.now() + timedelta(seconds=5))
    clock.shift(11 * DAY)
    assert purge() == PurgeResult(devices=1, counters=2)
    assert RememberedDevice.objects.get().name == "young"


def test_dry_run_counts_beforehand_and_changes_nothing():
    authentications(3, days=91)
    authentications(days=1)
    block(days=100)
    refusal(days=100)
    for _ in range(2):
        counted = purge(older_than=90 * DAY, dry_run=True)
        assert counted == PurgeResult(authentications=3, blocks=1, refusals=1)
        assert counted.total == 5
    assert Authentication.objects.count() == 4
    assert purge(dry_run=True) == PurgeResult()


@pytest.mark.parametrize("invalid", [{"older_than": -1}, {"older_than": 1e12}, {"batch": 0}, {"batch": 10_001}])
def test_invalid_arguments(invalid):
    with pytest.raises(ValueError, match=r"older_than must be between 0 and 100 years, batch between 1 and 10000"):
        purge(**invalid)


# How it is deleted.


def statements(batch):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        purge(older_than=90 * DAY, batch=batch)
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


def test_batches_bound_what_is_held_in_memory():
    authentications(35, days=91)
    seen = []
    purge(older_than=90 * DAY, batch=10, on_progress=seen.append)
    assert [sums.authentications for sums in seen] == [10, 20, 30, 35]
    assert [sums.events for sums in seen] == [20, 40, 60, 70]


def test_a_batch_takes_three_statements_however_many_rows():
    idle = len(statements(10))
    authentications(10, days=91)
    few = len(statements(10))
    authentications(100, days=91)
    assert (few - idle, len(statements(100)) - idle) == (3, 3)


def test_no_row_is_loaded():
    authentications(5, days=91)
    selects = [sql for sql in statements(10) if sql.startswith("SELECT")]
    assert not any(re.search(r"phone_number|\bdata\b", sql) for sql in selects)


def test_each_batch_begins_where_the_last_one_ended():
    for days in (95, 94, 93, 92):
        authentications(days=days)
    begins = [sql for sql in statements(2) if sql.startswith("SELECT") and "expired" in sql]
    assert ["created_at" in sql and ">=" in sql for sql in begins] == [False, True, True]


def test_rows_of_the_same_moment_are_all_deleted():
    authentications(25, days=91)
    assert purge(older_than=90 * DAY, batch=3).authentications == 25


def test_exception_in_on_progress_ends_the_run_between_two_batches():
    authentications(6, days=91)

    def stop(done):
        if done.authentications == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purge(older_than=90 * DAY, batch=2, on_progress=stop)
    assert Authentication.objects.count() == 2
    assert Event.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_collides_is_tried_again():
    authentications(3, days=91)
    collisions = [OperationalError("deadlock")] * 2

    def collide(execute, sql, *rest):
        if sql.startswith("DELETE") and collisions:
            raise collisions.pop()
        return execute(sql, *rest)

    with connection.execute_wrapper(collide):
        assert purge(older_than=90 * DAY) == PurgeResult(authentications=3, events=6)


def test_rows_that_a_model_of_the_project_refers_to_go_by_the_orm(user):
    authentications(user=user)
    assert purge_flow.delete(get_user_model(), [user.pk], using=connection.alias) == 1
    assert Authentication.objects.get().user is None


@pytest.mark.parametrize("way_back", ["tickets", "+"])
@isolate_apps("tests")
def test_a_model_of_the_project_is_seen_without_a_way_back(way_back):
    meta = {"__module__": __name__, "Meta": type("Meta", (), {"app_label": "tests"})}
    row = type("Row", (models.Model,), {**meta})
    assert not purge_flow._is_referred_to(row)
    key = models.ForeignKey(row, on_delete=models.CASCADE, related_name=way_back)
    type("Ticket", (models.Model,), {**meta, "row": key})
    assert purge_flow._is_referred_to(row)


@pytest.mark.parametrize("model", [Authentication, Event, Block, Refusal, RememberedDevice, RateLimitCounter])
def test_nothing_of_this_app_is_deleted_by_the_orm(model):
    assert not purge_flow._is_referred_to(model)


@pytest.mark.parametrize("kind", ["authentications", "blocks", "refusals", "devices", "counters"])
def test_old_rows_are_found_by_an_index(crowded, kind):
    index = {
        "authentications": "django_ding_auth_status",
        "blocks": "django_ding_block_expires",
        "refusals": "django_ding_refusal_hour",
        "devices": "django_ding_remembereddevice_expires",
        "counters": "django_ding_ratelimitcounter_expires",
    }[kind]
    for one, rows in purge_flow._old(90 * DAY):
        if one.name == kind:
            plan = rows.order_by(one.by).values_list("pk", one.by)[:10].explain()
            assert index in plan
            assert not any(word in plan for word in ("SCAN", "Seq Scan", "TEMP B-TREE", "filesort"))


@pytest.fixture
def crowded(user):
    """Enough rows that a planner thinks about them."""
    now = timezone.now()
    moments = [now - timedelta(days=n / 4) for n in range(800)]
    statuses = ["expired", "failed", "pending", "rate_limited"] * 200
    Authentication.objects.bulk_create(
        Authentication(phone_number="+12", status=status, created_at=moment, expires_at=moment)
        for status, moment in zip(statuses, moments, strict=True)
    )
    RateLimitCounter.objects.bulk_create(
        RateLimitCounter(key=str(n), count=1, expires_at=at) for n, at in enumerate(moments)
    )
    RememberedDevice.objects.bulk_create(
        RememberedDevice(user=user, key_hash=str(n), expires_at=at) for n, at in enumerate(moments)
    )
    Block.objects.bulk_create(
        Block(scope="country", subject="FR", sends=1, validated=0, expires_at=at) for at in moments
    )
    Refusal.objects.bulk_create(
        Refusal(phone_number=f"+1{n}", reason="phone", hour=at, first_at=at, last_at=at) for n, at in enumerate(moments)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # So small a table is read faster as a whole.
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def test_lifted_lockouts_are_deleted_when_they_are_old(clock, phone):
    for key, lifted in (("a", None), (None, timezone.now())):
        Lockout.objects.create(phone_number=phone, wrong_codes=75, active_key=key, lifted_at=lifted)
    clock.shift(31 * 86_400)
    with sandbox(RETENTION_DAYS={"lockouts": 30}):
        assert purge() == PurgeResult(lockouts=1)
    assert Lockout.objects.get().active_key == "a"


def test_recovery_codes_are_deleted_when_they_are_old(clock, user):
    for days in (0, 29):
        RecoveryCode.objects.create(user=user, expires_at=timezone.now() + timedelta(days=days))
    clock.shift(31 * 86_400)
    with sandbox(RETENTION_DAYS={"recovery_codes": 30}):
        assert purge() == PurgeResult(recovery_codes=1)
    with sandbox(RETENTION_DAYS={"recovery_codes": None}):
        assert purge() == PurgeResult()
