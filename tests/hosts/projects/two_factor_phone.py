"""django-two-factor-auth's text messages are this app's codes."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["two_factor"]
snippets.use("Codes as its text messages", globals())
ROOT_URLCONF = "tests.hosts.projects.two_factor_phone_urls"
