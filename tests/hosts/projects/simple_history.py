"""django-simple-history keeps versions of phone numbers."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["simple_history"]
snippets.use("django-simple-history", globals())
MIGRATION_MODULES = {"accounts": None}
