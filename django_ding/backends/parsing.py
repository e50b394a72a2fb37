"""Lenient reading of a provider's answers: nothing in them is guaranteed, so anything unusable reads as absent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

_Choice = TypeVar("_Choice", bound=TextChoices)


def choice(choices: type[_Choice], value: object) -> _Choice:
    """Return the member of ``choices`` for a provider's word, ``UNKNOWN`` for a word it doesn't know yet."""
    return choices(value) if value in choices.values else choices("unknown")


def text(value: object) -> str | None:
    """Return a non-empty text."""
    return value if isinstance(value, str) and value else None


def whole(value: object) -> int | None:
    """Return a whole number, zero or more."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def number(value: object) -> float | None:
    """Return a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(value: object) -> bool | None:
    """Return a truth value."""
    return value if isinstance(value, bool) else None


def time(value: object) -> datetime | None:
    """Return an RFC 3339 or ISO 8601 time as an aware datetime; one without an offset is UTC."""
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed is None or parsed.tzinfo else parsed.replace(tzinfo=UTC)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
