"""Several processes that reconcile at once, and some that are killed at it."""

import json
import signal
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Count
from django.utils import timezone

from django_ding.models import Authentication, Event
from django_ding.services import ReconcileResult, reconcile
from tests.crash.world import world

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crowds"), pytest.mark.django_db(transaction=True)]

MANY = 300
FEW = 20


def leave(count):
    """Leave rows as a crash does: every second one an intent, the others expired and unknown to the provider."""
    long_ago = timezone.now() - timedelta(hours=1)
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=f"+1202555{n:04}",
            status="pending" if n % 2 else "created",
            authentication_uuid=f"00000000-0000-4000-8000-{n:012}" if n % 2 else "",
            dedup_key=uuid4(),
            created_at=long_ago,
            expires_at=long_ago + timedelta(minutes=10),
            next_retry_at=long_ago + timedelta(seconds=30),
        )
        for n in range(count)
    )


def assert_each_was_reconciled_once(count):
    assert (
        Authentication.objects.filter(status="failed", error_code="answer_lost", dedup_key=None).count() == count // 2
    )
    assert Authentication.objects.filter(status="expired", dedup_key=None).count() == count // 2
    counts = Authentication.objects.annotate(count=Count("events")).values_list("count", flat=True)
    assert set(counts) == {1}
    assert Event.objects.filter(type="error").count() == count


def test_two_at_once_reconcile_each_row_once():
    leave(MANY)
    with world(processes=2) as scene:
        ended = scene.run_at_once({"do": "reconcile", "batch": 40}, {"do": "reconcile", "batch": 40})
    assert [end["signal"] for end in ended] == [0, 0]
    done = [ReconcileResult(**json.loads(end["result"])) for end in ended]
    assert done[0] + done[1] == ReconcileResult(answers_lost=MANY // 2, expired=MANY // 2, skipped=MANY // 2)
    assert_each_was_reconciled_once(MANY)
    print("\nreconciled by each:", [one.total for one in done])  # noqa: T201


@pytest.mark.parametrize("writes", [1, 2, 7, FEW + 1, FEW + 2])
@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_reconciling_the_next_one_goes_on(side, writes):
    leave(FEW)
    with world() as scene:
        assert scene.run(do="reconcile", fatal=[side, writes])["signal"] == signal.SIGKILL
        reconcile()
    assert_each_was_reconciled_once(FEW)


@pytest.mark.parametrize("point", ["call", "answer", "signal"])
def test_killed_elsewhere_while_reconciling_the_next_one_goes_on(point):
    leave(FEW)
    with world() as scene:
        assert scene.run(do="reconcile", fatal=[point])["signal"] == signal.SIGKILL
        reconcile()
    assert_each_was_reconciled_once(FEW)
