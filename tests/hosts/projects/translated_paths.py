"""Has every URL below the language, ``/fr/phone/``, and does without the redirect to a trailing slash."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import MIDDLEWARE, WALK

ROOT_URLCONF = "tests.hosts.projects.translated_paths_urls"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
APPEND_SLASH = False
MIDDLEWARE = [*MIDDLEWARE[:2], "django.middleware.locale.LocaleMiddleware", *MIDDLEWARE[2:]]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/fr/"
WALK = {name: f"/fr{place}" if str(place).startswith("/") else place for name, place in WALK.items()}
