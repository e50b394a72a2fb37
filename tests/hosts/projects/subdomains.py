"""Has a URLconf for each of its domains. The webhooks alone are in that of the main one."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import MIDDLEWARE

ROOT_URLCONF = "tests.hosts.projects.subdomains_urls"
MIDDLEWARE = ["tests.hosts.mounting.choose_urlconf", *MIDDLEWARE]
