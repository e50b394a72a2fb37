"""Many requests at once get exactly as many messages as the limits allow, and one block."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from django_ding.exceptions import RateLimited
from django_ding.models import Authentication, Block, RateLimitCounter
from django_ding.services import lift_block, send
from django_ding.signals import pumping_suspected

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [f"+12025550{n}" for n in range(100, 200)]


def status_of(number):
    try:
        return send(number).authentication.status
    except RateLimited as error:
        return error.scope
    finally:
        connection.close()


#: Requests at once, each with a connection: a server lets in a hundred, and other tests run at the same time.
CROWD = 40


@pytest.fixture
def suspected():
    """The blocks of each ``pumping_suspected``."""
    blocks = []

    def receiver(block, **kwargs):
        blocks.append(block)

    pumping_suspected.connect(receiver)
    yield blocks
    pumping_suspected.disconnect(receiver)


@pytest.mark.parametrize("where", ["default", None])
def test_simultaneous_evaluations_create_one_block(redis_caches, settings, suspected, where):
    settings.DING = {
        "BACKENDS": {"default": {"BACKEND": "tests.stubs.Plain"}},
        "RATE_LIMITS": {"send": "100/h/prefix"},
        "MIN_CONVERSION": "50%/4/h/prefix",
        "RATE_LIMIT_CACHE": where,
    }
    cache.clear()
    earlier = timezone.now() - timedelta(minutes=5)
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=number,
            prefix="+1202555",
            status="expired",
            requester_type="visitor",
            created_at=earlier,
            expires_at=earlier,
        )
        for number in NUMBERS[:4]
    )
    barrier = Barrier(CROWD)

    def evaluate_together(execute, sql, *rest):
        if sql.startswith("SELECT") and Block._meta.db_table in sql:
            barrier.wait(60)
        return execute(sql, *rest)

    def at_once(number):
        with connection.execute_wrapper(evaluate_together):
            return status_of(number)

    with ThreadPoolExecutor(CROWD) as pool:
        outcomes = list(pool.map(at_once, NUMBERS[:CROWD]))
    assert outcomes == ["conversion"] * CROWD
    assert suspected == [Block.objects.get()]
    assert Authentication.objects.count() == 4
    assert lift_block(suspected[0])
    assert [status_of(number) for number in NUMBERS] == ["pending"] * 100  # All were rolled back.
    assert where == "default" or not RateLimitCounter.objects.filter(key__contains="block", count__gt=0).exists()
