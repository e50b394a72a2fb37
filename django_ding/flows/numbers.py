"""A user's verified numbers: which are linked, which one is primary, and when one goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding.conf import ding_settings
from django_ding.exceptions import LastPhoneNumber
from django_ding.flows._sql import Parameter, Update
from django_ding.flows.devices import forget_devices
from django_ding.flows.lost_numbers import must_keep_number, record_lost_number
from django_ding.models import PhoneNumber
from django_ding.models.base import user_key, write_alias
from django_ding.signals import phone_released, phone_taken_over
from django_ding.transactions import atomic, retry_on_conflict, send_on_commit


@sensitive_variables()
def primary_number(user: Any) -> PhoneNumber | None:
    """Return a user's primary number, ``None`` for a user without a number and for an anonymous user."""
    return PhoneNumber.write_db.of_user(user).filter(is_primary=True).first()


@sensitive_variables()
def has_verified_number(user: Any, *, max_age: timedelta | None = None) -> bool:
    """Return whether a user has a number, with ``max_age`` one that was verified no longer ago."""
    numbers = PhoneNumber.write_db.of_user(user)
    return (numbers if max_age is None else numbers.filter(verified_at__gt=timezone.now() - max_age)).exists()


@sensitive_variables()
def make_primary(number: PhoneNumber) -> PhoneNumber:
    """Make this number its user's primary one, in place of the former.

    :raises PhoneNumber.DoesNotExist: when it has been removed.
    """
    retry_on_conflict(partial(_make_primary, number.user_id, number.pk))
    number.is_primary = True
    return number


@sensitive_variables()
def remove_number(number: PhoneNumber, *, by_owner: bool = False) -> None:
    """Remove a number from its account. The oldest remaining one becomes primary in place of a primary one.

    The user's remembered devices are forgotten. That a user's last number was removed is recorded, see
    :func:`has_lost_number`.

    :param by_owner: whether its user removes it, so that ``DING["LAST_NUMBER"]`` applies.
    :raises LastPhoneNumber: when that keeps it.
    """
    retry_on_conflict(partial(release, number, reason="removed", by_owner=by_owner))


@sensitive_variables()
def replace_number(old: PhoneNumber, new: PhoneNumber) -> PhoneNumber:
    """Remove a number whose place a newly verified one of the same user's takes.

    The new one becomes primary if the old one was. The user's remembered devices are forgotten. If the old one has
    been removed already, nothing changes.

    :raises ValueError: when they belong to different users.
    :raises PhoneNumber.DoesNotExist: when the new one has been removed; the old one stays.
    """
    if user_key(old.user_id) != user_key(new.user_id):
        raise ValueError("A number can only be replaced by another number of the same user.")
    if old.pk != new.pk:
        retry_on_conflict(partial(_replace, old, new))
        new.refresh_from_db(using=write_alias())
    return new


def link_number(user_id: Any, phone_number: str, now: datetime) -> PhoneNumber | None:
    """Link a verified number to a user, as primary if it is the first, inside a transaction of the caller's.

    :return: ``None`` when it belongs to another account that keeps it; see ``DING["NUMBER_TAKEOVER_DAYS"]``.
    :raises IntegrityError: when another transaction links it at the same time.
    """
    candidates = PhoneNumber.write_db.filter(Q(user_id=user_id) | Q(phone_number=phone_number))
    rows = list(candidates.order_by("pk").select_for_update())
    same = next((row for row in rows if row.phone_number == phone_number), None)
    linked = [row for row in rows if user_key(row.user_id) == user_key(user_id)]
    is_first = not any(row.is_primary for row in linked)
    if same is None:
        return PhoneNumber.write_db.create(
            user_id=user_id, phone_number=phone_number, verified_at=now, is_primary=is_first
        )
    if same not in linked:
        return _transfer(same, user_id, now, is_primary=is_first) if _may_be_transferred(same, now) else None
    same.verified_at = now
    same.save(update_fields=["verified_at"])
    return same


