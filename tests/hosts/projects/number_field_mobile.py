"""Users have a ``PhoneNumberField`` for the phone number, whose values are shown as national numbers."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["phonenumber_field"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts", "tests.hosts.number_field"]  # noqa: F405
AUTH_USER_MODEL = "number_field.MobileNumberFieldUser"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"
DING = {
    **DING,  # noqa: F405
    "LOGIN_CREATES_USER": True,
    "USER_FACTORY": "django_ding.services.create_user_with_number",
    "USER_PHONE_FIELD": "mobile",
}
