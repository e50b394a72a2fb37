import gc
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.backends.types import StatusResponse
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication, Event
from django_ding.services import ReconcileResult, check, reconcile, send
from django_ding.signals import send_failed
from django_ding.testing import script
from tests.helpers import failing_statements
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(clock):
    """Every test moves the clock itself."""


@pytest.fixture
def intent(phone):
    """Return a function that leaves an intent without an answer, as a crash does."""

    def make(**fields):
        now = timezone.now()
        until = {"expires_at": now + timedelta(minutes=10), "next_retry_at": now + timedelta(seconds=30)}
        return Authentication.objects.create(**{"phone_number": phone, **until, **fields})

    return make


@pytest.fixture
def failures():
    """The error codes that ``send_failed`` was sent with."""
    codes = []

    def hear(error_code, **kwargs):
        codes.append(error_code)

    send_failed.connect(hear)
    yield codes
    send_failed.disconnect(hear)


def numbers(count):
    return [f"+1202555{n:04}" for n in range(100, 100 + count)]


def errors(authentication):
    return list(authentication.events.filter(type="error").values_list("status", "data"))


# Intents without a response.


def test_reconcile_records_that_an_answer_was_lost(intent, clock):
    row = intent(dedup_key=uuid4())
    clock.shift(60)
    assert reconcile() == ReconcileResult(answers_lost=1)
    row.refresh_from_db()
    assert (row.status, row.error_code, row.dedup_key) == ("failed", "answer_lost", None)
    assert errors(row) == [("answer_lost", {"operation": "send"})]


def test_reconcile_sends_a_signal_for_a_lost_answer(intent, clock, failures):
    intent()
    clock.shift(60)
    reconcile()
    reconcile()
    assert failures == ["answer_lost"]


@pytest.mark.parametrize(("age", "older_than", "reconciled"), [(59, 60, 0), (60, 60, 1), (5, 5, 1), (100, 3600, 0)])
def test_reconcile_leaves_young_intents_alone(intent, clock, age, older_than, reconciled):
    intent()
    clock.shift(age)
    assert reconcile(older_than=older_than).total == reconciled


def test_reconcile_twice_reconciles_once(intent, clock):
    row = intent()
    clock.shift(60)
    reconcile()
    assert reconcile() == ReconcileResult()
    assert len(errors(row)) == 1


def test_reconcile_gives_way_to_another_process_at_the_last_moment(intent, clock, failures):
    intent()
    send("+12025550100")
    clock.shift(600)

    def be_second(execute, sql, *rest):
        if sql.startswith("UPDATE"):
            execute(sql, *rest)
        return execute(sql, *rest)

    with connection.execute_wrapper(be_second):
        assert reconcile() == ReconcileResult()
    assert not Event.objects.filter(type="error").exists()
    assert not failures


def test_reconcile_keeps_the_dedup_key_for_the_cooldown(intent, clock, phone, user, outbox):
    send(phone, user=user)
    dedup_key = Authentication.objects.get().dedup_key
    Authentication.objects.all().delete()
    intent(dedup_key=dedup_key, user=user)
    clock.shift(10)
    assert reconcile(older_than=5).answers_lost == 1
    with pytest.raises(BackendUnavailable) as caught:
        send(phone, user=user)
    assert (caught.value.code, caught.value.retry_after) == ("answer_lost", 20)
    clock.shift(20)
    assert send(phone, user=user).authentication.pk != Authentication.objects.earliest("pk").pk


def test_reconcile_gives_way_to_an_answer_that_comes_late(phone, simulator, clock):
    def reconcile_meanwhile(message):
        clock.shift(61)
        assert reconcile().answers_lost == 1

    unsubscribe = simulator.subscribe(reconcile_meanwhile)
    row = send(phone).authentication
    unsubscribe()
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("pending", "")


# Authentications that have expired.


def test_reconcile_leaves_live_ones_alone(phone, clock, simulator):
    send(phone)
    clock.shift(599)
    assert reconcile() == ReconcileResult()
    assert not simulator.calls["status"]


