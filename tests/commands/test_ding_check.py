import io
import json

import pytest

from django_ding.management.commands import ding_check
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import send
from tests.helpers import Terminal, create_authentication

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(phone, user):
    return send(phone, user=user).authentication


def test_right_code(command, sent, outbox, user, phone):
    ended = command("ding_check", str(sent.public_id), outbox[-1].code)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Correct code: +33*******78 is verified.\n\nID ")
    assert PhoneNumber.objects.get(user=user).phone_number == phone
    assert outbox[-1].code not in ended.out


def test_the_id_may_be_the_providers(command, sent, outbox):
    assert command("ding_check", sent.authentication_uuid, outbox[-1].code).code == 0


def test_wrong_code(command, sent):
    ended = command("ding_check", str(sent.public_id), "000000")
    assert (ended.code, ended.out.splitlines()[0]) == (1, "Incorrect code. Attempts left: 4.")
    shown = json.loads(command("ding_check", str(sent.public_id), "000000", "--json").out)
    assert (shown["status"], shown["authentication"]["remaining_checks"]) == ("invalid", 3)


def test_wrong_code_that_starts_a_lockout(command, sent, settings):
    settings.DING = {**settings.DING, "RATE_LIMITS": {"check": "1/user"}}
    ended = command("ding_check", str(sent.public_id), "000000")
    assert ended.out.startswith("Incorrect code. No more codes are accepted for +33*******78: it is locked out.")


def test_code_that_was_used(command, sent, outbox):
    command("ding_check", str(sent.public_id), outbox[-1].code)
    ended = command("ding_check", str(sent.public_id), outbox[-1].code)
    assert (ended.code, ended.out.splitlines()[0]) == (1, "The code was not checked: already_validated.")


def test_number_of_another_account(command, sent, outbox, other_user, phone):
    PhoneNumber.objects.create(user=other_user, phone_number=phone)
    ended = command("ding_check", str(sent.public_id), outbox[-1].code)
    assert ended.code == 0
    assert ended.out.startswith("Correct code, but +33*******78 is already linked to another account")


@pytest.mark.parametrize("rest", [[], ["-"]])
def test_code_from_standard_input(command, sent, outbox, rest):
    stdin = io.StringIO(f"{outbox[-1].code}\n")
    assert command("ding_check", str(sent.public_id), *rest, stdin=stdin).code == 0


def test_code_is_prompted_for_on_a_terminal(command, sent, outbox):
    asked = []

    class Prompted(ding_check.Command):
        def prompt(self, text):
            asked.append(text)
            return outbox[-1].code

    assert command(Prompted(), str(sent.public_id), stdin=Terminal()).code == 0
    assert asked == ["Code: "]


def test_no_answer_on_a_terminal_counts_nothing(command, sent):
    class Abandoned(ding_check.Command):
        def prompt(self, text):
            raise EOFError

    assert command(Abandoned(), str(sent.public_id), stdin=Terminal()).code == 2
    assert Authentication.objects.get().check_count == 0


def test_what_can_not_be_a_code_counts_nothing(command, sent):
    ended = command("ding_check", str(sent.public_id), "12a")
    assert (ended.code, ended.err.split()[-1]) == (2, "(invalid_code)")
    assert Authentication.objects.get().check_count == 0


@pytest.mark.parametrize("unknown", ["", "nope", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "+33612345678"])
def test_unknown_id(command, sent, unknown):
    create_authentication()
    ended = command("ding_check", unknown, "1234")
    assert (ended.code, ended.err) == (1, "No verification has this ID. (not_found)")