def touch_verified_at(user_id: Any, phone_number: str, now: datetime) -> Update:
    """Return the UPDATE that records that a user has verified a number of theirs again."""
    return Update(
        rows=_linked_number,
        values={"verified_at": now},
        parameters={"user_id": user_id, "phone_number": phone_number},
    )


def release(number: PhoneNumber, *, reason: str, by_owner: bool = False) -> int:
    """Do what :func:`remove_number` does, once, with this reason in its signal. Return how many devices it forgot."""
    with atomic():
        others = [row for row in _lock_numbers(number.user_id) if row.pk != number.pk]
        deleted, _ = PhoneNumber.write_db.of_user(number.user_id).filter(pk=number.pk).delete()
        if not deleted:
            return 0
        if not others:
            if by_owner and must_keep_number(number.user):
                raise LastPhoneNumber  # The deletion is rolled back.
            record_lost_number(number.user_id, reason=reason)
        _promote_oldest(others)
        _send_released(number, user=number.user, reason=reason)
        return forget_devices(number.user_id)


def _linked_number() -> QuerySet[PhoneNumber]:
    field = PhoneNumber._meta.get_field
    return PhoneNumber.objects.filter(
        user_id=Parameter("user_id", field("user")), phone_number=Parameter("phone_number", field("phone_number"))
    )


def _may_be_transferred(number: PhoneNumber, now: datetime) -> bool:
    days = ding_settings.NUMBER_TAKEOVER_DAYS
    return days is not None and number.verified_at <= now - timedelta(days=days)


def _transfer(number: PhoneNumber, user_id: Any, now: datetime, *, is_primary: bool) -> PhoneNumber:
    """Move the row to the user who verified the number. The former owner's remembered devices are forgotten."""
    former = number.user
    number.user_id, number.verified_at, number.is_primary = user_id, now, is_primary
    number.save(update_fields=["user", "verified_at", "is_primary"])
    others = _lock_numbers(former.pk)
    if not others:
        record_lost_number(former.pk, reason="taken_over")
    _promote_oldest(others)
    forget_devices(former)
    _send_released(number, user=former, reason="taken_over")
    send_on_commit(phone_taken_over, PhoneNumber, phone_number=number, former_user=former)
    return number


def _lock_numbers(user_id: Any) -> list[PhoneNumber]:
    """Return the user's rows as they are, locked in one order, so that two changes can't deadlock."""
    return list(PhoneNumber.write_db.of_user(user_id).order_by("pk").select_for_update())


def _promote_oldest(numbers: Sequence[PhoneNumber]) -> None:
    """Make the oldest of a user's numbers primary, unless one is."""
    if numbers and not any(number.is_primary for number in numbers):
        oldest = min(numbers, key=lambda number: (number.verified_at, number.pk))
        PhoneNumber.write_db.filter(pk=oldest.pk).update(is_primary=True)


def _send_released(number: PhoneNumber, *, user: Any, reason: str) -> None:
    send_on_commit(phone_released, PhoneNumber, user=user, phone_number=number.phone_number, reason=reason)


def _make_primary(user_id: Any, pk: Any) -> None:
    with atomic():
        former = {row.pk for row in _lock_numbers(user_id) if row.is_primary}
        numbers = PhoneNumber.write_db.of_user(user_id)
        numbers.filter(pk__in=former - {pk}).update(is_primary=False)
        if not numbers.filter(pk=pk).update(is_primary=True):
            raise PhoneNumber.DoesNotExist


def _replace(old: PhoneNumber, new: PhoneNumber) -> None:
    with atomic():
        numbers = {row.pk: row for row in _lock_numbers(new.user_id)}
        if new.pk not in numbers:
            raise PhoneNumber.DoesNotExist
        if old.pk not in numbers:
            return
        if numbers[old.pk].is_primary:
            _make_primary(new.user_id, new.pk)
        release(old, reason="replaced")
