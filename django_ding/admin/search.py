"""How support finds people: by number in any format, by user, and by the ids of an authentication.

Every look-up is for an exact value, of which a column has an index. Only the email of a user has none in Django's own
model: a project with many users gives it one.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_ding import phone
from django_ding.conf import ding_settings
from django_ding.models import Authentication, PhoneNumber, Refusal

_MOST_USERS = 10
_BETWEEN_DIGITS = re.compile(r"[\s()\[\].\-/]")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where to go: the page of a row, by its key, or a list with these filters."""

    page: Any = None
    query: dict[str, str] = field(default_factory=dict)


@sensitive_variables()
def by_id(typed: str) -> Found | None:
    """Find an authentication by its public id, or by the provider's."""
    rows = Authentication.objects.order_by("-pk")
    found = rows.filter(public_id=UUID(typed)).first() if _UUID.fullmatch(typed) else None
    if found is None and len(typed) <= 64:
        found = rows.filter(authentication_uuid__in={typed, typed.lower()}).first()
    return Found(page=found.pk) if found else None


@sensitive_variables()
def by_number(typed: str) -> Found | None:
    """Find the authentications of a number: one of them stands for it in the address of the list."""
    return _found("same_number_as", Authentication.objects.order_by("-created_at", "-pk"), typed)


@sensitive_variables()
def by_number_of_refusal(typed: str) -> Found | None:
    """Find the authentications of a number, of which there may be none yet: a refusal stands for it."""
    return _found("same_number_as_refusal", Refusal.objects.order_by("-hour", "-pk"), typed)


@sensitive_variables()
def by_refused_number(typed: str) -> Found | None:
    """Find the refusals of a number: one of them stands for it in the address of the list."""
    return _found("same_number_as", Refusal.objects.order_by("-hour", "-pk"), typed)


@sensitive_variables()
def by_verified_number(typed: str) -> Found | None:
    """Find the number that a user proved."""
    found = PhoneNumber.objects.filter(phone_number=_number(typed)).first()
    return Found(page=found.pk) if found else None


@sensitive_variables()
def by_user(typed: str) -> Found | None:
    """Find what belongs to a user, by the name to log in with or by email."""
    keys = _named(typed) or _with_email(typed)
    return Found(query={"user": ",".join(map(str, keys))}) if keys else None


def _found(parameter: str, rows: QuerySet[Any], typed: str) -> Found | None:
    """Return the list of a number, named by the first of the rows that have it."""
    number = _number(typed)
    key = rows.filter(phone_number=number).values_list("pk", flat=True).first() if number else None
    return Found(query={parameter: str(key)}) if key else None


def _number(typed: str) -> str | None:
    try:
        return phone.parse(typed, ding_settings.DEFAULT_REGION)
    except phone.NotAPhoneNumber:
        return _written(typed)


def _written(typed: str) -> str | None:
    """Return a number that doesn't exist as it is written abroad: the table may hold some, as examples have them."""
    digits = _BETWEEN_DIGITS.sub("", phone.simplify(typed))
    number = f"+{digits[2:]}" if digits.startswith("00") else digits
    return number if phone.is_e164(number) else None


def _named(name: str) -> list[Any]:
    model = get_user_model()
    normalized = model.normalize_username(name)
    rows = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": {name, normalized}})
    return list(rows.values_list("pk", flat=True)[:_MOST_USERS])


def _with_email(address: str) -> list[Any]:
    model = get_user_model()
    email = model.get_email_field_name()
    try:
        model._meta.get_field(email)
    except FieldDoesNotExist:
        return []
    rows = model._default_manager.filter(**{f"{email}__in": {address, address.lower()}}) if "@" in address else None
    return [] if rows is None else list(rows.values_list("pk", flat=True)[:_MOST_USERS])
