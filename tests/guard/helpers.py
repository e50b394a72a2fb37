"""What the tests of the guard share, where Redis's client is installed."""

import pytest

from tests.settings import REDIS_URL

redis = pytest.importorskip("redis")

REDIS = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}


class Counting(redis.Connection):
    """Counts what is sent over it."""

    sent = 0

    def send_packed_command(self, *args, **kwargs):
        type(self).sent += 1
        return super().send_packed_command(*args, **kwargs)
