import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from django_ding.models import Authentication, Block, Event, Refusal
from tests.commands.programs import ctrl_c_at
from tests.helpers import create_authentication, failing_statements

pytestmark = pytest.mark.django_db

NO_CODES = "0 lockouts, 0 recovery codes"
NO_OTHERS = "0 remembered devices and 0 rate limit counters"


@pytest.fixture
def old(clock):
    """Three authentications of 100 days ago, with two events each, a block and a refusal."""
    moment = timezone.now() - timedelta(days=100)
    times = {"created_at": moment, "expires_at": moment}
    for _ in range(3):
        row = create_authentication(status="expired", **times)
        Event.objects.bulk_create([Event(authentication=row, type="check") for _ in range(2)])
    Block.objects.create(scope="country", subject="FR", sends=1, validated=0, **times)
    Refusal.objects.create(phone_number="+12025550100", reason="phone", hour=moment, first_at=moment, last_at=moment)


def test_it_says_what_it_deleted(command, old):
    ended = command("ding_purge", "--older-than", "90d")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"Deleted 3 verifications with 6 events, 1 block, {NO_CODES}, 1 blocked request, {NO_OTHERS}.\n"
    assert not Authentication.objects.exists()
    assert command("ding_purge", "--older-than", "90d").out.startswith("Deleted 0 verifications with 0 events")


def test_without_a_time_it_says_what_is_kept(command, old, settings):
    deleted, kept = command("ding_purge").out.splitlines()
    assert deleted.startswith("Deleted 0 verifications")
    assert kept == (
        "Kept all verifications, blocks, lockouts, recovery codes and blocked requests: "
        'to delete old ones, set DING["RETENTION_DAYS"] or pass --older-than.'
    )
    settings.DING = {**settings.DING, "RETENTION_DAYS": {"authentications": 90, "refusals": 90}}
    deleted, kept = command("ding_purge").out.splitlines()
    assert kept.startswith("Kept all blocks, lockouts and recovery codes:")
    assert deleted == f"Deleted 3 verifications with 6 events, 0 blocks, {NO_CODES}, 1 blocked request, {NO_OTHERS}."


def test_json_is_for_programs(command, old):
    assert json.loads(command("ding_purge", "--older-than", "90d", "--json").out) == {
        "authentications": 3,
        "events": 6,
        "blocks": 1,
        "lockouts": 0,
        "recovery_codes": 0,
        "refusals": 1,
        "devices": 0,
        "counters": 0,
        "dry_run": False,
        "interrupted": False,
    }


def test_dry_run_changes_nothing(command, old):
    ended = command("ding_purge", "--older-than", "90d", "--dry-run")
    sentence = f"Would delete 3 verifications with their events, 1 block, {NO_CODES}, 1 blocked request, {NO_OTHERS}.\n"
    assert ended.out == sentence
    data = json.loads(command("ding_purge", "--older-than", "90d", "--dry-run", "--json").out)
    assert (data["authentications"], data["events"], data["dry_run"]) == (3, None, True)
    assert Authentication.objects.count() == 3


def test_ctrl_c_reports_what_was_done(command, old):
    with ctrl_c_at(2, starts="DELETE", contains="django_ding_event"):
        ended = command("ding_purge", "--older-than", "90d", "--batch", "2")
    assert ended.code == 130
    assert ended.out.startswith("Interrupted. Deleted 2 verifications with 4 events")
    assert Authentication.objects.count() == 1


def test_a_database_that_cannot_be_used(command, old):
    with failing_statements(OperationalError("no disk")):
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
def test_bad_usage_is_data(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_purge", *arguments)


# As a program.


@pytest.mark.slow
def test_program_ends_well(program):
    ended = program("ding_purge", "--older-than", "90d", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["authentications"] == 0
