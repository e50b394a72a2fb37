"""A user's verified numbers: which are linked, which one is primary, and when one goes."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.exceptions import LastPhoneNumber
from django_ding.flows._locks import lock_user
from django_ding.flows.devices import forget_devices
from django_ding.flows.lost_numbers import must_keep_number, record_lost_number
from django_ding.flows.notices import REMOVED, send_notice
from django_ding.guard.budgets import linked_number
from django_ding.models import PhoneNumber
from django_ding.models.base import user_key, write_alias
from django_ding.signals import phone_released, phone_taken_over, primary_number_changed
from django_ding.sql import Update
from django_ding.transactions import atomic, retry_on_conflict, send_on_commit


@sensitive_variables()
def primary_number(user: Any) -> PhoneNumber | None:
    """Return a user's primary number, ``None`` for a user without a number and for an anonymous user.

    If a project's own code has left none of several primary, it is the oldest: a second factor is never skipped.
    """
    return PhoneNumber.write_db.of_user(user).order_by("-is_primary", "verified_at", "pk").first()


@sensitive_variables()
def has_verified_number(user: Any, *, max_age: timedelta | None = None) -> bool:
    """Return whether a user has a number, with ``max_age`` one that was verified no longer ago."""
    numbers = PhoneNumber.write_db.of_user(user)
    return (numbers if max_age is None else numbers.filter(verified_at__gt=clock.now() - max_age)).exists()


@sensitive_variables()
def make_primary(number: PhoneNumber) -> PhoneNumber:
    """Make this number its user's primary one, in place of the former.

    :raises PhoneNumber.DoesNotExist: when it has been removed.
    """
    retry_on_conflict(partial(_make_primary, number))
    number.is_primary = True  # Also where it was stale.
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
    lock_user(user_id)
    rows = list(PhoneNumber.write_db.filter(Q(user_id=user_id) | Q(phone_number=phone_number)))
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
        rows=linked_number,
        values={"verified_at": now},
        parameters={"user_id": user_id, "phone_number": phone_number},
    )


def release(number: PhoneNumber, *, reason: str, by_owner: bool = False) -> int:
    """Do what :func:`remove_number` does, once, with this reason in its signal. Return how many devices it forgot."""
    with atomic():
        lock_user(number.user_id)
        deleted, _ = PhoneNumber.write_db.of_user(number.user_id).filter(pk=number.pk).delete()
        if not deleted:
            return 0
        if not _promote_oldest(number.user_id, former=number):
            if by_owner and must_keep_number(number.user):
                raise LastPhoneNumber  # The deletion is rolled back.
            record_lost_number(number.user_id, reason=reason)
        _send_released(number, user=number.user, reason=reason)
        return forget_devices(number.user_id)


def _may_be_transferred(number: PhoneNumber, now: datetime) -> bool:
    days = ding_settings.NUMBER_TAKEOVER_DAYS
    return days is not None and number.verified_at <= now - timedelta(days=days)


def _transfer(number: PhoneNumber, user_id: Any, now: datetime, *, is_primary: bool) -> PhoneNumber:
    """Move the row to the user who verified the number. The former owner's remembered devices are forgotten."""
    former = number.user
    lock_user(former.pk)
    # What was read before the lock may be outdated: removed, moved, or verified by its owner again.
    unchanged = PhoneNumber.write_db.of_user(former).filter(pk=number.pk, verified_at=number.verified_at)
    if not unchanged.update(user_id=user_id, verified_at=now, is_primary=is_primary):
        raise IntegrityError("The number has just been changed.")
    if not _promote_oldest(former.pk, former=number):
        record_lost_number(former.pk, reason="taken_over")
    forget_devices(former)
    number.user_id, number.verified_at, number.is_primary = user_id, now, is_primary
    _send_released(number, user=former, reason="taken_over")
    send_on_commit(phone_taken_over, PhoneNumber, phone_number=number, former_user=former)
    return number


def _promote_oldest(user_id: Any, *, former: PhoneNumber) -> bool:
    """Make the oldest of a user's numbers primary, unless one is. Return whether the user has any."""
    numbers = list(PhoneNumber.write_db.of_user(user_id).order_by("verified_at", "pk"))
    if numbers and not any(number.is_primary for number in numbers):
        _set_primary(numbers[0], former=former)
    return bool(numbers)


def _set_primary(number: PhoneNumber, *, former: PhoneNumber | None) -> None:
    PhoneNumber.write_db.filter(pk=number.pk).update(is_primary=True)
    number.is_primary = True
    send_on_commit(
        primary_number_changed,
        PhoneNumber,
        phone_number=number,
        former_phone_number=former.phone_number if former else "",
    )


def _send_released(number: PhoneNumber, *, user: Any, reason: str) -> None:
    send_on_commit(phone_released, PhoneNumber, user=user, phone_number=number.phone_number, reason=reason)
    if reason != "erased":
        send_notice(REMOVED, number.phone_number, user_id=user.pk)


def _make_primary(number: PhoneNumber) -> None:
    with atomic():
        lock_user(number.user_id)
        numbers = {row.pk: row for row in PhoneNumber.write_db.of_user(number.user_id)}
        if number.pk not in numbers:
            raise PhoneNumber.DoesNotExist
        former = next((row for row in numbers.values() if row.is_primary), None)
        if former != number:
            PhoneNumber.write_db.of_user(number.user_id).filter(is_primary=True).update(is_primary=False)
            _set_primary(number, former=former)


def _replace(old: PhoneNumber, new: PhoneNumber) -> None:
    with atomic():
        lock_user(new.user_id)
        numbers = {row.pk: row for row in PhoneNumber.write_db.of_user(new.user_id)}
        if new.pk not in numbers:
            raise PhoneNumber.DoesNotExist
        if old.pk not in numbers:
            return
        if numbers[old.pk].is_primary:
            _make_primary(new)
        release(old, reason="replaced")
