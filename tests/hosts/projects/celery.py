"""Celery's workers do the upkeep and send the feedback."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["celery"]
snippets.use("Celery", globals())
