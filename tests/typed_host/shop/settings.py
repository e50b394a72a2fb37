"""Settings with each function of the project's own that ``DING`` can name."""

from typing import Any

SECRET_KEY = "a key that only the tests use, long enough to sign tokens with"
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "rest_framework.authtoken",
    "django_ding",
    "shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "shop.backends.ActivePhoneBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SILENCED_SYSTEM_CHECKS = ["django_ding.W002"]  # One process.

DING: dict[str, Any] = {
    "BACKENDS": {
        "default": {"BACKEND": "shop.backends.PigeonBackend", "OPTIONS": {"api_key": "the-api-key"}},
    },
    "DEFAULT_REGION": "FR",
    "LOGIN_CREATES_USER": True,
    "USER_FACTORY": "shop.hooks.create_user",
    "TOKEN_ISSUER": "shop.hooks.issue",
    "DEVICE_SIGNALS": "shop.hooks.device_signals",
    "LOOKUP_POLICY": "shop.hooks.only_known_networks",
    "LOOKUP_PURPOSES": ["login"],
    "STEP_UP_CHECK": "shop.hooks.has_stepped_up",
}
