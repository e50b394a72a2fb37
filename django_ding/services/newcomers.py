"""The account of somebody who logs in with a number that nobody has."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured

from django_ding.models import Authentication
from django_ding.services.records import write_alias


def create_user(authentication: Authentication) -> Any:
    """Make a user with a random name and no password: the default of ``DING["USER_FACTORY"]``.

    The number does not become the name, which others may see and which would stay when the number changes.

    :raises ImproperlyConfigured: when users are named by their email, which can't be made up.
    """
    model = get_user_model()
    if model.get_email_field_name() == model.USERNAME_FIELD:
        raise ImproperlyConfigured('Users are named by their email here, so DING["USER_FACTORY"] must make them.')
    user = model(**{model.USERNAME_FIELD: f"user-{secrets.token_hex(8)}"})
    user.set_unusable_password()
    user.save(using=write_alias())
    return user
