"""The limits of a crowd: exactly as many messages as they let through, and one block."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from django_ding.exceptions import RateLimited
from django_ding.models import Authentication, Block, Counter
from django_ding.services import lift, send
from django_ding.signals import pumping_suspected

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [f"+12025550{n}" for n in range(100, 200)]


def status_of(number):
    try:
        return send(number).status
    except RateLimited as refusal:
        return refusal.scope
    finally:
        connection.close()


#: Requests at once, each with a connection: a server lets in a hundred, and other tests run at the same time.
CROWD = 40


@pytest.fixture
def told():
    """How often pumping was suspected."""
    blocks = []

    def receiver(block, **kwargs):
        blocks.append(block)

    pumping_suspected.connect(receiver)
    yield blocks
    pumping_suspected.disconnect(receiver)


@pytest.mark.parametrize("where", ["default", "database"])
def test_judgements_at_once_are_one_block(redis_caches, settings, told, where):
    settings.DING = {
        "BACKENDS": {"default": {"BACKEND": "tests.stubs.Plain"}},
        "RATES": {"send": "100/h/prefix"},
        "CONVERSION": "50%/4/h/prefix",
        "COUNTERS": where,
    }
    cache.clear()
    earlier = timezone.now() - timedelta(minutes=5)
    Authentication.objects.bulk_create(
        Authentication(phone_number=number, prefix="+1202555", status="expired", created_at=earlier, expires_at=earlier)
        for number in NUMBERS[:4]
    )
    barrier = Barrier(CROWD)

    def judge_together(execute, sql, *rest):
        if sql.startswith("SELECT") and Block._meta.db_table in sql:
            barrier.wait(60)
        return execute(sql, *rest)

    def at_once(number):
        with connection.execute_wrapper(judge_together):
            return status_of(number)

    with ThreadPoolExecutor(CROWD) as pool:
        outcomes = list(pool.map(at_once, NUMBERS[:CROWD]))
    assert outcomes == ["conversion"] * CROWD
    assert told == [Block.objects.get()]
    assert Authentication.objects.count() == 4
    assert lift(told[0])
    assert [status_of(number) for number in NUMBERS] == ["pending"] * 100  # All their places were given back.
    assert where == "default" or not Counter.objects.filter(key__contains="block", count__gt=0).exists()
