"""A part for each tenant: all but the webhooks stands below an argument of the URL, in a namespace of its own."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import WALK

ROOT_URLCONF = "tests.hosts.projects.tenants_urls"
LOGIN_URL = "/acme/accounts/login/"
LOGIN_REDIRECT_URL = "/acme/"
WALK = {
    **WALK,
    "api": "/acme/api/2/phone/",
    "pages": "/acme/phone/",
    "login": "/acme/accounts/login/",
    "gate": "/acme/members/7/",
}
