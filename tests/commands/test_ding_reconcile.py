import io
import json
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from django_ding.management.batch import progress
from django_ding.models import Authentication, Event
from django_ding.services import send
from django_ding.testing import script
from tests.commands.programs import Result, ctrl_c_at
from tests.helpers import Terminal, create_authentication, failing_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale(clock):
    """Two sends without an answer and two verifications that have expired."""
    for number in ("+12025550100", "+12025550101"):
        send(number)
        create_authentication(phone_number=number)
    clock.shift(600)


@pytest.fixture
def run(command):
    """Return a function that runs the command."""
    return partial(command, "ding_reconcile")


def test_it_says_what_it_reconciled(run, stale):
    assert run() == Result(0, "Reconciled 4 verifications: 2 answers lost, 2 expired.\n", "")
    assert run() == Result(0, "Reconciled 0 verifications: 0 answers lost, 0 expired.\n", "")


def test_it_says_when_the_provider_could_not_be_asked(run, stale):
    script("status", "server_error")
    sentence = "Reconciled 4 verifications: 2 answers lost, 2 expired. Could not get the provider's status of 1.\n"
    assert run() == Result(1, sentence, "")
    assert not Authentication.objects.filter(status__in=("created", "pending")).exists()


def test_json_is_for_programs(run, stale):
    script("status", "server_error")
    ended = run("--json")
    assert ended.code == 1
    assert json.loads(ended.out) == {
        "total": 4,
        "answers_lost": 2,
        "expired": 2,
        "skipped": 1,
        "dry_run": False,
        "interrupted": False,
    }


def test_dry_run_changes_nothing(run, stale, simulator):
    assert run("--dry-run").out == "Would reconcile 4 verifications: 2 answers lost, 2 expired.\n"
    three = run("--dry-run", "--limit", "3")
    assert three == Result(0, "Would reconcile 3 verifications: 2 answers lost, 1 expired.\n", "")
    assert json.loads(run("--dry-run", "--json").out)["dry_run"] is True
    assert Authentication.objects.filter(status__in=("created", "pending")).count() == 4
    assert not simulator.calls["status"]


def test_limit_and_batch(run, stale):
    assert run("--limit", "1", "--batch", "1").out == "Reconciled 1 verification: 1 answer lost, 0 expired.\n"
    assert run("--batch", "1").out == "Reconciled 3 verifications: 1 answer lost, 2 expired.\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60), ("0", 0), ("90s", 90), ("10m", 600), ("1.5m", 90), ("2h", 7200), ("1d", 86_400)],
)
def test_older_than_is_a_duration(run, clock, text, seconds):
    create_authentication(expires_at=timezone.now() + timedelta(days=9))
    if seconds:
        clock.shift(seconds - 1)
        assert run("--older-than", text).out.startswith("Reconciled 0 ")
        clock.shift(1)
    assert run("--older-than", text).out.startswith("Reconciled 1 ")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--older-than", "soon"], "'soon' is not a duration"),
        (["--older-than", "-5"], "is not a duration"),
        (["--older-than", "10w"], "Use seconds, or 90s, 10m, 2h, 1d."),
        (["--older-than", "9999d"], "is not a duration"),
        (["--older-than", "١"], "is not a duration"),
        (["--batch", "0"], "'0' is not a whole number of 1 or more"),
        (["--batch", "many"], "is not a whole number"),
        (["--limit", "1.5"], "is not a whole number of 0 or more"),
        (["--everything"], "unrecognized arguments"),
    ],
)
def test_bad_usage_is_reported(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_reconcile", *arguments)


def test_a_database_that_cannot_be_used_has_an_exit_code_of_its_own(stale):
    with failing_statements(OperationalError("no disk")), pytest.raises(CommandError, match="no disk") as caught:
        call_command("ding_reconcile")
    assert caught.value.returncode == 3


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_reports_what_was_done(run, stale):
    with ctrl_c_at(2, starts="INSERT"):
        ended = run("--json")
    assert ended.code == 130
    assert json.loads(ended.out)["interrupted"] is True
    assert json.loads(ended.out)["total"] == 1
    assert Authentication.objects.filter(status="failed").count() == Event.objects.filter(type="error").count() == 1
    assert run().out.startswith("Reconciled 3 ")


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_works_at_once(run, stale):
    with ctrl_c_at(1, starts="INSERT"):
        ended = run()
    assert ended == Result(130, "Interrupted. Reconciled 0 verifications: 0 answers lost, 0 expired.\n", "")
    assert run().out.startswith("Reconciled 4 ")


# Progress.


def shown(stream, steps):
    with progress(lambda: steps, unit="rows", stream=stream) as show:
        for step in range(1, steps + 1):
            show(step)
    return stream.getvalue()


def test_progress_is_a_bar_on_a_terminal():
    pytest.importorskip("tqdm")
    text = shown(Terminal(), 3)
    assert "3/3" in text or "0/3" in text
    assert "\n" not in text


def test_progress_is_a_line_where_tqdm_is_missing(without_tqdm):
    assert shown(Terminal(), 2) == "\r0 of 2 rows\r1 of 2 rows\r2 of 2 rows\n"


def test_progress_is_nothing_elsewhere():
    assert shown(io.StringIO(), 2) == ""


@pytest.mark.usefixtures("without_tqdm")
def test_progress_of_the_command_is_shown_on_a_terminal(run, stale):
    stderr = Terminal()
    assert run(stderr=stderr).out == "Reconciled 4 verifications: 2 answers lost, 2 expired.\n"
    assert stderr.getvalue().endswith("\r3 of 4 rows\r4 of 4 rows\n")
