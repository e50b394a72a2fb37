"""A provider's answer, or the outage that it amounts to."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django_ding.exceptions import BackendUnavailable

#: The longest ``Retry-After`` that is believed, in seconds.
MAX_RETRY_AFTER = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that the provider gave on purpose: a success or a refusal.

    :ivar status: the HTTP status.
    :ivar data: the JSON object of the body, empty where there is none.
    :ivar headers: with case-insensitive names.
    :ivar body: the body as it came.
    :ivar retry_after: the seconds of ``Retry-After``, if there is one.
    """

    status: int
    data: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    retry_after: float | None = field(default=None, repr=False)


def read_reply(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    returned: Collection[int] = (),
    require_json: bool = True,
) -> Reply:
    """Return what the provider answered. The arguments are those of :meth:`HttpClient.request`.

    :param headers: with case-insensitive names, or with ``Retry-After`` spelled like that.
    :raises BackendUnavailable: for 408, 429, 5xx, a redirect, and a success whose body is not a JSON object.
    """
    data, retry_after = _json_object(body), _retry_after(headers.get("Retry-After"))
    if status not in returned:
        _check_status(status, retry_after=retry_after)
    if data is None and status < 400 and status != 204 and require_json:
        raise BackendUnavailable(code="not_json")
    return Reply(status=status, data=data or {}, headers=headers, body=body, retry_after=retry_after)


def _check_status(status: int, *, retry_after: float | None) -> None:
    if status == 429:
        raise BackendUnavailable(code="too_many_requests", retry_after=retry_after, may_have_executed=False)
    if status == 408 or status >= 500:
        raise BackendUnavailable(code=f"http_{status}", retry_after=retry_after)
    if 300 <= status < 400:
        raise BackendUnavailable(code="redirected")


def _json_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _retry_after(value: str | None) -> float | None:
    """Parse a ``Retry-After`` header: seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    seconds = float(value) if value.strip().isdecimal() else _seconds_until(value)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)  # "-0000" is UTC of unknown origin (RFC 5322, 3.3).
    return (then - datetime.now(UTC)).total_seconds()
