"""The filters of the history, each a condition that a verification meets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from django_ding import phone

from ..errors import ProviderError
from ..options import V2_CHANNELS
from ..window_rules import HISTORY_STATUSES, history_status
from ..windows import SimVerification
from .validation import PLATFORMS

Filter = Callable[[SimVerification], bool]

_NAMES = frozenset(
    (
        *("phone_number", "status", "channels", "region", "device_platform", "template_id"),
        *("min_attempts", "max_attempts", "from", "to", "limit", "cursor"),
    )
)
_MAX_SPAN = timedelta(days=184)
_MAX_DIGITS = 9


def read_filters(query: QueryDict, now: datetime) -> list[Filter]:
    """Return the conditions of a query.

    :raises ProviderError: for what cannot be filtered by.
    """
    if unknown := set(query) - _NAMES:
        raise ProviderError("invalid_request", f"There is no filter {min(unknown)}.")
    filters = (_number_filters, _device_filters, _attempt_filters, _time_filters)
    return [*_status_filters(query, now), *(accepts for read in filters for accepts in read(query))]


def _number_filters(query: QueryDict) -> Iterator[Filter]:
    if number := query.get("phone_number"):
        # A plus sign in a URL arrives as a space.
        yield lambda one: one.phone_number == f"+{number.strip().lstrip('+')}"
    if region := query.get("region"):
        yield lambda one: phone.country(one.phone_number) == region.upper()


def _status_filters(query: QueryDict, now: datetime) -> Iterator[Filter]:
    status = query.get("status")
    if status is None:
        return
    if status not in HISTORY_STATUSES or status == "pending_check":
        raise ProviderError("invalid_request", "This status cannot be filtered by.")
    # What cannot be filtered by is found by the other word.
    yield lambda one: history_status(one, now).replace("pending_check", "sent") == status


def _device_filters(query: QueryDict) -> Iterator[Filter]:
    platform = query.get("device_platform")
    if platform is not None:
        if platform not in PLATFORMS:
            raise ProviderError("invalid_request", "There is no such device platform.")
        yield lambda one: one.request.signals.get("device_platform") == platform
    if template_id := query.get("template_id"):
        yield lambda one: one.request.template_id == template_id


def _attempt_filters(query: QueryDict) -> Iterator[Filter]:
    # The Python SDK joins the values with commas.
    if names := {name for joined in query.getlist("channels") for name in joined.split(",")}:
        if not names <= {*V2_CHANNELS, "silent"}:
            raise ProviderError("invalid_request", "There is no such channel.")
        yield lambda one: bool(names & {*one.plan, *(attempt.channel for attempt in one.attempts)})
    if (least := read_number(query, "min_attempts")) is not None:
        yield lambda one: len(one.attempts) >= least
    if (most := read_number(query, "max_attempts")) is not None:
        yield lambda one: len(one.attempts) <= most


def _time_filters(query: QueryDict) -> Iterator[Filter]:
    if ("from" in query) != ("to" in query):
        raise ProviderError("invalid_request", "from and to go together.")
    if "from" in query:
        start, end = (_time(query.get(name, "")) for name in ("from", "to"))
        if not timedelta(0) <= end - start <= _MAX_SPAN:
            raise ProviderError("invalid_request", "from must be before to, at most 6 months.")
        yield lambda one: start <= one.created_at <= end


def read_number(query: QueryDict, name: str) -> int | None:
    """Return a whole number of a query, ``None`` when it is not there."""
    text = query.get(name)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ProviderError("invalid_request", f"{name} must be a whole number.")
    return None if text is None else int(text)


def _time(text: str) -> datetime:
    try:
        # A plus sign in a URL arrives as a space.
        parsed = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        parsed = None
    if parsed is None:
        raise ProviderError("invalid_request", "from and to must be RFC 3339 timestamps.")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
