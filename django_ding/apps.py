from django.apps import AppConfig, apps
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class DjangoDingConfig(AppConfig):
    """The app. Its system checks report mistakes in the settings, and error reports hide what is secret in them."""

    name = "django_ding"
    verbose_name = _("Phone verification")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from django_ding.checks import CHECKS
        from django_ding.error_reports import hide_settings
        from django_ding.services import record_login

        hide_settings()
        for check in CHECKS:
            register(check, Tags.security)
        user_logged_in.connect(record_login, dispatch_uid="django_ding.record_login")
        if apps.is_installed("drf_spectacular"):
            from django_ding.api import schema  # noqa: F401 - importing it registers it
