"""The name of a user is a ``PhoneNumberField``, which the default ``USER_FACTORY`` can't make up."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["phonenumber_field"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts", "tests.hosts.number_field"]  # noqa: F405
AUTH_USER_MODEL = "number_field.NumberFieldUser"
DING = {
    **DING,  # noqa: F405
    "LOGIN_CREATES_USER": True,
    "USER_FACTORY": "django_ding.services.create_user_with_number",
}
WALK = {**WALK, "create_user": "tests.hosts.people.create_user_with_number"}  # noqa: F405
