import json

import pytest

from django_ding.testing import script


def test_it_shows_what_the_provider_knows(command):
    ended = command("ding_lookup", "+1 202 555 0141")
    assert (ended.code, ended.err) == (0, "")
    shown = dict(line.split("  ", 1) for line in ended.out.splitlines())
    assert shown["Phone number"].strip() == "+1********41"
    assert (shown["Line type"].strip(), shown["Number ported"].strip()) == ("fixed_line", "no")
    assert "MCC" in shown
    assert "Caller name" not in shown


def test_json_is_for_programs(command):
    shown = json.loads(command("ding_lookup", "06 12 34 56 78", "--json").out)
    assert (shown["phone_number"], shown["line_type"], shown["caller_name"]) == ("+33*******78", "mobile", None)


def test_caller_name_is_asked_for(command):
    assert json.loads(command("ding_lookup", "+12025550100", "--caller-name", "--json").out)["caller_name"]


@pytest.mark.parametrize(("outcome", "code"), [("negative_balance", 3), ("server_error", 3), ("invalid_line", 1)])
def test_failure(command, outcome, code):
    script("lookup", outcome)
    ended = command("ding_lookup", "+12025550100")
    assert (ended.code, ended.out) == (code, "")
