"""Settings of the example. Without environment variables it uses SQLite, local memory and its own sandbox.

They are safe to copy: without ``DEBUG``, everything that is only for a demo is off.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from django_ding import __version__
from django_ding.sandbox.options import ANY_UUID
from example import sandbox
from example.environment import database

BASE_DIR = Path(__file__).resolve().parent.parent

# manage.py turns it on.
DEBUG = os.environ.get("DEBUG", "").lower() in ("1", "yes", "on", "true")
SECRET_KEY = os.environ.get("SECRET_KEY", "public, which is fine for a demo") if DEBUG else os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,.localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "example",  # Before django_ding, so that its templates override the app's.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_ding",
]
if find_spec("drf_spectacular_sidecar"):
    INSTALLED_APPS += ["drf_spectacular", "drf_spectacular_sidecar"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # The admin's lists and statistics are a tenth as large.
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

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",  # passwords
    "django_ding.login.backends.PhoneBackend",  # phone numbers
]

#: The project's own proxies. They must set X-Forwarded-Proto themselves, whatever the client sent.
TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXY_COUNT", "0"))
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if not DEBUG:
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 3600  # A year once you know that HTTPS works.

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

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ]
}
if DEBUG:
    # It needs a password but no code. It is here for the demo's curl commands only.
    REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] += ["rest_framework.authentication.BasicAuthentication"]
if "drf_spectacular" in INSTALLED_APPS:
    REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "drf_spectacular.openapi.AutoSchema"
    SPECTACULAR_SETTINGS = {
        "TITLE": "Ding example",
        "VERSION": __version__,
        "OAS_VERSION": "3.1.0",
        "SERVE_INCLUDE_SCHEMA": False,
        "SWAGGER_UI_DIST": "SIDECAR",  # The files of drf-spectacular-sidecar: no other site is asked for them.
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }

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
    # A session for this site's own pages, a token for apps.
    "TOKEN_ISSUER": "example.tokens.issue",
    "TRUSTED_PROXY_COUNT": TRUSTED_PROXY_COUNT,
    # The sandbox reports the delivery of its messages to the site itself. An SMS gateway reports nothing.
    "WEBHOOK_BASE_URL": None if DING_SMS_GATEWAY else sandbox.webhook_base_url(PROVIDER_URL),
    # Its URLs answer only while it is the provider: its inbox shows every code to everyone.
    "SANDBOX": {**sandbox.options(), "enabled": DEBUG and INBOX_URL == "/sandbox/"},
}
if DEBUG:
    # High enough to try everything by hand. Without them, limits apply that suit most sites.
    DING |= {"RATE_LIMITS": {"send": "30/h/phone,60/m/ip,1000/h/all"}, "MIN_CONVERSION": ""}
    # Carriers of the demo data, which are invented as well.
    DING["CARRIER_NAMES"] = {"20870": "Aurore Mobile", "20871": "Rivage Télécom"}
