"""Settings of the floor and of this app: the same middleware, authentication, database and cache."""

import os
from importlib.util import find_spec

from example_project.example.environment import database

SECRET_KEY = "a key of 32 bytes for the benchmark"  # noqa: S105
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
ROOT_URLCONF = "benchmarks.rest_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "rest_framework.authtoken",
    *(["knox"] if find_spec("knox") else []),
    "django_ding",
]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
_ISSUER = os.environ.get("TOKEN_ISSUER", "django_ding.api.tokens.authtoken")
if os.environ.get("PAGES") or _ISSUER.endswith(".session"):
    MIDDLEWARE += ["django.contrib.sessions.middleware.SessionMiddleware"]
if os.environ.get("PAGES"):
    MIDDLEWARE += [
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    TEMPLATES[0]["OPTIONS"] = {"context_processors": ["django.template.context_processors.request"]}
STATIC_URL = "static/"
# Nobody is led from one page to another.
SILENCED_SYSTEM_CHECKS = ["django_ding.W038", "django_ding.W039"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "django_ding.login.backends.PhoneBackend"]
DATABASES = {"default": database(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": None}}
if os.environ.get("PREPARES"):
    DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
        "KEY_PREFIX": os.environ["REDIS_PREFIX"],
    }
}
# Records are formatted, and go nowhere.
LOGGING = {
    "version": 1,
    "handlers": {"nowhere": {"class": "logging.FileHandler", "filename": os.devnull}},
    "loggers": {"django_ding": {"handlers": ["nowhere"]}},
}
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["benchmarks.rest_site.parts.Bearer"]}
_LIMITS = dict.fromkeys(("phone", "user", "ip", "prefix", "country", "all"), "1000000")
_LIMITS["user"] = os.environ.get("USER_LIMIT", "1000000")
DING = {
    "BACKENDS": {"default": {"BACKEND": "benchmarks.rest_site.parts.InstantBackend"}},
    # Six rate limits, of which only a server that is to refuse everything reaches one.
    "RATE_LIMITS": {"send": ",".join(f"{limit}/d/{scope}" for scope, limit in _LIMITS.items())},
    "RETRY_COOLDOWN": 0,
    "TOKEN_ISSUER": _ISSUER,
}
