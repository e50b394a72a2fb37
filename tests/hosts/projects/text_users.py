"""Users' keys are any text, commas and quotes included, in a table whose name is a reserved word."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.TextUser"
DING = {**DING, "USER_FACTORY": "tests.hosts.people.sign_up"}  # noqa: F405
ON_SERVERS = True
