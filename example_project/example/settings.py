"""Settings of the example. Without environment variables it uses SQLite, local memory and its own sandbox."""

import os
from importlib.util import find_spec
from pathlib import Path

from django_ding.sandbox.options import ANY_UUID
from example import sandbox
from example.environment import database

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DEBUG", "1").lower() not in ("", "0", "no", "off", "false")
SECRET_KEY = os.environ.get("SECRET_KEY", "public, which is fine for an example")
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "example",  # Before django_ding, so that its templates override the app's.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_ding",
]
if find_spec("drf_spectacular"):
    INSTALLED_APPS += ["drf_spectacular"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "example.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "example.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "example.context.inbox",
            ],
        },
    },
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("mysql") and not find_spec("MySQLdb"):
    import pymysql

    pymysql.install_as_MySQLdb()

if os.environ.get("REDIS_URL"):
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}
    }

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",  # passwords
    "django_ding.login.backends.PhoneBackend",  # phone numbers
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "French"), ("de", "German"), ("es", "Spanish"), ("ar", "Arabic")]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# URLs can contain phone numbers, so the development server logs errors only.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"django.server": {"level": "WARNING"}}}

# Basic authentication needs a password but no code. It is here for the demo's curl commands only.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.BasicAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
if "drf_spectacular" in INSTALLED_APPS:
    REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "drf_spectacular.openapi.AutoSchema"

DING_SMS_GATEWAY = os.environ.get("DING_SMS_GATEWAY") or None
DING_BASE_URL = os.environ.get("DING_BASE_URL") or None
PROVIDER_URL = DING_BASE_URL or os.environ.get("PRELUDE_BASE_URL") or sandbox.DEMO_URL
if DING_SMS_GATEWAY:
    BACKEND = {
        "BACKEND": "django_ding.backends.sms.SMSBackend",
        "OPTIONS": {"gateway": DING_SMS_GATEWAY, "brand": "Ding example"},
    }
elif DING_BASE_URL:
    BACKEND = {
        "BACKEND": "django_ding.backends.ding.DingBackend",
        "OPTIONS": {
            "api_key": os.environ.get("DING_API_KEY") or "example",
            "customer_uuid": os.environ.get("DING_CUSTOMER_UUID") or ANY_UUID,
            "base_url": DING_BASE_URL,
        },
    }
else:
    BACKEND = {
        "BACKEND": "django_ding.backends.prelude.PreludeBackend",
        "OPTIONS": {
            "api_key": os.environ.get("PRELUDE_API_KEY") or "example",
            "base_url": PROVIDER_URL,
            "supports_status": True,
            "supports_feedback": True,
            "webhook_public_keys": sandbox.webhook_public_keys(),
        },
    }
#: The page where visitors read their code; empty when it is sent to a real phone or by a gateway.
INBOX_URL = "" if DING_SMS_GATEWAY else sandbox.inbox_url(PROVIDER_URL)

DING = {
    "BACKENDS": {"default": BACKEND},
    "DEFAULT_REGION": "FR",
    # Whoever gets no SMS can choose another way.
    "CHANNELS": ["sms", "whatsapp", "voice"],
    "LOGIN_CREATES_USER": True,
    # High enough to try everything by hand. Leave both out for limits that suit most sites.
    "RATE_LIMITS": {"send": "60/m/ip,1000/h/all"},
    "MIN_CONVERSION": "",
    # The sandbox reports the delivery of its messages to the site itself. An SMS gateway reports nothing.
    "WEBHOOK_BASE_URL": None if DING_SMS_GATEWAY else sandbox.webhook_base_url(PROVIDER_URL),
    # Its URLs answer only while it is the provider, whatever DEBUG is.
    "SANDBOX": {**sandbox.options(), "enabled": INBOX_URL == "/sandbox/"},
}
