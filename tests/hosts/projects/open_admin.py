"""Asks for a code after the password, but not in the admin, nor on REST framework's own login page."""

from tests.hosts.base import *  # noqa: F403

ROOT_URLCONF = "tests.hosts.projects.open_admin_urls"
EXPECTED_CHECKS = ["django_ding.W036", "django_ding.W036"]
