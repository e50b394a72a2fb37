"""Users have a field for the phone number."""

from tests.hosts.base import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts"]  # noqa: F405
AUTH_USER_MODEL = "hosts.MobileUser"
DING = {
    **DING,  # noqa: F405
    "LOGIN_CREATES_USER": True,
    "USER_FACTORY": "django_ding.services.create_user_with_number",
    "USER_PHONE_FIELD": "mobile",
}
