"""Lenient parsing of a provider's answers: nothing in them is guaranteed, so anything unusable counts as absent.

What is returned fits any database: texts without NUL or lone surrogates, bounded numbers, times in UTC.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from django.views.decorators.debug import sensitive_variables

from django_ding.backends.choices import AttemptStatus
from django_ding.channels import DeliveryStatus
from django_ding.exceptions import InvalidWebhook

_Choice = TypeVar("_Choice", bound=TextChoices)

_MAX_INTEGER = 32_767  # What a small integer of every database holds.
_MAX_AMOUNT = 1_000_000
#: What any database and any time zone has. Nothing that a provider dates lies outside.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def choice(choices: type[_Choice], value: Any) -> _Choice:
    """Return the member of ``choices`` for a provider's word, ``UNKNOWN`` for a word it doesn't know yet."""
    return choices(value) if value in choices.values else choices("unknown")


def attempt_status(delivery: DeliveryStatus) -> AttemptStatus:
    """Return the status of a message by its delivery: one that was handed on is pending until it has an outcome."""
    match delivery:
        case DeliveryStatus.DELIVERED:
            return AttemptStatus.DELIVERED
        case DeliveryStatus.UNDELIVERABLE:
            return AttemptStatus.FAILED
    return AttemptStatus.PENDING


def text(value: Any, *, max_length: int = 255) -> str | None:
    """Return a text of one line, from one to ``max_length`` characters."""
    if isinstance(value, str) and 0 < len(value) <= max_length and not _UNSTORABLE.search(value):
        return value
    return None


def identifier(value: Any) -> str | None:
    """Return an id or a status: a text of at most 64 characters."""
    return text(value, max_length=64)


def integer(value: Any) -> int | None:
    """Return a whole number from 0 to 32767."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_INTEGER else None


def number(value: Any) -> float | None:
    """Return a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:  # An int may be larger than any float.
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def money(value: Any) -> Decimal | None:
    """Return an amount of money, rounded to six decimals: from zero to less than a million."""
    amount = number(value)
    return round(Decimal(str(amount)), 6) if amount is not None and 0 <= amount < _MAX_AMOUNT else None


def carrier(value: Any) -> dict[str, Any]:
    """Return the name and network of a carrier, for the details of an event: the row keeps the network."""
    answer = object(value)
    codes = [text(answer.get("mccmnc"))] if "mccmnc" in answer else [text(answer.get("mcc")), text(answer.get("mnc"))]
    network = "".join(code for code in codes if code) if all(codes) else None
    known = {name: value for name, value in (("name", text(answer.get("name"))), ("network", network)) if value}
    return {"carrier": known} if known else {}


def boolean(value: Any) -> bool | None:
    """Return a truth value."""
    return value if isinstance(value, bool) else None


def time(value: Any) -> datetime | None:
    """Return an RFC 3339 or ISO 8601 time from 1970 on as an aware datetime in UTC; one without an offset is UTC."""
    try:  # In upper case, since RFC 3339, 5.6, allows "t" and "z" as well.
        parsed = parse_datetime(value.upper()) if isinstance(value, str) else None
        utc = parsed and (parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return utc if utc and _EARLIEST <= utc < _LATEST else None


def object(value: Any) -> Mapping[str, Any]:  # noqa: A001 - JSON's word, and always called as parsing.object
    """Return a JSON object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@sensitive_variables()
def webhook_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a webhook's body holds.

    :raises InvalidWebhook: when it holds anything else.
    """
    try:
        payload = json.loads(body.decode())
    except (ValueError, RecursionError):
        payload = None
    if isinstance(payload, dict):
        return payload
    # Raised out here, so that it is not chained to an error that quotes the body.
    raise InvalidWebhook(code="unreadable")
