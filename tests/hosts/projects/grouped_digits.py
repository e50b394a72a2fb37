"""Writes a separator between any two digits, which no browser and no script can read."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import MIDDLEWARE

USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "tests.hosts.formats"
MIDDLEWARE = ["tests.hosts.formats.GroupedAttributeFinder", *MIDDLEWARE]
