"""django-two-factor-auth's second factor is there, too."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["two_factor"]
snippets.use("django-two-factor-auth", globals())
ROOT_URLCONF = "tests.hosts.projects.two_factor_urls"
