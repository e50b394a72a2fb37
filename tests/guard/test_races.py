"""The rates of a crowd: exactly as many messages as they let through."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection

from django_ding.exceptions import RateLimited
from django_ding.models import Authentication
from django_ding.services import send

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [f"+12025550{n}" for n in range(100, 200)]


def status_of(number):
    try:
        return send(number).status
    except RateLimited as refusal:
        return refusal.scope
    finally:
        connection.close()


@pytest.mark.parametrize("where", ["default", "database"])
def test_a_hundred_numbers_of_one_prefix_get_sixty_messages(redis_caches, settings, where):
    settings.DING = {
        "BACKENDS": {"default": {"BACKEND": "tests.stubs.Plain"}},
        "RATES": {"send": "60/h/prefix,1000/h/all"},
        "COUNTERS": where,
    }
    cache.clear()
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(status_of, NUMBERS))
    assert outcomes.count("pending") == 60
    assert outcomes.count("prefix") == 40
    assert Authentication.objects.count() == 60
