import json

import pytest

from django_ding.services import send

pytestmark = pytest.mark.django_db


def test_it_sends_once_more(command, clock, outbox, phone):
    row = send(phone)
    clock.shift(31)
    ended = command("ding_retry", str(row.public_id))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Sent a new message to +33*******78.\n\nID ")
    assert len(outbox) == 2


def test_too_early(command, clock, outbox, phone):
    row = send(phone)
    ended = command("ding_retry", str(row.public_id))
    assert ended.code == 1
    assert ended.out.startswith("No new message is known to have been sent to +33*******78: rate_limited.")
    told = json.loads(command("ding_retry", str(row.public_id), "--json").out)
    assert (told["status"], told["authentication"]["next_retry_at"]) == ("rate_limited", "2026-06-01T12:00:30+00:00")
    assert len(outbox) == 1


def test_unknown_id(command):
    assert command("ding_retry", "nope").code == 1
