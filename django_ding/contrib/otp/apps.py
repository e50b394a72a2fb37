from django.apps import AppConfig, apps
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from django_ding.contrib._extras import require

require("django_otp", extra="otp")


class DjangoDingOtpConfig(AppConfig):
    """The app. It gives each user who verifies a number a device."""

    name = "django_ding.contrib.otp"
    label = "django_ding_otp"
    verbose_name = _("Phone devices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_ding.contrib.otp import receivers
        from django_ding.contrib.otp.checks import check_admin_sites
        from django_ding.models import Authentication, PhoneNumber
        from django_ding.signals import phone_released, phone_verified

        phone_verified.connect(receivers.add_device, sender=Authentication, dispatch_uid="django_ding_otp.add_device")
        phone_released.connect(
            receivers.replace_device, sender=PhoneNumber, dispatch_uid="django_ding_otp.replace_device"
        )
        register(check_admin_sites, Tags.security)
        if apps.is_installed("two_factor"):
            from two_factor.plugins.registry import registry

            from django_ding.contrib.otp.two_factor import PhoneMethod

            registry.register(PhoneMethod())
