"""Accounts are django-allauth's, but for the page to log in."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["allauth"]
snippets.use("django-allauth", globals())
ROOT_URLCONF = "tests.hosts.projects.allauth_urls"
ACCOUNT_EMAIL_VERIFICATION = "none"
