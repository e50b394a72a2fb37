import builtins
import importlib
import io
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from django_ding.management import progress
from django_ding.models import Authentication, Event
from django_ding.services import send
from django_ding.testing import script

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale(clock):
    """Two intents without an answer and two authentications past their time."""
    for number in ("+12025550100", "+12025550101"):
        send(number)
        Authentication.objects.create(phone_number=number, expires_at=timezone.now() + timedelta(minutes=10))
    clock.shift(600)


@pytest.fixture
def run(capsys):
    """Return a function that runs the command and returns its exit code, output and errors."""

    def run(*arguments):
        code = 0
        try:
            call_command("ding_sync", *arguments)
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


def test_it_tells_what_it_settled(run, stale):
    assert run() == (0, "Settled 4: 2 answers lost, 2 expired.\n", "")
    assert run() == (0, "Settled 0: 0 answers lost, 0 expired.\n", "")


def test_it_tells_when_the_provider_could_not_be_asked(run, stale):
    script("status", "server_error")
    told = "Settled 4: 2 answers lost, 2 expired; the provider could not be asked about 1.\n"
    assert run() == (1, told, "")
    assert not Authentication.objects.filter(status__in=("created", "pending")).exists()


def test_json_is_for_programs(run, stale):
    script("status", "server_error")
    code, out, _ = run("--json")
    assert code == 1
    assert json.loads(out) == {
        "settled": 4,
        "answers_lost": 2,
        "expired": 2,
        "unasked": 1,
        "dry_run": False,
        "interrupted": False,
    }


def test_dry_run_changes_nothing(run, stale, simulator):
    assert run("--dry-run") == (0, "Would settle 4: 2 answers lost, 2 expired.\n", "")
    assert run("--dry-run", "--limit", "3")[1] == "Would settle 3: 2 answers lost, 1 expired.\n"
    assert json.loads(run("--dry-run", "--json")[1])["dry_run"] is True
    assert Authentication.objects.filter(status__in=("created", "pending")).count() == 4
    assert not simulator.calls["status"]


def test_limit_and_batch(run, stale):
    assert run("--limit", "1", "--batch", "1")[1] == "Settled 1: 1 answer lost, 0 expired.\n"
    assert run("--batch", "1")[1] == "Settled 3: 1 answer lost, 2 expired.\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60), ("0", 0), ("90s", 90), ("10m", 600), ("1.5m", 90), ("2h", 7200), ("1d", 86_400)],
)
def test_older_than_is_a_duration(run, clock, text, seconds):
    Authentication.objects.create(phone_number="+12025550100", expires_at=timezone.now() + timedelta(days=9))
    if seconds:
        clock.shift(seconds - 1)
        assert run("--older-than", text)[1].startswith("Settled 0:")
        clock.shift(1)
    assert run("--older-than", text)[1].startswith("Settled 1:")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--older-than", "soon"], "'soon' is not a duration"),
        (["--older-than", "-5"], "is not a duration"),
        (["--older-than", "10w"], "Write seconds, or 90s, 10m, 2h, 1d."),
        (["--older-than", "9999d"], "is not a duration"),
        (["--older-than", "١"], "is not a duration"),
        (["--batch", "0"], "'0' is not a whole number of 1 or more"),
        (["--batch", "many"], "is not a whole number"),
        (["--limit", "1.5"], "is not a whole number of 0 or more"),
        (["--everything"], "unrecognized arguments"),
    ],
)
def test_bad_usage_is_told(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("ding_sync", *arguments)


def test_a_database_that_cannot_be_used_has_an_exit_code_of_its_own(stale):
    def refuse(execute, *rest):
        raise OperationalError("no disk")

    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="no disk") as caught:
        call_command("ding_sync")
    assert caught.value.returncode == 3


def test_ctrl_c_stops_between_two_rows(run, stale):
    def press(execute, sql, *rest):
        if sql.startswith("INSERT"):
            os.kill(os.getpid(), signal.SIGINT)
        return execute(sql, *rest)

    before = signal.getsignal(signal.SIGINT)
    with connection.execute_wrapper(press):
        code, out, _ = run("--json")
    assert code == 130
    assert json.loads(out)["interrupted"] is True
    assert json.loads(out)["settled"] == 1
    assert Authentication.objects.filter(status="failed").count() == Event.objects.filter(type="error").count() == 1
    assert signal.getsignal(signal.SIGINT) is before
    assert run()[1].startswith("Settled 3:")


def test_a_second_ctrl_c_works_at_once(run, stale):
    def press(execute, sql, *rest):
        if sql.startswith("INSERT"):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        return execute(sql, *rest)

    with connection.execute_wrapper(press):
        assert run()[:2] == (130, "Stopped early. Settled 0: 0 answers lost, 0 expired.\n")


# Progress.


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def without_tqdm(monkeypatch):
    found = builtins.__import__

    def refuse(name, *rest):
        if name == "tqdm":
            raise ImportError
        return found(name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", refuse)
        importlib.reload(progress)
    yield
    importlib.reload(progress)


def shown(stream, steps):
    with progress.progress(lambda: steps, unit="rows", stream=stream) as show:
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
def test_progress_of_the_command_is_shown_on_a_terminal(stale, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    call_command("ding_sync")
    assert sys.stderr.getvalue().endswith("\r3 of 4 rows\r4 of 4 rows\n")
    assert capsys.readouterr().out == "Settled 4: 2 answers lost, 2 expired.\n"


# As a program.


def program(*arguments, **streams):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "django", "ding_sync", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60, **streams)


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["--older-than", "soon"], 2, b"'soon' is not a duration"),
        ([], 3, b"Problem: "),
    ],
)
def test_program_exit_codes(arguments, code, problem):
    ended = program(*arguments, capture_output=True)
    assert ended.returncode == code
    assert problem in ended.stderr
    assert b"Traceback" not in ended.stderr
