from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, register
from django.utils.translation import gettext_lazy as _


class DjangoDingConfig(AppConfig):
    """The app. Its system checks report mistakes in the settings, and error reports hide what is secret in them.

    It loads the models. Everything else is loaded when it is needed: all processes of a project start with this, and
    few of them send codes.
    """

    name = "django_ding"
    verbose_name = _("Phone verification")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from django_ding.error_reports import hide_settings

        hide_settings()
        register(check, Tags.security)
        user_logged_in.connect(record_login, dispatch_uid="django_ding.record_login")


def check(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Run all system checks."""
    from django_ding.checks import CHECKS

    return [message for check in CHECKS for message in check(app_configs, **kwargs)]


def record_login(**kwargs: Any) -> None:
    """Receive Django's ``user_logged_in``."""
    from django_ding import services

    services.record_login(**kwargs)
