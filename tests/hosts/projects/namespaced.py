"""Includes this app's URLs inside a namespace of its own, as from an app ``accounts``; other pages are outside."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import WALK

ROOT_URLCONF = "tests.hosts.projects.namespaced_urls"
WALK = {**WALK, "api": "/accounts/api/phone/", "pages": "/accounts/phone/"}
