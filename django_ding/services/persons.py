"""What is kept of one person."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    PhoneNumber,
    Refusal,
    RefusalQuerySet,
    RememberedDevice,
)
from django_ding.services.records import write_alias
from django_ding.services.sending import normalize

_Rows = TypeVar("_Rows", AuthenticationQuerySet, RefusalQuerySet)


@dataclass(frozen=True)
class Person:
    """Somebody known by their account, by a phone number (E.164), or by both.

    Of a user: what belongs to the account, and what nobody's account has of the numbers. Of a number alone: all there
    is of it, whoever's.
    """

    user_id: Any
    phone_number: str | None

    def numbers(self) -> QuerySet[PhoneNumber]:
        """Return the verified numbers."""
        rows = PhoneNumber.objects.using(write_alias())
        return rows.filter(phone_number=self.phone_number) if self.user_id is None else rows.filter(user=self.user_id)

    def authentications(self) -> AuthenticationQuerySet:
        """Return the authentications, those that were made before the person had an account among them."""
        return self._of(Authentication.objects.using(write_alias()))

    def refusals(self) -> RefusalQuerySet:
        """Return what the guard refused to them, or to nobody with an account."""
        return self._of(Refusal.objects.using(write_alias()))

    def devices(self) -> QuerySet[RememberedDevice]:
        """Return the devices that need no second factor. They are known by the account alone."""
        rows = RememberedDevice.objects.using(write_alias())
        return rows.none() if self.user_id is None else rows.filter(user=self.user_id)

    def _of(self, rows: _Rows) -> _Rows:
        """Return those of the account, and those without one of its numbers; of a number alone, all."""
        if self.user_id is None:
            return rows.filter(phone_number=self.phone_number)
        numbers = {self.phone_number, *self.numbers().values_list("phone_number", flat=True)} - {None}
        return rows.filter(Q(user=self.user_id) | Q(user=None, phone_number__in=numbers))


def person(user: Any, phone_number: str | None) -> Person:
    """Return who is meant by a saved user, a phone number as typed, or both.

    A user who is not signed in is nobody, also beside a number: that alone would mean whoever's account has it.

    :raises ValueError: when neither says it, or for a user without a key.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    user_id = None if user is None else user.pk
    is_nobody = not phone_number if user is None else user_id is None
    if is_nobody:
        raise ValueError("Name a saved user, a phone number, or both.")
    return Person(user_id, normalize(phone_number) if phone_number else None)
