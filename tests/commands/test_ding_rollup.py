import json
import os
import signal
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from django_ding.models import Authentication, Rollup
from tests.commands.conftest import Ended
from tests.commands.test_ding_sync import Terminal, without_tqdm  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(clock):
    """A code on each of seven days."""
    for days in range(7):
        moment = timezone.now() - timedelta(days=days)
        Authentication.objects.create(
            phone_number="+12025550100", status="pending", created_at=moment, expires_at=moment
        )


def test_it_tells_how_many_days_it_rolled_up(command, week):
    assert command("ding_rollup") == Ended(0, "Rolled up 7 days.\n", "")
    assert command("ding_rollup").out == "Rolled up 3 days.\n"
    assert Rollup.objects.filter(sends=1).count() == 7


def test_since_names_the_first_day(command, week):
    assert command("ding_rollup", "--since", "2026-06-01").out == "Rolled up 1 day.\n"
    assert command("ding_rollup", "--since", "2026-05-28").out == "Rolled up 5 days.\n"


def test_it_tells_which_days_keep_their_figures(command, week):
    command("ding_rollup")
    Authentication.objects.order_by("created_at").first().delete()
    Authentication.objects.create(
        phone_number="+12025550100", created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
    )
    told = "Rolled up 9 days; kept figures of 1 day whose rows are gone.\n"
    assert command("ding_rollup", "--since", "2026-05-01") == Ended(0, told, "")


def test_json_is_for_programs(command, week):
    ended = command("ding_rollup", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {"rolled_up": 7, "kept": 0, "dry_run": False, "interrupted": False}


def test_dry_run_changes_nothing(command, week):
    assert command("ding_rollup", "--dry-run") == Ended(0, "Would roll up 7 days.\n", "")
    assert json.loads(command("ding_rollup", "--dry-run", "--json").out)["dry_run"] is True
    assert not Rollup.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--since", "yesterday"], "'yesterday' is not a day. Write it as 2026-06-01."),
        (["--since", "2026-02-30"], "is not a day"),
        (["--everything"], "unrecognized arguments"),
    ],
)
def test_bad_usage_is_told(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_rollup", *arguments)


def test_a_day_to_come_is_bad_usage(command):
    assert command("ding_rollup", "--since", "2126-06-01") == Ended(2, "", "2126-06-01 is yet to come. (usage)")


def test_a_database_that_cannot_be_used(command, week):
    def refuse(execute, *rest):
        raise OperationalError("no disk")

    with connection.execute_wrapper(refuse):
        ended = command("ding_rollup", "--json")
    assert (ended.code, ended.err) == (3, "no disk (database_unusable)")
    assert json.loads(ended.out)["error"]["code"] == "database_unusable"


def test_ctrl_c_stops_between_two_days(command, week):
    def press(execute, sql, *rest):
        if "rolled_up_at" in sql and sql.startswith("UPDATE"):
            os.kill(os.getpid(), signal.SIGINT)
        return execute(sql, *rest)

    with connection.execute_wrapper(press):
        ended = command("ding_rollup", "--json")
    assert ended.code == 130
    assert json.loads(ended.out) == {"rolled_up": 1, "kept": 0, "dry_run": False, "interrupted": True}
    assert Rollup.objects.get().sends == 1
    assert command("ding_rollup") == Ended(0, "Rolled up 7 days.\n", "")


@pytest.mark.usefixtures("without_tqdm")
def test_progress_is_shown_on_a_terminal(week, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    call_command("ding_rollup")
    assert sys.stderr.getvalue().endswith("\r6 of 7 days\r7 of 7 days\n")
    assert capsys.readouterr().out == "Rolled up 7 days.\n"


# As a program.


def test_program_ends_well(program):
    ended = program("ding_rollup", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["rolled_up"] == 1


def test_program_ends_with_2_when_its_arguments_make_no_sense(program):
    ended = program("ding_rollup", "--since", "soon")
    assert (ended.code, ended.out) == (2, "")
    assert "'soon' is not a day" in ended.err
