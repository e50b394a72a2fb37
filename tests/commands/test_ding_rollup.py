import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from django_ding.models import Authentication, DailyStatistics
from tests.commands.programs import Result, ctrl_c_at
from tests.helpers import Terminal, create_authentication, failing_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(clock):
    """A code on each of seven days."""
    for days in range(7):
        moment = timezone.now() - timedelta(days=days)
        create_authentication(status="pending", created_at=moment, expires_at=moment)


def test_it_says_how_many_days_it_rolled_up(command, week):
    assert command("ding_rollup") == Result(0, "Rolled up 7 days.\n", "")
    assert command("ding_rollup").out == "Rolled up 3 days.\n"
    assert DailyStatistics.objects.filter(sends=1).count() == 7


def test_since_names_the_first_day(command, week):
    assert command("ding_rollup", "--since", "2026-06-01").out == "Rolled up 1 day.\n"
    assert command("ding_rollup", "--since", "2026-05-28").out == "Rolled up 5 days.\n"


def test_it_says_which_days_keep_their_figures(command, week):
    command("ding_rollup")
    Authentication.objects.order_by("created_at").first().delete()
    create_authentication(created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    sentence = "Rolled up 9 days; kept the figures of 1 day whose rows were deleted.\n"
    assert command("ding_rollup", "--since", "2026-05-01") == Result(0, sentence, "")


def test_json_is_for_programs(command, week):
    ended = command("ding_rollup", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {"rolled_up": 7, "kept": 0, "dry_run": False, "interrupted": False}


def test_dry_run_changes_nothing(command, week):
    assert command("ding_rollup", "--dry-run") == Result(0, "Would roll up 7 days.\n", "")
    assert json.loads(command("ding_rollup", "--dry-run", "--json").out)["dry_run"] is True
    assert not DailyStatistics.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--since", "yesterday"], "'yesterday' is not a day. Use a date such as 2026-06-01."),
        (["--since", "2026-02-30"], "is not a day"),
        (["--everything"], "unrecognized arguments"),
    ],
)
def test_bad_usage_is_reported(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_rollup", *arguments)


def test_a_future_day_is_bad_usage(command):
    assert command("ding_rollup", "--since", "2126-06-01") == Result(2, "", "2126-06-01 is in the future. (usage)")


def test_a_database_that_cannot_be_used(command, week):
    with failing_statements(OperationalError("no disk")):
        ended = command("ding_rollup", "--json")
    assert (ended.code, ended.err) == (3, "no disk (database_unusable)")
    assert json.loads(ended.out)["error"]["code"] == "database_unusable"


def test_ctrl_c_reports_what_was_done(command, week):
    with ctrl_c_at(2, starts="UPDATE", contains="rolled_up_at"):
        ended = command("ding_rollup", "--json")
    assert ended.code == 130
    assert json.loads(ended.out) == {"rolled_up": 1, "kept": 0, "dry_run": False, "interrupted": True}
    assert DailyStatistics.objects.get(rolled_up_at__isnull=False).sends == 1
    assert command("ding_rollup") == Result(0, "Rolled up 7 days.\n", "")


@pytest.mark.usefixtures("without_tqdm")
def test_progress_is_shown_on_a_terminal(command, week):
    stderr = Terminal()
    assert command("ding_rollup", stderr=stderr).out == "Rolled up 7 days.\n"
    assert stderr.getvalue().endswith("\r6 of 7 days\r7 of 7 days\n")


# As a program.


@pytest.mark.slow
def test_program_ends_well(program):
    ended = program("ding_rollup", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["rolled_up"] == 1


@pytest.mark.slow
def test_program_ends_with_2_for_invalid_arguments(program):
    ended = program("ding_rollup", "--since", "soon")
    assert (ended.code, ended.out) == (2, "")
    assert "'soon' is not a day" in ended.err
