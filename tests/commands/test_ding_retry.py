import json

import pytest

from django_ding.services import send

pytestmark = pytest.mark.django_db


def test_it_sends_another_message(command, clock, outbox, phone):
    row = send(phone).authentication
    clock.shift(31)
    ended = command("ding_retry", str(row.public_id))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Sent another message to +33*******78.\n\nID ")
    assert len(outbox) == 2


def test_too_early(command, clock, outbox, phone):
    row = send(phone).authentication
    ended = command("ding_retry", str(row.public_id))
    assert ended.code == 1
    assert ended.out.startswith("No message was sent to +33*******78: rate_limited.")
    shown = json.loads(command("ding_retry", str(row.public_id), "--json").out)
    assert (shown["status"], shown["authentication"]["next_retry_at"]) == ("rate_limited", "2026-06-01T12:00:30+00:00")
    assert len(outbox) == 1


def test_unknown_id(command):
    assert command("ding_retry", "nope").code == 1
