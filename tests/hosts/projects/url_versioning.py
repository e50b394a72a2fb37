"""REST framework's ``URLPathVersioning``, and a version in the URL that it doesn't allow."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import WALK

ROOT_URLCONF = "tests.hosts.projects.tenants_urls"
LOGIN_URL = "/acme/accounts/login/"
LOGIN_REDIRECT_URL = "/acme/"
REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "ALLOWED_VERSIONS": ["1"],
}
WALK = {
    **WALK,
    "api": "/acme/api/2/phone/",
    "pages": "/acme/phone/",
    "login": "/acme/accounts/login/",
    "gate": "/acme/members/7/",
}
