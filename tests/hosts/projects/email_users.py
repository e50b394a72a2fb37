"""Users log in with their email address, which can't be made up."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.EmailUser"
DING = {**DING, "LOGIN_CREATES_USER": True}  # noqa: F405
EXPECTED_CHECKS = ["django_ding.E020"]
CREATES_USERS = False
