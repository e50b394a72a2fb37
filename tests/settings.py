"""Settings of the project's own tests."""

import os
import tempfile
from pathlib import Path

SECRET_KEY = "tests"
USE_TZ = True
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "django_ding",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        # The tests use a file, so that threads have connections of their own.
        "NAME": ":memory:",
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"django-ding-tests-{os.getpid()}.sqlite3"},
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30},
    }
}
SILENCED_SYSTEM_CHECKS = ["django_ding.E002"]  # The sandbox is what the tests are for.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DING = {
    "BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}},
    "DEFAULT_REGION": "FR",
}
