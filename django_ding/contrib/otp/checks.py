"""The app's system check."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning


def check_admin_sites(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Find admin sites of django-otp's whose login form checks codes inside a transaction."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    from django.contrib.admin.sites import all_sites
    from django_otp.admin import OTPAdminSite

    from django_ding.contrib.otp.forms import PhoneOTPFormMixin

    return [
        CheckWarning(
            f"The admin site {site.name!r} can't check codes of phones: its login form opens a transaction.",
            hint="Use django_ding.contrib.otp.sites.OTPAdminSite, or a login_form with PhoneOTPFormMixin.",
            obj=type(site),
            id="django_ding_otp.W001",
        )
        for site in all_sites
        if isinstance(site, OTPAdminSite) and not issubclass(site.login_form, PhoneOTPFormMixin)
    ]
