"""Django without time zones, in a place whose clocks change."""

from tests.hosts.base import *  # noqa: F403

ON_SERVERS = True
USE_TZ = False
TIME_ZONE = "Europe/Paris"
