"""Django's own tasks do the upkeep and send the feedback."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["django.tasks"]
snippets.use("Django's tasks", globals())
