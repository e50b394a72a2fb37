"""What all commands have in common: exit codes, the last word of a problem, JSON."""

import json

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import override_settings
from django.utils import translation

from django_ding.testing import script
from tests.commands.programs import run
from tests.helpers import failing_statements

pytestmark = pytest.mark.django_db

NUMBER = "+12025550100"


@pytest.mark.parametrize(
    ("number", "exit_code", "code"),
    [
        ("12", 2, "invalid_phone_number"),
        ("+1202555", 2, "invalid_phone_number"),
        ("+12025550113", 1, "invalid_line"),
        ("+12025550114", 1, "unsupported_region"),
        ("+12025550116", 3, "negative_balance"),
        ("+12025550129", 3, "http_500"),
    ],
)
def test_exit_code_says_who_can_fix_it(command, number, exit_code, code):
    ended = command("ding_send", number, "--json")
    assert ended.code == exit_code
    assert ended.err.endswith(f" ({code})")
    assert json.loads(ended.out)["error"]["code"] == code


def test_rate_limit_says_when_to_try_again(command, clock, settings):
    settings.DING = {**settings.DING, "RATE_LIMITS": {"send": "1/h/prefix"}, "RATE_LIMIT_CACHE": None}
    assert command("ding_send", NUMBER).code == 0
    clock.shift(600)
    ended = command("ding_send", "+12025550101", "--json")
    assert ended.code == 1
    error = json.loads(ended.out)["error"]
    assert (error["code"], round(error["retry_after"])) == ("rate_limited", 3000)
    assert error["detail"] == "Wait 50 minutes before requesting another code."


def test_errors_are_for_people_without_json(command):
    ended = command("ding_send", "+12025550113")
    assert ended.out == ""
    assert ended.err == "We can't send codes to this type of number. Use a mobile number. (invalid_line)"


@pytest.mark.parametrize("name", ["ding_send", "ding_lookup", "ding_status"])
def test_a_database_or_backend_that_is_not_there(command, name):
    with failing_statements(OperationalError("no disk")):
        script("lookup", "server_error")
        ended = command(name, NUMBER)
    assert ended.code == 3
    assert not ended.out


@pytest.mark.parametrize("error", [IntegrityError, DataError])
def test_what_the_database_says_of_a_value_shows_no_number(error, command):
    with failing_statements(error(f"Duplicate entry '{NUMBER}'")):
        ended = command("ding_status", NUMBER, "--json")
    assert ended.code == 3
    assert NUMBER not in ended.out + ended.err


@pytest.mark.parametrize("arguments", [("ding_feedback",), ("ding_rollup", "--since", "2126-06-01")])
def test_invalid_options_are_reported_in_json(arguments, command):
    ended = command(*arguments, "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["error"]["code"] == "usage"


def test_backend_that_does_not_exist(command):
    ended = command("ding_send", NUMBER, "--backend", "nope")
    assert (ended.code, ended.err.split()[-1]) == (3, "(improperly_configured)")


def test_commands_speak_english(command):
    with translation.override("fr"), override_settings(LANGUAGE_CODE="fr"):
        assert "We can't send codes to this type of number." in command("ding_send", "+12025550113").err


@pytest.mark.parametrize("number", ["+12025550113", "+12025550129", "+33612345678", "+12025550100000", "0612345678"])
@pytest.mark.parametrize("name", ["ding_send", "ding_status", "ding_lookup", "ding_feedback"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_full_number_is_shown(command, name, number, form):
    ended = command(name, number, *form)
    assert number[-8:] not in ended.out + ended.err


# As programs.


@pytest.mark.slow
def test_programs_send_check_and_show(program):
    sent = program("ding_send", "+1 202 555 0100", "--json")
    assert (sent.code, sent.err) == (0, "")
    pk = json.loads(sent.out)["authentication"]["id"]
    assert program("ding_retry", pk).code == 1
    wrong = program("ding_check", pk, "000000")
    assert (wrong.code, wrong.out.splitlines()[0], wrong.err) == (1, "Incorrect code. Attempts left: 4.", "")
    right = program("ding_check", pk, stdin="42 42 42\n")
    assert (right.code, right.out.splitlines()[0], right.err) == (0, "Correct code: +1********00 is verified.", "")
    assert json.loads(program("ding_status", pk, "--json").out)["authentication"]["status"] == "validated"


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["ding_send"], 2, "the following arguments are required: NUMBER"),
        (["ding_send", "+1202"], 2, "DingCommandError: This phone number is too short"),
        (
            ["ding_check", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "1234"],
            1,
            "DingCommandError: No verification has this ID.",
        ),
        (["ding_lookup", "+12025550117"], 3, "DingCommandError: "),
    ],
)
@pytest.mark.slow
def test_programs_exit_codes(program, arguments, code, problem):
    ended = program(*arguments)
    assert (ended.code, ended.out) == (code, "")
    assert problem in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["--older-than", "soon"], 2, "'soon' is not a duration"),
        ([], 3, "DingCommandError: "),
    ],
)
@pytest.mark.slow
def test_programs_exit_codes_without_tables(tmp_path, arguments, code, problem):
    ended = run(f"sqlite:///{tmp_path}/empty.sqlite3", "ding_reconcile", *arguments)
    assert ended.code == code
    assert problem in ended.err
    assert "Traceback" not in ended.err
