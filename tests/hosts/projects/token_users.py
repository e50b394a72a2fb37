"""The REST API takes tokens, of which simplejwt makes users that were never loaded from the database."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["rest_framework_simplejwt"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"]
}
DING = {**DING, "TOKEN_ISSUER": "django_ding.api.tokens.simplejwt"}  # noqa: F405
MAKE_TOKEN = "tests.hosts.people.token"
