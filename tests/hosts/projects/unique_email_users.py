"""Users have a name and an email address, which is unique: no second one can be empty."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.UniqueEmailUser"
DING = {**DING, "LOGIN_CREATES_USER": True}  # noqa: F405
EXPECTED_CHECKS = ["django_ding.E020"]
WALK = {**WALK, "create_user": "tests.hosts.people.create_user_with_email"}  # noqa: F405
CREATES_USERS = False
