"""The app's system check."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

_FORMS = {
    "verify_phone": "VerifyPhoneForm",
    "confirm_login_code": "ConfirmLoginCodeForm",
    "confirm_reauthentication_code": "ConfirmReauthenticationCodeForm",
}


def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Find forms that would accept no code."""
    from django_ding.contrib.allauth import forms

    configured = getattr(settings, "ACCOUNT_FORMS", {})
    wrong = [name for name, ours in _FORMS.items() if not _is_one(configured.get(name), getattr(forms, ours))]
    if not wrong:
        return []
    return [
        Error(
            f"The forms of ACCOUNT_FORMS accept no code of django_ding's: {', '.join(wrong)}.",
            hint="Name those of django_ding.contrib.allauth.forms, or subclasses of them.",
            id="django_ding_allauth.E001",
        )
    ]


def _is_one(path: Any, form_class: type) -> bool:
    try:
        return issubclass(import_string(str(path)), form_class)
    except (ImportError, TypeError):
        return False
