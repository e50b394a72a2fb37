"""Several processes that settle at once, and some that are killed at it."""

import json
import signal
from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from django_ding.models import Authentication, Event
from django_ding.services import SettleResult, settle
from tests.crash.world import world

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

MANY = 300
FEW = 20


def leave(count):
    """Leave rows as a crash does: every second one is an intent, the others are over and unknown to the provider."""
    long_ago = timezone.now() - timedelta(hours=1)
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=f"+1202555{n:04}",
            status="pending" if n % 2 else "created",
            authentication_uuid=f"00000000-0000-4000-8000-{n:012}" if n % 2 else "",
            slot=f"slot {n}",
            created_at=long_ago,
            expires_at=long_ago + timedelta(minutes=10),
            next_retry_at=long_ago + timedelta(seconds=30),
        )
        for n in range(count)
    )


def assert_each_was_settled_once(count):
    assert Authentication.objects.filter(status="failed", error_code="answer_lost", slot=None).count() == count // 2
    assert Authentication.objects.filter(status="expired", slot=None).count() == count // 2
    told = Authentication.objects.annotate(told=Count("events")).values_list("told", flat=True)
    assert set(told) == {1}
    assert Event.objects.filter(type="error").count() == count


def test_two_at_once_settle_each_row_once():
    leave(MANY)
    with world(processes=2) as scene:
        ended = scene.run_at_once({"do": "settle", "batch": 40}, {"do": "settle", "batch": 40})
    assert [end["signal"] for end in ended] == [0, 0]
    done = [SettleResult(**json.loads(end["told"])) for end in ended]
    assert done[0] + done[1] == SettleResult(answers_lost=MANY // 2, expired=MANY // 2, unasked=MANY // 2)
    assert_each_was_settled_once(MANY)
    print("\nsettled by each:", [one.settled for one in done])  # noqa: T201


@pytest.mark.parametrize("writes", [1, 2, 7, FEW + 1, FEW + 2])
@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_settling_the_next_one_goes_on(side, writes):
    leave(FEW)
    with world() as scene:
        assert scene.run(do="settle", fatal=[side, writes])["signal"] == signal.SIGKILL
        settle()
    assert_each_was_settled_once(FEW)


@pytest.mark.parametrize("point", ["call", "answer", "told"])
def test_killed_elsewhere_while_settling_the_next_one_goes_on(point):
    leave(FEW)
    with world() as scene:
        assert scene.run(do="settle", fatal=[point])["signal"] == signal.SIGKILL
        settle()
    assert_each_was_settled_once(FEW)
