import json

import pytest
from django.contrib.auth import get_user_model

from django_ding.backends.types import FeedbackResponse
from django_ding.models import PhoneNumber
from django_ding.services import send
from django_ding.testing import script
from tests.commands.programs import press_ctrl_c
from tests.helpers import verify
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db


@pytest.fixture
def verified():
    """Three users who verified a number each."""
    for n in range(3):
        verify(f"+120255501{n:02}", user=get_user_model().objects.create_user(f"user {n}"))


def test_one_number(command, simulator, phone):
    send(phone)
    ended = command("ding_feedback", "06 12 34 56 78", "--status", "not_onboarded")
    assert (ended.code, ended.out, ended.err) == (0, "Reported 1 number; 0 duplicates.\n", "")
    assert command("ding_feedback", phone, "--status", "not_onboarded").out == "Reported 0 numbers; 1 duplicate.\n"
    assert simulator.calls["feedback"] == 2


def test_number_that_the_provider_does_not_know(command, phone):
    ended = command("ding_feedback", phone)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith("(no_associated_auth_found)")


def test_one_number_in_an_outage(command, phone):
    script("feedback", "server_error")
    assert command("ding_feedback", phone).code == 3


def test_all_numbers_since(command, verified):
    ended = command("ding_feedback", "--since", "7d")
    assert (ended.code, ended.out, ended.err) == (0, "Reported 3 numbers; 0 duplicates.\n", "")
    assert command("ding_feedback", "--since", "7d").out == "Reported 0 numbers; 3 duplicates.\n"


def test_dry_run_reports_nothing(command, verified, simulator):
    assert command("ding_feedback", "--since", "7d", "--dry-run").out == "Would report 3 numbers.\n"
    assert json.loads(command("ding_feedback", "--since", "7d", "--dry-run", "--limit", "2", "--json").out) == {
        "sent": 2,
        "already_sent": 0,
        "rejected": 0,
        "skipped": 0,
        "dry_run": True,
        "interrupted": False,
    }
    assert not simulator.calls["feedback"]


def test_numbers_that_could_not_be_reported(command, verified):
    script("feedback", "server_error", "no_associated_auth_found")
    ended = command("ding_feedback", "--since", "7d")
    assert (ended.code, ended.out) == (1, "Reported 1 number; 0 duplicates; 1 rejected; 1 skipped.\n")


class Interrupted(Newfangled):
    """Gets Ctrl-C while it reports the second number."""

    def feedback(self, phone_number, status):
        if phone_number.endswith("1"):
            press_ctrl_c()
        return FeedbackResponse()


def test_ctrl_c_reports_what_was_done(command, verified):
    with using(Interrupted):
        ended = command("ding_feedback", "--since", "7d", "--json")
    assert ended.code == 130
    assert json.loads(ended.out)["interrupted"] is True
    assert json.loads(ended.out)["sent"] == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "Pass either NUMBER or --since."),
        (["+12025550100", "--since", "7d"], "Pass either NUMBER or --since."),
        (["+12025550100", "--dry-run"], "--dry-run and --limit require --since."),
        (["+12025550100", "--limit", "0"], "--dry-run and --limit require --since."),
        (["--since", "7d", "--status", "not_onboarded"], "--since can only report onboarded users."),
    ],
)
def test_bad_usage_is_reported(command, arguments, problem):
    ended = command("ding_feedback", *arguments)
    assert ended.code == 2
    assert ended.err.startswith(problem)


def test_no_number_is_changed(command, verified):
    before = list(PhoneNumber.objects.values())
    command("ding_feedback", "--since", "7d")
    assert list(PhoneNumber.objects.values()) == before


@pytest.mark.slow
def test_program_ends_well(program):
    ended = program("ding_feedback", "--since", "7d", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["sent"] == 0
