"""The admin has the theme of django-grappelli."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

REQUIRES = ["grappelli"]
INSTALLED_APPS = ["grappelli", *INSTALLED_APPS]
ROOT_URLCONF = "tests.hosts.projects.grappelli_urls"
OPEN_FILTERS = ".grp-pulldown-handler"
