import json

import pytest

from django_ding.models import PhoneNumber
from tests.commands.programs import Result

pytestmark = pytest.mark.django_db

FROM_TO = ("--from", "+22507", "--to", "+2250707")


@pytest.fixture
def number(user) -> PhoneNumber:
    """Of Côte d'Ivoire, where numbers got two more digits in 2021."""
    return PhoneNumber.objects.create(user=user, phone_number="+22507123456")


def test_it_says_what_it_would_change_and_what_it_changed(command, number):
    assert command("ding_renumber", *FROM_TO, "--dry-run") == Result(0, "Would renumber 1 number.\n", "")
    assert command("ding_renumber", *FROM_TO) == Result(0, "Renumbered 1 number.\n", "")
    assert PhoneNumber.objects.get().phone_number == "+2250707123456"
    assert command("ding_renumber", *FROM_TO).out == "Renumbered 0 numbers; 1 number still valid.\n"


def test_duplicates_are_listed(command, number, user, other_user):
    PhoneNumber.objects.create(user=other_user, phone_number="+2250707123456")
    ended = command("ding_renumber", *FROM_TO)
    assert ended.code == 1
    assert ended.out.splitlines() == [
        f"user {user.pk}: +225******56: this number is already linked to an account (duplicate)",
        "Renumbered 0 numbers; 1 number still valid; left out 1 number.",
    ]


def test_json_is_for_programs(command, number, user):
    PhoneNumber.objects.create(user=user, phone_number="+2250707123456")
    assert json.loads(command("ding_renumber", *FROM_TO, "--json").out) == {
        "renumbered": 0,
        "still_valid": 1,
        "problems": [{"source": f"user {user.pk}", "phone_number": "+225******56", "reason": "duplicate"}],
        "dry_run": False,
        "interrupted": False,
    }


@pytest.mark.parametrize("options", [("--from", "225", "--to", "+225"), ("--from", "+225", "--to", "+225")])
def test_prefixes_that_make_no_sense_are_refused(command, options):
    assert command("ding_renumber", *options).code in (1, 2)
