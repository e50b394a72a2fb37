"""The admin has the theme of django-unfold."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

REQUIRES = ["unfold"]
INSTALLED_APPS = ["unfold", *INSTALLED_APPS]
OPEN_FILTERS = ".filter-open-button"
