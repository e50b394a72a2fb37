"""A cache that keeps nothing, as in many settings for development: requests can't be counted there."""

from tests.hosts.base import *  # noqa: F403

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
DING = {**DING, "RATE_LIMIT_CACHE": None}  # noqa: F405
