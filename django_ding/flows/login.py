"""Log in with a number: whose account a right code opens."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidProof, NoAccount
from django_ding.flows._events import set_fields
from django_ding.flows.numbers import touch_verified_at
from django_ding.models import Authentication, AuthenticationQuerySet, PhoneNumber
from django_ding.models.base import write_alias
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict


def phone_backend() -> str | None:
    """Return the ``PhoneBackend`` among ``AUTHENTICATION_BACKENDS``, ``None`` where a number alone doesn't log in."""
    paths = settings.AUTHENTICATION_BACKENDS
    return next((path for path in paths if getattr(load_backend(path), "logs_in_by_phone", False)), None)


@sensitive_variables()
@outside_transaction
def redeem_login(
    authentication: Authentication, *, user_can_authenticate: Callable[[Any], bool] = attrgetter("is_active")
) -> Any:
    """Return the user whose account a validated authentication of purpose ``login`` opens. It can be redeemed once.

    It asks no authentication backend: to log a user in, call Django's ``authenticate(request, authentication=…)``.

    Exactly one caller gets the user. With ``DING["LOGIN_CREATES_USER"]``, ``DING["USER_FACTORY"]`` creates one for an
    unknown number; of several logins with one new number at once, one creates it and all get it.

    :param user_can_authenticate: takes the user and returns whether they may log in, by default whether they are
        active. If not, the authentication stays redeemable, unless the user has just been created.
    :raises InvalidProof: when it isn't validated, has been for more than ``DING["PROOF_TIMEOUT"]`` seconds, has been
        redeemed, was sent for a user who was logged in, or has another purpose.
    :raises NoAccount: when no account has the number, or its user may not log in or is hidden by the default manager
        of the user model.
    """
    user = retry_on_conflict(partial(_redeem, authentication, clock.now(), user_can_authenticate))
    set_fields(authentication, user=user)
    return user


def create_user(authentication: Authentication) -> Any:
    """Create a user with a random name and no password: the default of ``DING["USER_FACTORY"]``.

    The number doesn't become the name: others may see the name, and it would stay when the number changes.

    :raises ImproperlyConfigured: when the user name is an email address, which can't be made up.
    """
    model = get_user_model()
    if model.get_email_field_name() == model.USERNAME_FIELD:
        raise ImproperlyConfigured(
            'Users log in with their email address here, so DING["USER_FACTORY"] must name a function that creates '
            "them."
        )
    user = model(**{model.USERNAME_FIELD: f"user-{secrets.token_hex(8)}"})
    user.set_unusable_password()
    user.save(using=write_alias())
    return user


def _redeem(authentication: Authentication, now: datetime, user_can_authenticate: Callable[[Any], bool]) -> Any:
    """Spend the authentication. Two requests that create an account for one number collide on its constraint."""
    redeemable = _redeemable(authentication, now)
    # As in Django's own backends: the default manager of a project may hide users, such as soft-deleted ones.
    visible_users = get_user_model()._default_manager.using(write_alias())
    numbers = PhoneNumber.write_db.select_related("user").filter(phone_number=authentication.phone_number)
    with atomic():
        number: Any = numbers.annotate(is_visible=Exists(visible_users.filter(pk=OuterRef("user_id")))).first()
        if number is None and ding_settings.LOGIN_CREATES_USER:
            user = _sign_up(authentication, now)
        elif number is not None and number.is_visible and user_can_authenticate(number.user):
            user = number.user
        else:
            raise NoAccount if redeemable.exists() else InvalidProof
        if not redeemable.update(user=user):
            raise InvalidProof
        touch_verified_at(user.pk, authentication.phone_number, now).run(write_alias())
    # After the commit, which keeps a newcomer who has to be approved first.
    if number is None and not user_can_authenticate(user):
        raise NoAccount
    return user


def _redeemable(authentication: Authentication, now: datetime) -> AuthenticationQuerySet:
    return Authentication.write_db.filter(
        pk=authentication.pk,
        purpose=Authentication.Purpose.LOGIN,
        status=Authentication.Status.VALIDATED,
        validated_at__gt=now - timedelta(seconds=ding_settings.PROOF_TIMEOUT),
        user=None,
    )


def _sign_up(authentication: Authentication, now: datetime) -> Any:
    user = import_string(ding_settings.USER_FACTORY)(authentication)
    PhoneNumber.write_db.create(user=user, phone_number=authentication.phone_number, verified_at=now, is_primary=True)
    return user
