import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from django_ding.guard import counters
from django_ding.guard.blocks import block_limit
from django_ding.guard.counters import Consumed, Exceeded
from django_ding.models import Block
from tests.helpers import REDIS_IS_DOWN, failing_statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


@pytest.fixture
def rows(clock):
    """Four blocks, an hour each: one that has expired, one that was lifted, two active ones."""
    made = []
    for pk, scope, subject, validated in (
        (8, "country", "GB", 9),
        (9, "prefix", "+1202555", 3),
        (10, "country", "FR", 0),
        (11, "prefix", "+3361234", 1),
    ):
        made.append(create_block(pk, scope, subject, validated))
        clock.shift(1800)
    clock.shift(-1800)
    made[1].lifted_at = made[1].created_at + timedelta(minutes=10)
    made[1].save()
    with timezone.override("UTC"):
        yield made


def create_block(pk, scope, subject, validated):
    now = timezone.now()
    return Block.objects.create(
        pk=pk,
        scope=scope,
        subject=subject,
        requester_type="login",
        sends=100 if scope == "country" else 20,
        validated=validated,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )


@pytest.fixture
def run(capsys):
    """Return a function that runs the command and returns its output."""

    def run(*arguments):
        call_command("ding_blocks", *arguments)
        out, err = capsys.readouterr()
        assert not err
        return out

    return run


def test_table_of_active_blocks(run, rows):
    assert run().splitlines() == [
        "ID  Blocked                  Conversion  Since                 Until",
        "11  prefix +3361234 (login)  1 of 20     2026-06-01 13:30 UTC  2026-06-01 14:30 UTC",
        "10  country FR (login)       0 of 100    2026-06-01 13:00 UTC  2026-06-01 14:00 UTC",
    ]


def test_table_of_all_blocks(run, rows):
    assert run("--all").splitlines()[3:] == [
        "9   prefix +1202555 (login)  3 of 20     2026-06-01 12:30 UTC  lifted 2026-06-01 12:40 UTC",
        "8   country GB (login)       9 of 100    2026-06-01 12:00 UTC  2026-06-01 13:00 UTC",
    ]


def test_times_are_local(run, rows):
    with timezone.override("Europe/Paris"):
        assert "2026-06-01 15:30 CEST" in run()


@pytest.mark.parametrize(("arguments", "sentence"), [([], "No active blocks."), (["--all"], "No blocks.")])
def test_no_blocks(run, arguments, sentence):
    assert run(*arguments) == f"{sentence}\n"
    assert run(*arguments, "--json") == "[]\n"


def test_json_is_for_programs(run, rows):
    assert [row["subject"] for row in json.loads(run("--json"))] == ["+3361234", "FR"]
    lifted = json.loads(run("--json", "--all"))[2]
    assert lifted == {
        "id": rows[1].pk,
        "scope": "prefix",
        "subject": "+1202555",
        "requester_type": "login",
        "sends": 20,
        "validated": 3,
        "created_at": "2026-06-01T12:30:00+00:00",
        "expires_at": "2026-06-01T13:30:00+00:00",
        "lifted_at": "2026-06-01T12:40:00+00:00",
        "active": False,
    }


def test_lift_opens_it_and_says_so(run, rows):
    limits = [block_limit("prefix", "+3361234", "login", seconds=60)]
    assert isinstance(counters.consume(limits), Consumed)
    assert isinstance(counters.consume(limits), Exceeded)
    assert run("--lift", str(rows[3].pk), str(rows[0].pk)) == (
        "Lifted the block of prefix +3361234 (login).\nThe block of country GB (login) was already inactive.\n"
    )
    assert isinstance(counters.consume(limits), Consumed)
    assert [row["subject"] for row in json.loads(run("--json"))] == ["FR"]


def test_lift_in_json_shows_what_became_of_them(run, rows):
    ids = [str(row.pk) for row in rows]
    shown = json.loads(run("--lift", *ids, ids[0], "--json"))
    assert [row["id"] for row in shown] == [row.pk for row in rows]
    assert not any(row["active"] for row in shown)


def test_lift_of_an_unknown_one_lifts_nothing(run, rows):
    with pytest.raises(CommandError, match=r"^No block has the ID 99998, 99999\. Nothing was lifted\.") as caught:
        run("--lift", str(rows[3].pk), "99998", "99999")
    assert caught.value.returncode == 1
    assert len(json.loads(run("--json"))) == 2


def test_lift_without_counters_has_an_exit_code_of_its_own(run, rows):
    message = r"^The rate limit counters could not be reached, so prefix \+3361234 \(login\) is still blocked\."
    with override_settings(CACHES=REDIS_IS_DOWN), pytest.raises(CommandError, match=message) as caught:
        run("--lift", str(rows[3].pk))
    assert caught.value.returncode == 3


def test_a_database_that_cannot_be_used_has_an_exit_code_of_its_own(run, rows):
    error = OperationalError("no disk")
    with failing_statements(error), pytest.raises(CommandError, match="no disk") as caught:
        run()
    assert caught.value.returncode == 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--lift"], "expected at least one argument"),
        (["--lift", "FR"], "'FR' is not a whole number of 1 or more"),
        (["--lift", "1", "--all"], "not allowed with argument"),
    ],
)
def test_bad_usage_is_reported(run, arguments, problem):
    with pytest.raises(CommandError, match=problem):
        run(*arguments)
