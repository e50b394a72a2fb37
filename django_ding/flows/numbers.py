"""A user's verified numbers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from django_ding.models import PhoneNumber
from django_ding.services.devices import forget
from django_ding.services.records import on_conflict_again, tell_after_commit, write_alias
from django_ding.signals import phone_released


def primary_number(user: Any) -> PhoneNumber | None:
    """Return the number to use for a user, ``None`` for one who has none or is not signed in."""
    return _numbers(user.pk).filter(is_primary=True).first()


def has_verified_number(user: Any, *, max_age: timedelta | None = None) -> bool:
    """Tell whether a user has a number, one that they proved within ``max_age`` if that is given."""
    numbers = _numbers(user.pk)
    return (numbers if max_age is None else numbers.filter(verified_at__gt=timezone.now() - max_age)).exists()


def make_primary(number: PhoneNumber) -> PhoneNumber:
    """Make this number the one to use for its user; it stands in for the former one.

    :raises PhoneNumber.DoesNotExist: when it was removed meanwhile.
    """
    on_conflict_again(lambda: _make_primary(number.user_id, number.pk))
    number.is_primary = True
    return number


def remove(number: PhoneNumber) -> None:
    """Release a number: it belongs to nobody then. The oldest remaining one stands in for a primary one.

    The user's remembered devices are forgotten.
    """
    on_conflict_again(lambda: release(number, reason="removed"))


def replace(old: PhoneNumber, by: PhoneNumber) -> PhoneNumber:
    """Let a number that was just proven take the place of another one of the same user's, and release that one.

    The new one is the primary number if the old one was. The user's remembered devices are forgotten. Where the old
    one is gone already, nothing changes.

    :raises ValueError: when they belong to different users.
    :raises PhoneNumber.DoesNotExist: when the new one was removed meanwhile; the old one stays.
    """
    if old.user_id != by.user_id:
        raise ValueError("A number can only be replaced by another one of the same user's.")
    if old.pk != by.pk:
        on_conflict_again(lambda: _replace(old, by))
        by.refresh_from_db(using=write_alias())
    return by


def locked_numbers(user_id: Any) -> list[PhoneNumber]:
    """Lock the user's rows in one order, so that two changes follow one another, and return them as they are."""
    return list(_numbers(user_id).order_by("pk").select_for_update())


def stand_in(numbers: Sequence[PhoneNumber]) -> None:
    """Make the oldest of a user's numbers the primary one, unless one is."""
    if numbers and not any(number.is_primary for number in numbers):
        oldest = min(numbers, key=lambda number: (number.verified_at, number.pk))
        _numbers(oldest.user_id).filter(pk=oldest.pk).update(is_primary=True)


def release(number: PhoneNumber, *, reason: str) -> int:
    """Do what :func:`remove` does, once; ``reason`` is told to the project. Return how many devices were forgotten."""
    with transaction.atomic(using=write_alias()):
        others = [row for row in locked_numbers(number.user_id) if row.pk != number.pk]
        deleted, _ = _numbers(number.user_id).filter(pk=number.pk).delete()
        if not deleted:
            return 0
        stand_in(others)
        released(number, user=number.user, reason=reason)
        return forget(number.user_id)


def released(number: PhoneNumber, *, user: Any, reason: str) -> None:
    """Tell, after the commit, that a user has this number no longer."""
    tell_after_commit(phone_released, user=user, phone_number=number.phone_number, reason=reason)


def _make_primary(user_id: Any, pk: Any) -> None:
    with transaction.atomic(using=write_alias()):
        former = {row.pk for row in locked_numbers(user_id) if row.is_primary}
        numbers = _numbers(user_id)
        numbers.filter(pk__in=former - {pk}).update(is_primary=False)
        if not numbers.filter(pk=pk).update(is_primary=True):
            raise PhoneNumber.DoesNotExist


def _replace(old: PhoneNumber, by: PhoneNumber) -> None:
    with transaction.atomic(using=write_alias()):
        theirs = {row.pk: row for row in locked_numbers(by.user_id)}
        if by.pk not in theirs:
            raise PhoneNumber.DoesNotExist
        if old.pk not in theirs:
            return
        if theirs[old.pk].is_primary:
            _make_primary(by.user_id, by.pk)
        release(old, reason="replaced")


def _numbers(user_id: Any) -> QuerySet[PhoneNumber]:
    return PhoneNumber.objects.using(write_alias()).filter(user_id=user_id)
