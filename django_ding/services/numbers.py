"""A user's verified numbers."""

from typing import Any

from django.db import transaction

from django_ding.models import PhoneNumber
from django_ding.services.records import on_conflict_again, write_alias


def make_primary(number: PhoneNumber) -> PhoneNumber:
    """Make this number the one to use for its user; it stands in for the former one.

    :raises PhoneNumber.DoesNotExist: when it was removed meanwhile.
    """
    on_conflict_again(lambda: _make_primary(number.user_id, number.pk))
    number.is_primary = True
    return number


def remove(number: PhoneNumber) -> None:
    """Release a number: it belongs to nobody then. The oldest remaining one stands in for a primary one."""
    on_conflict_again(lambda: _remove(number.user_id, number.pk))


def _make_primary(user_id: Any, pk: Any) -> None:
    with transaction.atomic(using=write_alias()):
        former = {row.pk for row in _locked_numbers(user_id) if row.is_primary}
        numbers = PhoneNumber.objects.using(write_alias()).filter(user_id=user_id)
        numbers.filter(pk__in=former - {pk}).update(is_primary=False)
        if not numbers.filter(pk=pk).update(is_primary=True):
            raise PhoneNumber.DoesNotExist


def _remove(user_id: Any, pk: Any) -> None:
    with transaction.atomic(using=write_alias()):
        others = [row for row in _locked_numbers(user_id) if row.pk != pk]
        numbers = PhoneNumber.objects.using(write_alias()).filter(user_id=user_id)
        numbers.filter(pk=pk).delete()
        if others and not any(row.is_primary for row in others):
            oldest = min(others, key=lambda row: (row.verified_at, row.pk))
            numbers.filter(pk=oldest.pk).update(is_primary=True)


def _locked_numbers(user_id: Any) -> list[PhoneNumber]:
    """Lock the user's rows in one order, so that two changes follow one another, and return them as they are."""
    rows = PhoneNumber.objects.using(write_alias()).filter(user_id=user_id)
    return list(rows.order_by("pk").select_for_update())