def test_reconcile_closes_and_completes_expired_ones(phone, clock):
    row = send(phone).authentication
    clock.shift(600)
    assert reconcile() == ReconcileResult(expired=1)
    row.refresh_from_db()
    assert (row.status, row.dedup_key, row.delivery_status, row.channel) == ("expired", None, "delivered", "sms")
    assert row.events.filter(type="attempt").count() == 1


def test_reconcile_closes_those_of_unknown_status(phone, clock):
    with using(Newfangled):
        send(phone)
        clock.shift(600)
        assert reconcile() == ReconcileResult(expired=1)
    assert Authentication.objects.get().status == "expired"


def test_reconcile_leaves_validated_ones_alone(phone, outbox, clock):
    check(send(phone).authentication, outbox[-1].code)
    clock.shift(3600)
    assert reconcile() == ReconcileResult()
    assert Authentication.objects.get().status == "validated"


class Validating(Newfangled):
    """Has the right code come in while it is asked."""

    supports_status = True

    def status(self, sent):
        won = {"status": "validated", "validated_at": timezone.now(), "dedup_key": None}
        Authentication.objects.filter(authentication_uuid=sent.authentication_uuid).update(**won)
        return StatusResponse()


def test_reconcile_leaves_alone_what_was_validated_meanwhile(phone, clock, monkeypatch):
    with using(Validating):
        send(phone)
        clock.shift(600)
        assert reconcile() == ReconcileResult()
    assert Authentication.objects.get().status == "validated"


# The provider can't be asked.


def test_reconcile_records_an_outage_and_goes_on(clock):
    rows = [send(number).authentication for number in numbers(2)]
    clock.shift(600)
    script("status", "server_error")
    assert reconcile() == ReconcileResult(expired=2, skipped=1)
    assert not Authentication.objects.exclude(status="expired").exists()
    recorded = [error for row in rows for error in errors(row)]
    assert len(recorded) == 1
    assert recorded[0][1] == {"operation": "status"}


def test_reconcile_stops_asking_after_three_outages_in_a_row(clock, simulator):
    for number in numbers(8):
        send(number)
    clock.shift(600)
    script("status", "server_error", "dropped", "normal", *["server_error"] * 3)
    assert reconcile() == ReconcileResult(expired=8, skipped=7)
    assert simulator.calls["status"] == 6
    assert not Authentication.objects.exclude(status="expired").exists()


def test_reconcile_asks_on_after_refusals(clock, simulator):
    for number in numbers(5):
        send(number)
    simulator.reset()
    clock.shift(600)
    assert reconcile() == ReconcileResult(expired=5, skipped=5)
    assert simulator.calls["status"] == 5


def test_reconcile_closes_those_of_a_backend_that_is_gone(phone, clock, caplog):
    send(phone)
    Authentication.objects.update(backend="gone")
    clock.shift(600)
    assert reconcile() == ReconcileResult(expired=1, skipped=1)
    assert errors(Authentication.objects.get()) == [("unexpected_error", {"operation": "status"})]
    assert "'gone'" in caplog.text


# How much at once.


@pytest.mark.parametrize("batch", [1, 3, 7, 500])
def test_reconcile_takes_everything_in_batches(intent, clock, batch):
    for number in numbers(4):
        send(number)
    for _ in range(3):
        intent()
    clock.shift(600)
    assert reconcile(batch=batch) == ReconcileResult(answers_lost=3, expired=4)
    assert reconcile(dry_run=True) == ReconcileResult()


def test_reconcile_batch_bounds_what_is_read(intent, clock):
    for _ in range(7):
        intent()
    clock.shift(60)
    with CaptureQueriesContext(connection) as queries:
        reconcile(batch=3)
    reads = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
    assert sum("created" in sql.partition("WHERE")[2] and "LIMIT 3" in sql for sql in reads) >= 3
    assert not [sql for sql in reads if "LIMIT 3" not in sql]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0, ReconcileResult()),
        (1, ReconcileResult(answers_lost=1)),
        (3, ReconcileResult(answers_lost=2, expired=1)),
        (9, ReconcileResult(answers_lost=2, expired=2)),
    ],
)
def test_reconcile_limit_bounds_what_is_reconciled(intent, clock, limit, expected):
    for number in numbers(2):
        send(number)
        intent()
    clock.shift(600)
    assert reconcile(limit=limit, dry_run=True) == expected
    assert reconcile(limit=limit) == expected
    assert reconcile(dry_run=True).total == 4 - expected.total


