"""Renders its forms with the engines of ``TEMPLATES``, where its own templates replace Django's."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.forms"]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
