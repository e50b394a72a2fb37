import json

import pytest
from django.core.management import CommandError, call_command

from django_ding.models import Authentication
from django_ding.sandbox import Simulator
from django_ding.sandbox.server import SandboxServer
from tests.sandbox.helpers import CUSTOMER

pytestmark = pytest.mark.django_db


def test_it_sends_a_code_and_shows_the_verification(command, clock, outbox, phone):
    ended = command("ding_send", "06 12 34 56 78")
    assert (ended.code, ended.err) == (0, "")
    first, code, _, empty, *table = ended.out.splitlines()
    assert (first, empty) == ("Sent a code to +33*******78.", "")
    assert code.startswith(f"The code is {outbox[-1].code}. The sandbox that sent it ends with this command")
    shown = dict(line.split("  ", 1) for line in table)
    assert shown["Status"].strip() == "pending"
    assert shown["Expires"].strip() == "2026-06-01 07:10 CDT, in 10 min"
    assert "User" not in shown
    assert [message.phone_number for message in outbox] == [phone]


def test_user_purpose_and_words_reach_the_service(command, user, outbox):
    options = ["--user", "alice", "--purpose", "payment", "--region", "GB", "--locale", "fr-FR"]
    assert command("ding_send", "07400 123456", *options).code == 0
    row = Authentication.objects.get()
    assert (row.user, row.purpose, row.phone_number) == (user, "payment", "+447400123456")
    assert "code de vérification" in outbox[-1].content


def test_json_is_for_programs(command, clock, user, outbox):
    shown = json.loads(command("ding_send", "0612345678", "--user", "alice", "--json").out)
    assert (shown["sent"], shown["sandbox_code"]) == (True, outbox[-1].code)
    shown = shown["authentication"]
    row = Authentication.objects.get()
    assert (shown["id"], shown["user"]) == (str(row.public_id), user.pk)
    assert (shown["status"], shown["remaining_checks"], shown["remaining_retry"]) == ("pending", 5, 3)
    assert shown["expires_at"] == "2026-06-01T12:10:00+00:00"
    assert shown["phone_number"] == "+33*******78"


def test_code_of_preludes_sandbox(command, settings, outbox, phone):
    backend = {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}
    settings.DING = {**settings.DING, "BACKENDS": {"default": backend}}
    shown = json.loads(command("ding_send", phone, "--json").out)
    assert shown["sandbox_code"] == outbox[-1].code
    assert shown["authentication"]["channel"] == "sms"


def test_code_of_a_phone_is_not_known(command, settings, phone):
    """A real provider tells nobody the code; here, it is the sandbox in another process."""
    with SandboxServer(Simulator()) as server:
        options = {"api_key": "key", "customer_uuid": CUSTOMER, "base_url": f"{server.url}/v1"}
        backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
        settings.DING = {**settings.DING, "BACKENDS": {"default": backend}}
        assert "The code is" not in command("ding_send", phone).out
        assert "sandbox_code" not in json.loads(command("ding_send", phone, "--json").out)


def test_again_within_the_cooldown_sends_nothing(command, outbox, user, phone):
    command("ding_send", phone, "--user", "alice")
    ended = command("ding_send", phone, "--user", "alice")
    assert (ended.code, ended.out.splitlines()[0]) == (
        0,
        "Nothing was sent to +33*******78: the last code is still valid.",
    )
    assert json.loads(command("ding_send", phone, "--user", "alice", "--json").out)["sent"] is False
    assert len(outbox) == 1


def test_again_after_the_cooldown_sends_another_message(command, clock, outbox, user, phone):
    command("ding_send", phone, "--user", "alice")
    clock.shift(31)
    assert command("ding_send", phone, "--user", "alice").out.startswith("Sent a code")
    assert len(outbox) == 2


def test_again_without_a_check_left(command, user, phone):
    command("ding_send", phone, "--user", "alice")
    Authentication.objects.update(check_count=5)
    ended = command("ding_send", phone, "--user", "alice", "--json")
    error = json.loads(ended.out)["error"]
    assert (ended.code, error["code"], round(error["retry_after"])) == (1, "rate_limited", 600)


@pytest.mark.parametrize(("number", "status"), [("+12025550110", "rate_limited"), ("+12025550111", "spam_detected")])
def test_a_refusal_of_the_provider_is_shown_and_exits_1(command, number, status):
    ended = command("ding_send", number)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith(f" ({status})")


def test_unknown_user(command, outbox):
    ended = command("ding_send", "+12025550100", "--user", "zoe")
    assert (ended.code, ended.err) == (1, "No user has this username. Nothing was sent. (not_found)")
    assert not outbox


def test_bad_usage_is_reported():
    with pytest.raises(CommandError, match="is not a name of 1 to 32 characters"):
        call_command("ding_send", "+12025550100", "--purpose", "x" * 33)
