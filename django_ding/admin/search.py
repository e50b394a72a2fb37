"""How support finds people: by number in any format, by user, and by the IDs of a verification.

Every look-up is for an exact value of an indexed column. Only the email of Django's own user model has no index: a
project with many users adds one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_ding import phone
from django_ding.admin.large_tables import join_keys
from django_ding.conf import ding_settings
from django_ding.models import Authentication, Lockout, PhoneNumber, Refusal

#: The length of the longest thing that can be found, an email address (RFC 5321, 4.5.3.1.3). More isn't looked at.
MAX_QUERY_LENGTH = 254
NUL = "\0"  # PostgreSQL takes none in a text.

_MAX_USERS = 10
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """Where a search leads: to the page of the row with this key, or to the list with these filters."""

    pk: Any = None
    filters: dict[str, str] = field(default_factory=dict)


#: Takes what was typed, and returns ``None`` if it finds nothing.
SearchMethod = Callable[[str], SearchResult | None]


@sensitive_variables()
def search_ids(query: str) -> SearchResult | None:
    """Find a verification by its public ID or the provider's."""
    rows = Authentication.objects.order_by("-pk")
    row = rows.filter(public_id=UUID(query)).first() if _UUID.fullmatch(query) else None
    if row is None and len(query) <= 64:  # Nothing longer is in the column.
        row = rows.filter(authentication_uuid__in={query, query.lower()}).first()
    return SearchResult(pk=row.pk) if row else None


@sensitive_variables()
def search_number(query: str) -> SearchResult | None:
    """Find the verifications of a number."""
    return _filter_by_number("same_number_as", Authentication.objects.order_by("-created_at", "-pk"), query)


@sensitive_variables()
def search_blocked_number(query: str) -> SearchResult | None:
    """Find the verifications of a number by its blocked requests, since there may be no verification yet."""
    return _filter_by_number("same_number_as_refusal", Refusal.objects.order_by("-hour", "-pk"), query)


@sensitive_variables()
def search_blocked_requests(query: str) -> SearchResult | None:
    """Find the blocked requests of a number."""
    return _filter_by_number("same_number_as", Refusal.objects.order_by("-hour", "-pk"), query)


@sensitive_variables()
def search_verified_number(query: str) -> SearchResult | None:
    """Find a user's verified number."""
    row = PhoneNumber.objects.filter(phone_number=_parse_number(query)).first()
    return SearchResult(pk=row.pk) if row else None


@sensitive_variables()
def search_locked_out_number(query: str) -> SearchResult | None:
    """Find the lockouts of a number."""
    return _filter_by_number("same_number_as", Lockout.objects.order_by("-pk"), query)


@sensitive_variables()
def search_user(query: str) -> SearchResult | None:
    """Find the rows of a user, by username or email."""
    keys = _users_by_name(query) or _users_by_email(query)
    return SearchResult(filters={"user": join_keys(keys)}) if keys else None


def _filter_by_number(parameter: str, rows: QuerySet[Any], query: str) -> SearchResult | None:
    # The URL names the number by the key of a row that has it, so that no number gets into histories and logs.
    number = _parse_number(query)
    key = rows.filter(phone_number=number).values_list("pk", flat=True).first() if number else None
    return SearchResult(filters={parameter: str(key)}) if key else None


def _parse_number(query: str) -> str | None:
    try:
        # The table may hold numbers that can't exist, such as those reserved for fiction.
        return phone.parse_stored(query, ding_settings.DEFAULT_REGION)
    except phone.NotAPhoneNumber:
        return None


def _users_by_name(name: str) -> list[Any]:
    model = get_user_model()
    # Projects may store names as typed or, as Django's own manager does, in a normal form.
    names = {name, model.normalize_username(name)}
    rows = model._base_manager.filter(**{f"{model.USERNAME_FIELD}__in": names})
    return list(rows.values_list("pk", flat=True)[:_MAX_USERS])


def _users_by_email(address: str) -> list[Any]:
    model = get_user_model()
    email = model.get_email_field_name()
    try:
        model._meta.get_field(email)
    except FieldDoesNotExist:
        return []
    if "@" not in address:
        return []
    rows = model._base_manager.filter(**{f"{email}__in": {address, address.lower()}})
    return list(rows.values_list("pk", flat=True)[:_MAX_USERS])