def test_reconcile_reports_its_progress(intent, clock):
    send("+12025550100")
    intent()
    clock.shift(600)
    seen = []
    reconcile(on_progress=seen.append)
    assert seen == [ReconcileResult(answers_lost=1), ReconcileResult(answers_lost=1, expired=1)]


@pytest.mark.django_db(transaction=True)
def test_reconcile_that_is_stopped_keeps_what_is_done(intent, clock):
    for _ in range(3):
        intent()
    clock.shift(60)

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reconcile(on_progress=stop)
    assert Authentication.objects.filter(status="failed").count() == 1
    assert reconcile().answers_lost == 2


@pytest.mark.parametrize("limits", [{"older_than": -1}, {"older_than": 1e12}, {"batch": 0}, {"limit": -1}])
def test_reconcile_rejects_invalid_arguments(limits):
    with pytest.raises(ValueError, match="limit 0 or more"):
        reconcile(**limits)


def test_reconcile_holds_no_more_than_two_batches_in_memory(intent, clock):
    for _ in range(200):
        intent()
    clock.shift(60)
    held = []

    def weigh(done):
        if done.total % 25 == 0:
            gc.collect()
            held.append(sum(type(thing) is Authentication for thing in gc.get_objects()))

    reconcile(batch=10, on_progress=weigh)
    assert len(held) == 8
    assert max(held) <= 20


# What the database sees.


@pytest.mark.django_db(transaction=True)
def test_reconcile_refuses_an_open_transaction(simulator):
    with transaction.atomic(), pytest.raises(TransactionManagementError):
        reconcile()


@pytest.mark.django_db(transaction=True)
def test_reconcile_holds_no_transaction_while_the_provider_is_asked(phone, clock, simulator, monkeypatch):
    send(phone)
    clock.shift(600)
    seen = []
    monkeypatch.setattr(simulator, "count", lambda operation: seen.append((operation, connection.in_atomic_block)))
    reconcile()
    assert seen == [("status", False)]


@pytest.mark.django_db(transaction=True)
def test_reconcile_that_fails_half_way_leaves_the_row_open(intent, clock, monkeypatch):
    row = intent()
    clock.shift(60)

    def fail(execute, sql, *rest):
        if sql.startswith("INSERT"):
            raise ZeroDivisionError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(ZeroDivisionError):
        reconcile()
    row.refresh_from_db()
    assert row.status == "created"
    assert reconcile().answers_lost == 1


@pytest.mark.django_db(transaction=True)
def test_reconcile_that_fails_half_way_leaves_the_expired_one_live(phone, clock):
    row = send(phone).authentication
    clock.shift(600)
    with failing_statements(ZeroDivisionError(), starts="INSERT"), pytest.raises(ZeroDivisionError):
        reconcile()
    row.refresh_from_db()
    assert row.status == "pending"
    assert reconcile() == ReconcileResult(expired=1)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the plan is worded as SQLite words it")
def test_reconcile_finds_its_rows_by_an_index(intent, clock):
    for _ in range(5):
        intent()
    send("+12025550100")
    clock.shift(600)
    plans = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "ORDER BY" in sql:
            rows = connection.connection.execute("EXPLAIN QUERY PLAN " + sql.replace("%s", "?"), params)
            plans.append(" ".join(row[3] for row in rows))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        reconcile(batch=2)
    assert len(plans) > 3
    assert all("USING INDEX django_ding_auth_status (status=?" in plan for plan in plans), plans
    assert not [plan for plan in plans if "SCAN" in plan or "B-TREE" in plan]


def test_reconcile_dry_run_changes_nothing(intent, clock):
    intent()
    send("+12025550100")
    clock.shift(600)
    assert reconcile(dry_run=True) == ReconcileResult(answers_lost=1, expired=1)
    assert sorted(Authentication.objects.values_list("status", flat=True)) == ["created", "pending"]
