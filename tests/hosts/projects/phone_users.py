"""The name of a user is their phone number."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.PhoneUser"
DING = {**DING, "LOGIN_CREATES_USER": True, "USER_FACTORY": "django_ding.services.create_user_with_number"}  # noqa: F405
