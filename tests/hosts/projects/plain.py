"""Nothing unusual: what the docs say."""

from tests.hosts.base import *  # noqa: F403
