"""Settings of a project with the user model that ``HOST_USER`` names, on the database of ``TEST_DATABASE_URL``."""

import os

from tests.hosts.base import *  # noqa: F403

AUTH_USER_MODEL = f"hosts.{os.environ['HOST_USER']}"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
