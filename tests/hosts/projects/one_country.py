"""Codes go to one country, and its territories have codes of their own."""

from tests.hosts.base import *  # noqa: F403

DING = {**DING, "ALLOWED_COUNTRIES": ["FR"], "DEFAULT_REGION": "FR"}  # noqa: F405
