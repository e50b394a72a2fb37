"""Log in with a number: whose account a right code opens."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.db import IntegrityError, OperationalError
from django.db.models import Exists, OuterRef
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log
from django_ding.conf import ding_settings
from django_ding.exceptions import AccountNotCreated, InvalidProof, NoAccount
from django_ding.flows._events import set_fields
from django_ding.flows.numbers import touch_verified_at
from django_ding.flows.sign_up import sign_up
from django_ding.models import Authentication, AuthenticationQuerySet, PhoneNumber
from django_ding.models.base import write_alias
from django_ding.transactions import atomic, conflict_pauses, outside_transaction, retry_on_conflict


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
    :raises AccountNotCreated: when the user of an unknown number could not be created. It is logged at ERROR.
    """
    redeem = partial(_redeem, authentication, clock.now(), user_can_authenticate)
    try:
        user = retry_on_conflict(redeem)
    except AccountNotCreated as error:
        if not _was_faster(authentication, error):
            log.write(log.SIGN_UP_FAILED, authentication, exc_info=log.without_numbers(error.__cause__))
            raise
        user = retry_on_conflict(redeem)
    set_fields(authentication, user=user)
    return user


def _was_faster(authentication: Authentication, error: AccountNotCreated) -> bool:
    """Return whether another login with the number created the user who was in the way of this one's."""
    if not isinstance(error.__cause__, IntegrityError | OperationalError):
        return False
    numbers = PhoneNumber.write_db.filter(phone_number=authentication.phone_number)
    for pause in conflict_pauses():  # What was in the way may not have been committed yet: this one lost a deadlock.
        if numbers.exists():
            return True
        time.sleep(pause)
    return numbers.exists()


def _redeem(authentication: Authentication, now: datetime, user_can_authenticate: Callable[[Any], bool]) -> Any:
    """Spend the authentication. Two requests that create an account for one number collide on its constraint."""
    redeemable = _redeemable(authentication, now)
    # As in Django's own backends: the default manager of a project may hide users, such as soft-deleted ones.
    visible_users = get_user_model()._default_manager.using(write_alias())
    numbers = PhoneNumber.write_db.select_related("user").filter(phone_number=authentication.phone_number)
    with atomic():
        number: Any = numbers.annotate(is_visible=Exists(visible_users.filter(pk=OuterRef("user_id")))).first()
        if number is None and ding_settings.LOGIN_CREATES_USER:
            # Written first. In SQLite a write after an outdated read fails, and the factory should be called once.
            if not redeemable.update(user=None):
                raise InvalidProof
            user = sign_up(authentication, now)
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
