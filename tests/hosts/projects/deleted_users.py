"""The default manager of the user model hides users."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.DeletedUser"
