"""Lenient reading of a provider's answers: nothing in them is guaranteed, so anything unusable reads as absent.

What is read fits any database: texts without NUL or lone surrogates, bounded numbers, times in UTC.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

_Choice = TypeVar("_Choice", bound=TextChoices)

_MOST = 32_767  # What a small integer of every database holds.
_FORTUNE = 1_000_000
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def choice(choices: type[_Choice], value: object) -> _Choice:
    """Return the member of ``choices`` for a provider's word, ``UNKNOWN`` for a word it doesn't know yet."""
    return choices(value) if value in choices.values else choices("unknown")


def text(value: object, *, longest: int = 255) -> str | None:
    """Return a text of one line, from one to ``longest`` characters."""
    if isinstance(value, str) and 0 < len(value) <= longest and not _UNSTORABLE.search(value):
        return value
    return None


def word(value: object) -> str | None:
    """Return an id or a status: a text of at most 64 characters."""
    return text(value, longest=64)


def whole(value: object) -> int | None:
    """Return a whole number from 0 to 32767."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else None


def number(value: object) -> float | None:
    """Return a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def money(value: object) -> Decimal | None:
    """Return an amount of money, rounded to six decimals: from zero to less than a million."""
    amount = number(value)
    return round(Decimal(str(amount)), 6) if amount is not None and 0 <= amount < _FORTUNE else None


def flag(value: object) -> bool | None:
    """Return a truth value."""
    return value if isinstance(value, bool) else None


def time(value: object) -> datetime | None:
    """Return an RFC 3339 or ISO 8601 time as an aware datetime in UTC; one without an offset is UTC."""
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
        return parsed and (parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
