import json
import os
import signal

import pytest
from django.contrib.auth import get_user_model

from django_ding.backends.base import FeedbackResult
from django_ding.models import PhoneNumber
from django_ding.services import check, send
from django_ding.testing import script
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db


@pytest.fixture
def proven(outbox):
    """Three users who proved a number each."""
    for n in range(3):
        user = get_user_model().objects.create_user(f"user {n}")
        check(send(f"+120255501{n:02}", user=user), outbox[-1].code)


def test_one_number(command, simulator, phone):
    send(phone)
    ended = command("ding_feedback", "06 12 34 56 78", "--status", "not_onboarded")
    assert (ended.code, ended.out, ended.err) == (0, "Told the provider of 1; it knew 0.\n", "")
    assert command("ding_feedback", phone, "--status", "not_onboarded").out == "Told the provider of 0; it knew 1.\n"
    assert simulator.calls["feedback"] == 2


def test_number_that_the_provider_does_not_know(command, phone):
    ended = command("ding_feedback", phone)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith("(no_associated_auth_found)")


def test_one_number_in_an_outage(command, phone):
    script("feedback", "server_error")
    assert command("ding_feedback", phone).code == 3


def test_all_numbers_since(command, proven):
    ended = command("ding_feedback", "--since", "7d")
    assert (ended.code, ended.out, ended.err) == (0, "Told the provider of 3; it knew 0.\n", "")
    assert command("ding_feedback", "--since", "7d").out == "Told the provider of 0; it knew 3.\n"


def test_dry_run_tells_nothing(command, proven, simulator):
    assert command("ding_feedback", "--since", "7d", "--dry-run").out == "Would tell the provider of 3.\n"
    assert json.loads(command("ding_feedback", "--since", "7d", "--dry-run", "--limit", "2", "--json").out) == {
        "told": 2,
        "known": 0,
        "refused": 0,
        "unasked": 0,
        "dry_run": True,
        "interrupted": False,
    }
    assert not simulator.calls["feedback"]


def test_part_that_is_not_done_is_told(command, proven):
    script("feedback", "server_error", "no_associated_auth_found")
    ended = command("ding_feedback", "--since", "7d")
    told = "Told the provider of 1; it knew 0; it refused 1; it could not be asked about 1.\n"
    assert (ended.code, ended.out) == (1, told)


class Pressing(Newfangled):
    """Has Ctrl-C pressed while it is told."""

    def feedback(self, phone_number, status):
        os.kill(os.getpid(), signal.SIGINT)
        return FeedbackResult()


def test_ctrl_c_stops_between_two_numbers(command, proven, monkeypatch):
    monkeypatch.setattr("tests.stubs.Pressing", Pressing, raising=False)
    with using(Pressing):
        ended = command("ding_feedback", "--since", "7d", "--json")
    assert ended.code == 130
    assert json.loads(ended.out)["interrupted"] is True
    assert json.loads(ended.out)["told"] == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "Give either a NUMBER or --since."),
        (["+12025550100", "--since", "7d"], "Give either a NUMBER or --since."),
        (["+12025550100", "--dry-run"], "--dry-run and --limit go with --since."),
        (["+12025550100", "--limit", "0"], "--dry-run and --limit go with --since."),
        (["--since", "7d", "--status", "not_onboarded"], "With --since the status is onboarded"),
    ],
)
def test_bad_usage_is_told(command, arguments, problem):
    ended = command("ding_feedback", *arguments)
    assert ended.code == 2
    assert ended.err.startswith(problem)


def test_no_number_is_changed(command, proven):
    before = list(PhoneNumber.objects.values())
    command("ding_feedback", "--since", "7d")
    assert list(PhoneNumber.objects.values()) == before


def test_program_ends_well(program):
    ended = program("ding_feedback", "--since", "7d", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["told"] == 0
