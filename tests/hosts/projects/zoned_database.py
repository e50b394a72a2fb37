"""A database whose times are local ones, for another program that reads it."""

from tests.hosts.base import *  # noqa: F403

ON_SERVERS = True
TIME_ZONE = "America/New_York"
DATABASES["default"]["TIME_ZONE"] = "Europe/Paris"  # noqa: F405
