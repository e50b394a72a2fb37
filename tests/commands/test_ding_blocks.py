import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import override_settings
from django.utils import timezone

from django_ding.guard import counting
from django_ding.guard.conversion import Case
from django_ding.guard.counters import Full, Taken
from django_ding.guard.rules import parse
from django_ding.models import Block

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]


@pytest.fixture
def rows(clock):
    """Four blocks, an hour each: one that is over, one that was lifted, two in force."""
    made = []
    for pk, scope, subject, validated in (
        (8, "country", "GB", 9),
        (9, "prefix", "+1202555", 3),
        (10, "country", "FR", 0),
        (11, "prefix", "+3361234", 1),
    ):
        made.append(a_block(pk, scope, subject, validated))
        clock.shift(1800)
    clock.shift(-1800)
    made[1].lifted_at = made[1].created_at + timedelta(minutes=10)
    made[1].save()
    with timezone.override("UTC"):
        yield made


def a_block(pk, scope, subject, validated):
    now = timezone.now()
    return Block.objects.create(
        pk=pk,
        scope=scope,
        subject=subject,
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


def test_table_of_blocks_in_force(run, rows):
    assert run().splitlines() == [
        "ID  Blocked          Entered   Since                 Until",
        "11  prefix +3361234  1 of 20   2026-06-01 13:30 UTC  2026-06-01 14:30 UTC",
        "10  country FR       0 of 100  2026-06-01 13:00 UTC  2026-06-01 14:00 UTC",
    ]


def test_table_of_all_blocks(run, rows):
    assert run("--all").splitlines()[3:] == [
        "9   prefix +1202555  3 of 20   2026-06-01 12:30 UTC  lifted 2026-06-01 12:40 UTC",
        "8   country GB       9 of 100  2026-06-01 12:00 UTC  2026-06-01 13:00 UTC",
    ]


def test_times_are_local(run, rows):
    with timezone.override("Europe/Paris"):
        assert "2026-06-01 15:30 CEST" in run()


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_nothing_is_told(run, arguments):
    assert run(*arguments) == "Nothing is blocked.\n"
    assert run(*arguments, "--json") == "[]\n"


def test_json_is_for_programs(run, rows):
    assert [row["subject"] for row in json.loads(run("--json"))] == ["+3361234", "FR"]
    lifted = json.loads(run("--json", "--all"))[2]
    assert lifted == {
        "id": rows[1].pk,
        "scope": "prefix",
        "subject": "+1202555",
        "sends": 20,
        "validated": 3,
        "created_at": "2026-06-01T12:30:00+00:00",
        "expires_at": "2026-06-01T13:30:00+00:00",
        "lifted_at": "2026-06-01T12:40:00+00:00",
        "in_force": False,
    }


def test_lift_opens_it_and_says_so(run, rows):
    shut = [CASE.block(seconds=60)]
    assert isinstance(counting.take(shut), Taken)
    assert isinstance(counting.take(shut), Full)
    assert run("--lift", str(rows[3].pk), str(rows[0].pk)) == (
        "Lifted prefix +3361234.\nThe block of country GB was over already.\n"
    )
    assert isinstance(counting.take(shut), Taken)
    assert [row["subject"] for row in json.loads(run("--json"))] == ["FR"]


CASE = Case(rule=parse("20%/20/d/prefix")[0], subject="+3361234")


def test_lift_in_json_shows_what_became_of_them(run, rows):
    ids = [str(row.pk) for row in rows]
    told = json.loads(run("--lift", *ids, ids[0], "--json"))
    assert [row["id"] for row in told] == [row.pk for row in rows]
    assert not any(row["in_force"] for row in told)


def test_lift_of_an_unknown_one_lifts_nothing(run, rows):
    with pytest.raises(CommandError, match=r"^There is no block 99998, 99999\. Nothing was lifted\.") as caught:
        run("--lift", str(rows[3].pk), "99998", "99999")
    assert caught.value.returncode == 1
    assert len(json.loads(run("--json"))) == 2


def test_lift_without_counters_has_an_exit_code_of_its_own(run, rows):
    away = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    with (
        override_settings(CACHES=away),
        pytest.raises(CommandError, match=r"^The counters can't be reached, so prefix \+3361234 stays\.") as caught,
    ):
        run("--lift", str(rows[3].pk))
    assert caught.value.returncode == 3


def test_a_database_that_cannot_be_used_has_an_exit_code_of_its_own(run, rows):
    def refuse(execute, *rest):
        raise OperationalError("no disk")

    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="no disk") as caught:
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
def test_bad_usage_is_told(run, arguments, problem):
    with pytest.raises(CommandError, match=problem):
        run(*arguments)
