"""Accounts are django-allauth's, but for the page to log in."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["allauth"]
snippets.use("django-allauth", globals())
# The walk logs in by number, too.
AUTHENTICATION_BACKENDS += ["django_ding.login.backends.PhoneBackend"]  # noqa: F405
ROOT_URLCONF = "tests.hosts.projects.allauth_urls"
ACCOUNT_EMAIL_VERIFICATION = "none"
