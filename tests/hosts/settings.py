"""Settings of a project with the user model that ``HOST_USER`` names, on the database of ``TEST_DATABASE_URL``."""

import os

from tests.settings import *  # noqa: F403

AUTH_USER_MODEL = f"hosts.{os.environ['HOST_USER']}"
ROOT_URLCONF = "tests.hosts.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "django_ding",
    "tests.hosts",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
# Not Redis, whose databases belong to the workers of the run that starts this process: each clears its own at any time.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
