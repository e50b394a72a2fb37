"""Has a code after the password and views for verified users, but forgot the pages that these lead to."""

from tests.hosts.base import *  # noqa: F403

ROOT_URLCONF = "tests.hosts.projects.without_pages_urls"
EXPECTED_CHECKS = ["django_ding.E035", "django_ding.E035"]
WITHOUT = dict.fromkeys(["numbers_pages", "resend", "phone_login", "second_factor", "gate"], "it has no pages")
