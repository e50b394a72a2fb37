import os

import pytest
from django.test import override_settings

from tests.settings import REDIS_URL

redis = pytest.importorskip("redis")

REDIS = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}


class Counting(redis.Connection):
    """Counts what is sent over it."""

    sent = 0

    def send_packed_command(self, *args, **kwargs):
        type(self).sent += 1
        return super().send_packed_command(*args, **kwargs)


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
