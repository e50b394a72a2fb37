"""django-allauth signs up and logs in by number, with this app's codes."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["allauth"]
snippets.use("Codes for its phone flows", globals())
ROOT_URLCONF = "tests.hosts.projects.allauth_phone_urls"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_EMAIL_VERIFICATION = "none"
