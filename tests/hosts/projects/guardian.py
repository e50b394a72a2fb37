"""django-guardian gives permissions of single rows."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["guardian"]
snippets.use("django-guardian", globals())
