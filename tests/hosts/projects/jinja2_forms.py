"""Renders its forms with Jinja2, which finds no template in a directory ``templates``."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["jinja2"]
FORM_RENDERER = "django.forms.renderers.Jinja2"
