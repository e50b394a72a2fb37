"""The admin has the theme of django-jazzmin."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

REQUIRES = ["jazzmin"]
INSTALLED_APPS = ["jazzmin", *INSTALLED_APPS]
