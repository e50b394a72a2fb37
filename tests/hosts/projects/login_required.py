"""A login for every page that doesn't say otherwise."""

from tests.hosts.base import *  # noqa: F403

MIDDLEWARE += ["django.contrib.auth.middleware.LoginRequiredMiddleware"]  # noqa: F405
