"""Apps log in with a token of dj-rest-auth."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["dj_rest_auth"]
snippets.use("dj-rest-auth", globals())
ROOT_URLCONF = "tests.hosts.projects.dj_rest_auth_urls"
WITHOUT = dict.fromkeys(("rest_numbers", "rest_login", "rest_device"), "apps show a token, not a session")
