"""Create a user for a number without an account, after the correct code."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_ding.conf import ding_settings
from django_ding.exceptions import AccountNotCreated, DingError
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import write_alias
from django_ding.models.user_fields import make_up_name, refuse_made_up_name


@sensitive_variables()
def create_user(authentication: Authentication) -> Any:
    """Create a user with a random name and no password: the default of ``DING["USER_FACTORY"]``.

    The number doesn't become the name: others may see the name, and it would stay when the number changes.

    :raises ImproperlyConfigured: when the user name can't be made up, such as an email address or a phone number.
    """
    return _create(**{get_user_model().USERNAME_FIELD: _free_name()})


@sensitive_variables()
def create_user_with_number(authentication: Authentication) -> Any:
    """Create a user without a password whose name is the phone number, in E.164: a ``DING["USER_FACTORY"]``.

    With ``DING["USER_PHONE_FIELD"]`` that field of the user has the number, and the name is a random one.

    :raises ImproperlyConfigured: when there is such a field, and the name can't be made up.
    """
    name_field = get_user_model().USERNAME_FIELD
    field = ding_settings.USER_PHONE_FIELD or name_field
    name = {} if field == name_field else {name_field: _free_name()}
    return _create(**name, **{field: authentication.phone_number})


@sensitive_variables()
def sign_up(authentication: Authentication, now: datetime) -> Any:
    """Create the user and link the number to them, inside a transaction of the caller's.

    :raises AccountNotCreated: for whatever goes wrong, which is its ``__cause__``.
    """
    factory: Callable[[Authentication], Any] = import_string(ding_settings.USER_FACTORY)
    try:
        user = factory(authentication)
        _check_saved(user)
        numbers = PhoneNumber.write_db.of_user(user)
        PhoneNumber.write_db.create(
            user=user,
            phone_number=authentication.phone_number,
            verified_at=now,
            is_primary=not numbers.filter(is_primary=True).exists(),  # The function may return a user whom it found.
        )
    except (DingError, PermissionDenied):  # The function's own refusal.
        raise
    except Exception as error:
        raise AccountNotCreated from error
    return user


def _free_name() -> str:
    name = make_up_name()
    if reason := refuse_made_up_name(name):
        field = get_user_model().USERNAME_FIELD
        raise ImproperlyConfigured(
            f'The user name, {field}, {reason}, so DING["USER_FACTORY"] must name another function. See “Accounts for '
            "new numbers” in the docs."
        )
    return name


@sensitive_variables()
def _create(**columns: Any) -> Any:
    user = get_user_model()(**columns)
    user.set_unusable_password()
    user.save(using=write_alias())
    return user


def _check_saved(user: Any) -> None:
    """Raise for what the database would refuse only at the end of the transaction, without a word about the cause."""
    users: Any = get_user_model()._base_manager.using(write_alias())
    if not users.filter(pk=getattr(user, "pk", None)).exists():
        raise ImproperlyConfigured(
            f'DING["USER_FACTORY"] ({ding_settings.USER_FACTORY}) must return a user that it saved in the database '
            f"{write_alias()!r}, where this app's tables are."
        )
