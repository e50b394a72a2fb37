"""Whose account a proven number opens."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import load_backend
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidProof, NoAccount
from django_ding.models import Authentication, AuthenticationQuerySet, PhoneNumber
from django_ding.services.claiming import renewal
from django_ding.services.records import adopt, on_conflict_again, outside_transaction, write_alias


def phone_backend() -> str | None:
    """Return which of ``AUTHENTICATION_BACKENDS`` is a ``PhoneBackend``; ``None`` where no number alone logs in."""
    listed = settings.AUTHENTICATION_BACKENDS
    return next((path for path in listed if getattr(load_backend(path), "logs_in_by_phone", False)), None)


@outside_transaction
def identify(authentication: Authentication) -> Any:
    """Return the user whose account a validated authentication of purpose ``login`` opens, and spend it.

    Exactly one caller gets the user. With ``DING["LOGIN_CREATES_USER"]`` a number that nobody has gets the user that
    ``DING["USER_FACTORY"]`` makes; of several logins of one new number at once, one makes it and all get it.

    :raises InvalidProof: when it is not validated, has been for more than ``DING["PROOF_MAX_AGE"]`` seconds, was spent
        already, was sent for a user who was signed in, or is of another purpose.
    :raises NoAccount: when nobody has the number, or its owner is not active.
    """
    user = on_conflict_again(lambda: _spend(authentication, timezone.now()))
    adopt(authentication, user=user)
    if not user.is_active:
        raise NoAccount
    return user


def _spend(authentication: Authentication, now: datetime) -> Any:
    """Two who make an account for one number at once collide on its constraint."""
    unspent = _unspent(authentication, now)
    with transaction.atomic(using=write_alias()):
        user = _owner(authentication.phone_number)
        if user is None and not ding_settings.LOGIN_CREATES_USER:
            raise NoAccount if unspent.exists() else InvalidProof
        user = user or _newcomer(authentication, now)
        if not unspent.update(user=user):
            raise InvalidProof
        renewal(user.pk, authentication.phone_number, now).run(write_alias())
    return user


def _unspent(authentication: Authentication, now: datetime) -> AuthenticationQuerySet:
    return Authentication.objects.using(write_alias()).filter(
        pk=authentication.pk,
        purpose=Authentication.Purpose.LOGIN,
        status=Authentication.Status.VALIDATED,
        validated_at__gt=now - timedelta(seconds=ding_settings.PROOF_MAX_AGE),
        user=None,
    )


def _owner(phone_number: str) -> Any:
    numbers = PhoneNumber.objects.using(write_alias()).select_related("user")
    number = numbers.filter(phone_number=phone_number).first()
    return number and number.user


def _newcomer(authentication: Authentication, now: datetime) -> Any:
    user = import_string(ding_settings.USER_FACTORY)(authentication)
    PhoneNumber.objects.using(write_alias()).create(
        user=user, phone_number=authentication.phone_number, verified_at=now, is_primary=True
    )
    return user
