from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class DjangoDingConfig(AppConfig):
    """The app. A setting it can't use stops the project at start-up, with the reason."""

    name = "django_ding"
    verbose_name = _("Phone verification")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_ding.checks import check_backends, check_lookups, check_rates, check_test_numbers
        from django_ding.conf import ding_settings

        ding_settings.validate()
        register(check_backends, Tags.security)
        register(check_rates, Tags.security)
        register(check_lookups, Tags.security)
        register(check_test_numbers, Tags.security)
