"""Settings of the floor and of this app: the same middleware, authentication, database and cache."""

import os

from example_project.example.environment import database

SECRET_KEY = "benchmark"  # noqa: S105
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
ROOT_URLCONF = "benchmarks.rest_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_ding"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
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
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["benchmarks.rest_site.parts.Bearer"]}
DING = {
    "BACKENDS": {"default": {"BACKEND": "benchmarks.rest_site.parts.InstantBackend"}},
    # Six rate limits that no request reaches.
    "RATE_LIMITS": {
        "send": ",".join(f"1000000/d/{scope}" for scope in ("phone", "user", "ip", "prefix", "country", "all"))
    },
}
