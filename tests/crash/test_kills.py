"""Processes killed at each step between an intent and its answer: nothing is lost, and everything can be reconciled."""

import signal
from datetime import timedelta
from itertools import cycle, islice, product

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import ReconcileResult, reconcile, send
from tests.crash.world import world
from tests.figures_table import ROUNDS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crowds"), pytest.mark.django_db(transaction=True)]

KILLS = 10 * ROUNDS
OPERATIONS = ("send", "check", "retry")

#: Each operation writes three times: the intent, what the provider said, and the event of it. "At the intent", a
#: database may have committed it or not.
STEPS = {
    "before the intent": ["before", 1],
    "at the intent": ["after", 1],
    "before the call": ["call"],
    "before the answer": ["answer"],
    "before the outcome": ["before", 2],
    "inside the transaction": ["after", 2],
    "before the commit": ["after", 3],
    "after the commit": ["signal"],
}
SILENT_STEPS = ("before the intent", "at the intent", "before the call")


@pytest.fixture
def scene():
    with world() as scene:
        yield scene


class Victim:
    """A process that dies, with a number and a user of its own."""

    def __init__(self, operation, step, index):
        self.operation, self.step = operation, step
        self.phone_number = f"+336123{45000 + index}"
        self.user = get_user_model().objects.create(username=f"user-{index}")

    def die(self, scene):
        job = {"do": self.operation, "fatal": STEPS[self.step], **getattr(self, f"prepare_{self.operation}")(scene)}
        before = len(scene.simulator.messages(self.phone_number))
        ended = scene.run(**job)
        assert ended == {"signal": signal.SIGKILL, "result": ""}, (self.operation, self.step)
        self.messages = len(scene.simulator.messages(self.phone_number)) - before

    def prepare_send(self, scene):
        return {"phone_number": self.phone_number, "user": self.user.pk}

    def prepare_check(self, scene):
        row = send(self.phone_number, user=self.user).authentication
        return {"pk": row.pk, "code": scene.code(self.phone_number)}

    def prepare_retry(self, scene):
        row = send(self.phone_number, user=self.user).authentication
        Authentication.objects.filter(pk=row.pk).update(next_retry_at=timezone.now())
        return {"pk": row.pk}

    @property
    def rows(self):
        return Authentication.objects.filter(phone_number=self.phone_number)


def kill(scene, count):
    every = cycle(product(OPERATIONS, STEPS))
    victims = [Victim(*which, index) for index, which in enumerate(islice(every, count))]
    for victim in victims:
        victim.die(scene)
    return victims


def test_killed_at_each_step_nothing_is_lost(scene, figure):
    victims = kill(scene, KILLS)
    assert_messages_are_known(scene, victims)
    assert_counters_are_within_limits(scene)
    crashed = Authentication.objects.count()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        lost = assert_lost_answers_are_reconciled(victims)
        assert_everybody_can_send_again(victims)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        expired = assert_everything_is_reconciled(scene)
    assert_messages_are_known(scene, victims)
    assert_counters_are_within_limits(scene)
    figure(
        f"{KILLS} kills at {len(STEPS)} steps of send, check and retry",
        f"messages: {len(scene.simulator.messages())}, each with a row; rows left: {crashed}, all reconciled "
        f"({lost.total} answers lost, {expired.total} expired)",
        by=f"{KILLS} processes",
    )


def assert_messages_are_known(scene, victims):
    """Every message has a row of its own that says so, and none was sent that was not intended."""
    public_ids = {str(public_id) for public_id in Authentication.objects.values_list("public_id", flat=True)}
    uuids = set(Authentication.objects.values_list("authentication_uuid", flat=True))
    simulator = scene.simulator
    assert len(simulator.intents) + len(simulator.renewed) == len(simulator.messages())
    assert len(set(simulator.intents)) == len(simulator.intents)
    assert set(simulator.intents) <= public_ids
    assert set(simulator.renewed) <= uuids
    for victim in victims:
        intended = sum(1 + retries for retries in victim.rows.values_list("retry_count", flat=True))
        assert len(simulator.messages(victim.phone_number)) <= intended
        assert intended or (victim.operation == "send" and victim.step in ("before the intent", "at the intent"))
        assert victim.messages == int(victim.operation != "check" and victim.step not in SILENT_STEPS)


def assert_counters_are_within_limits(scene):
    for row in Authentication.objects.all():
        assert 0 <= row.check_count <= ding_settings.MAX_CHECKS
        assert 0 <= row.retry_count <= ding_settings.MAX_RETRIES
        assert 0 <= row.remaining_retry <= ding_settings.MAX_RETRIES
        if row.authentication_uuid and row.check_count:
            assert row.check_count >= len(scene.simulator.inspect(row.authentication_uuid).checks)


def assert_lost_answers_are_reconciled(victims):
    unanswered = Authentication.objects.filter(status="created")
    waiting = [step for step in STEPS if step not in ("before the intent", "at the intent", "after the commit")]
    assert unanswered.count() >= sum(victim.operation == "send" and victim.step in waiting for victim in victims)
    expected = ReconcileResult(answers_lost=unanswered.count())
    done = reconcile()
    assert done == expected
    assert not unanswered.exists()
    assert reconcile() == ReconcileResult()
    for row in Authentication.objects.filter(status="failed"):
        assert (row.error_code, row.dedup_key) == ("answer_lost", None)
        assert row.events.count() == 1
    return done


def assert_everybody_can_send_again(victims):
    for victim in victims:
        row = send(victim.phone_number, user=victim.user).authentication
        assert row.is_live(timezone.now())


def assert_everything_is_reconciled(scene):
    live = list(Authentication.objects.filter(status__in=Authentication.LIVE_STATUSES).values_list("pk", flat=True))
    done = reconcile()
    assert done == ReconcileResult(expired=len(live))
    assert_timelines_are_complete(scene, Authentication.objects.filter(pk__in=live))
    assert reconcile().total == reconcile(dry_run=True).total == 0
    assert not Authentication.objects.filter(status__in=("created", *Authentication.LIVE_STATUSES)).exists()
    return done


def assert_timelines_are_complete(scene, rows):
    for row in rows:
        sent = scene.simulator.inspect(row.authentication_uuid).attempts
        assert row.events.filter(type="attempt").count() == len(sent)
        assert row.delivery_status == "delivered"


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_sending_the_number_is_free_after_the_cooldown(scene, step):
    """Without ding_reconcile."""
    victim = Victim("send", step, 0)
    victim.die(scene)
    with time_machine.travel(timezone.now() + timedelta(seconds=ding_settings.RETRY_COOLDOWN + 1)):
        row = send(victim.phone_number, user=victim.user).authentication
        assert row.is_live(timezone.now())
    assert scene.simulator.messages(victim.phone_number)


@pytest.mark.parametrize("step", ["before the outcome", "inside the transaction", "before the commit"])
def test_killed_before_the_commit_a_right_code_gives_nothing(scene, step):
    victim = Victim("check", step, 0)
    victim.die(scene)
    assert victim.rows.get().status == "pending"
    assert not PhoneNumber.objects.exists()


def test_killed_after_the_commit_a_right_code_has_won(scene):
    victim = Victim("check", "after the commit", 0)
    victim.die(scene)
    assert victim.rows.get().status == "validated"
    assert PhoneNumber.objects.get().user == victim.user
