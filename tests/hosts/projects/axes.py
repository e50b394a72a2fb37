"""django-axes counts wrong passwords and codes."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["axes"]
snippets.use("django-axes", globals())
