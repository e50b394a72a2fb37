from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from django_ding.contrib._extras import require

require("allauth", extra="allauth")


class DjangoDingAllauthConfig(AppConfig):
    """The app. It keeps the numbers that users have entered and not verified yet."""

    name = "django_ding.contrib.allauth"
    label = "django_ding_allauth"
    verbose_name = _("Unverified phone numbers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_ding.contrib.allauth.checks import check_settings

        register(check_settings, Tags.security)
