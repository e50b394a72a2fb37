"""Logs nobody in by phone alone: the number is the second factor."""

from tests.hosts.base import *  # noqa: F403

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
EXPECTED_CHECKS = ["django_ding.W035"]
WITHOUT = dict.fromkeys(["phone_login", "rest_login"], "it has no login by phone")
