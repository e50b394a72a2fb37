"""Rows by what an address names them by, which anybody may have typed."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet


def with_keys(rows: QuerySet[Any], texts: Iterable[str]) -> QuerySet[Any]:
    """Return those of the rows that have one of these keys. What can't be a key is passed over."""
    keys = filter(None, (_key(rows, text) for text in texts))
    # One by one: unlike "in", an exact look-up for a number that is too large for the column finds nothing.
    conditions = [Q(pk=key) for key in keys]
    return rows.filter(reduce(or_, conditions)) if conditions else rows.none()


def _key(rows: QuerySet[Any], text: str) -> Any:
    try:
        return rows.model._meta.pk.to_python(text)
    except ValidationError:
        return None
