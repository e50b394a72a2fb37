import json
import os
import signal
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from django_ding.models import Authentication, Block, Event, Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(clock):
    """Three authentications of 100 days ago, with two events each, a block and a refusal."""
    moment = timezone.now() - timedelta(days=100)
    times = {"created_at": moment, "expires_at": moment}
    for _ in range(3):
        row = Authentication.objects.create(phone_number="+12025550100", status="expired", **times)
        Event.objects.bulk_create([Event(authentication=row, type="check") for _ in range(2)])
    Block.objects.create(scope="country", subject="FR", sends=1, validated=0, **times)
    Refusal.objects.create(phone_number="+12025550100", reason="phone", hour=moment, first_at=moment, last_at=moment)


def test_it_tells_what_it_deleted(command, old):
    ended = command("ding_purge", "--older-than", "90d")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "Deleted 3 authentications with 6 events, 1 block, 1 refusal, 0 devices and 0 counters.\n"
    assert not Authentication.objects.exists()
    assert command("ding_purge", "--older-than", "90d").out.startswith("Deleted 0 authentications with 0 events")


def test_without_a_time_it_says_what_is_kept(command, old, settings):
    deleted, kept = command("ding_purge").out.splitlines()
    assert deleted.startswith("Deleted 0 authentications")
    assert kept == (
        "No time is set for authentications, blocks and refusals, so they are kept: "
        'see DING["RETENTION"] or --older-than.'
    )
    settings.DING = {**settings.DING, "RETENTION": {"authentications": 90, "refusals": 90}}
    deleted, kept = command("ding_purge").out.splitlines()
    assert kept.startswith("No time is set for blocks, so")
    assert deleted == "Deleted 3 authentications with 6 events, 0 blocks, 1 refusal, 0 devices and 0 counters."


def test_json_is_for_programs(command, old):
    assert json.loads(command("ding_purge", "--older-than", "90d", "--json").out) == {
        "authentications": 3,
        "events": 6,
        "blocks": 1,
        "refusals": 1,
        "devices": 0,
        "counters": 0,
        "dry_run": False,
        "interrupted": False,
    }


def test_dry_run_changes_nothing(command, old):
    ended = command("ding_purge", "--older-than", "90d", "--dry-run")
    assert (
        ended.out == "Would delete 3 authentications with their events, 1 block, 1 refusal, 0 devices and 0 counters.\n"
    )
    told = json.loads(command("ding_purge", "--older-than", "90d", "--dry-run", "--json").out)
    assert (told["authentications"], told["events"], told["dry_run"]) == (3, None, True)
    assert Authentication.objects.count() == 3


def test_ctrl_c_stops_between_two_batches(command, old):
    def press(execute, sql, *rest):
        if sql.startswith("DELETE FROM django_ding_event"):
            os.kill(os.getpid(), signal.SIGINT)
        return execute(sql, *rest)

    with connection.execute_wrapper(press):
        ended = command("ding_purge", "--older-than", "90d", "--batch", "2")
    assert ended.code == 130
    assert ended.out.startswith("Stopped early. Deleted 2 authentications with 4 events")
    assert Authentication.objects.count() == 1


def test_a_database_that_cannot_be_used(command, old):
    def refuse(execute, *rest):
        raise OperationalError("no disk")

    with connection.execute_wrapper(refuse):
        ended = command("ding_purge", "--older-than", "90d")
    assert (ended.code, ended.err) == (3, "no disk (database_unusable)")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--older-than", "old"], "'old' is not a duration"),
        (["--batch", "0"], "'0' is not a whole number of 1 to 10000"),
        (["--batch", "10001"], "is not a whole number of 1 to 10000"),
    ],
)
def test_bad_usage_is_told(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_purge", *arguments)


# As a program.


def test_program_ends_well(program):
    ended = program("ding_purge", "--older-than", "90d", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["authentications"] == 0
