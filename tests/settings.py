"""Settings of the project's own tests.

``TEST_DATABASE_URL`` (``postgresql://user@host:port/name``, ``mysql://…``) and ``TEST_REDIS_URL`` name the services to
run on. Without them it is a file of SQLite and this process's memory.
"""

import os
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from example_project.example.environment import database

SECRET_KEY = "a key that only the tests use, long enough to sign tokens with"
USE_TZ = True
STATIC_URL = "/static/"
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "rest_framework.authtoken",
    *filter(find_spec, ["knox"]),  # Not where only types or style are checked.
    "django_ding",
]
MIDDLEWARE = [
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
#: Runs at the same time share the services, so each has a database and cache keys of its own.
RUN = f"django_ding_tests_{os.getpid()}"
DATABASES = {"default": database(os.environ.get("TEST_DATABASE_URL", "sqlite://"))}
ENGINE = DATABASES["default"]["ENGINE"].rpartition(".")[2]
DATABASES["default"]["TEST"] = {"NAME": f"test_{RUN}"}
if ENGINE == "sqlite3":
    # A file, so that threads have connections of their own; with docs/databases.md's journal, many can write.
    DATABASES["default"]["TEST"]["NAME"] = Path(tempfile.gettempdir()) / f"{RUN}.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
elif ENGINE == "mysql" and find_spec("MySQLdb") is None:
    import_module("pymysql").install_as_MySQLdb()
#: Clearing a cache in Redis empties its database, so runs at the same time have one each, and their workers, too.
_REDIS = urlsplit(
    os.environ.get("TEST_REDIS_URL", f"redis://127.0.0.1:6379/{os.environ.get('TEST_REDIS_DATABASE', '2')}")
)
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = _REDIS._replace(path=f"/{int(_REDIS.path.strip('/') or 0) + _WORKER}").geturl()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": RUN}}
if "TEST_REDIS_URL" in os.environ:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": RUN,
    }
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {"TITLE": "Tests", "VERSION": "1"}
SILENCED_SYSTEM_CHECKS = ["django_ding.E002", "django_ding.W006"]  # The sandbox is what the tests are for.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "django_ding.login.backends.PhoneBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DING = {
    "BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}},
    "DEFAULT_REGION": "FR",
    "SANDBOX": {"enabled": True},  # Tests run with DEBUG off.
}
