import os

import pytest
from django.test import override_settings

from tests.guard.helpers import REDIS, redis
from tests.settings import REDIS_URL


@pytest.fixture
def redis_caches():
    try:
        redis.Redis.from_url(REDIS_URL).ping()
    except redis.ConnectionError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"Redis is not reachable at {REDIS_URL}")
    with override_settings(CACHES=REDIS):
        yield
