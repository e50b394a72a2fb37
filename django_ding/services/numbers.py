"""A user's verified numbers."""

from typing import Any

from django.db import transaction

from django_ding.models import PhoneNumber
from django_ding.services.records import write_alias


def make_primary(number: PhoneNumber) -> PhoneNumber:
    """Make this number the one to use for its user; it stands in for the former one."""
    with transaction.atomic(using=write_alias()):
        numbers = _locked_numbers(number.user_id)
        numbers.filter(is_primary=True).exclude(pk=number.pk).update(is_primary=False)
        numbers.filter(pk=number.pk).update(is_primary=True)
    number.is_primary = True
    return number


def remove(number: PhoneNumber) -> None:
    """Release a number: it belongs to nobody then. The oldest remaining one stands in for a primary one."""
    with transaction.atomic(using=write_alias()):
        others = _locked_numbers(number.user_id).exclude(pk=number.pk)
        number.delete()
        successor = others.order_by("verified_at", "pk").first() if number.is_primary else None
        if successor:
            make_primary(successor)


def _locked_numbers(user_id: Any) -> Any:
    """Lock the user's rows in one order, so that two changes follow one another."""
    rows = PhoneNumber.objects.using(write_alias()).filter(user_id=user_id)
    list(rows.order_by("pk").select_for_update().values_list("pk"))
    return rows
