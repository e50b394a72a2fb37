"""A project with the admin and nothing else that takes time, so that the app is what is measured."""

import os

from example_project.example.environment import database

SECRET_KEY = "benchmark"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "testserver"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
ROOT_URLCONF = "benchmarks.admin_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_ding",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {"default": database(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": None}}
DING = {
    "BACKENDS": {
        alias: {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"} for alias in ("default", "backup", "legacy")
    },
    "RATE_LIMIT_CACHE": None,
    "DEFAULT_REGION": "FR",
}
SILENCED_SYSTEM_CHECKS = ["django_ding.E002"]  # Nothing is sent.
