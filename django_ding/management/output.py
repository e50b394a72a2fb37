"""What the commands show: verifications, tables and times. Phone numbers are always masked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.humanize import short_duration
from django_ding.management.base import DingCommandError
from django_ding.models import Authentication, AuthenticationQuerySet
from django_ding.phone import Reason
from django_ding.services import NumberProblem

_DATA_FIELDS = (
    "authentication_uuid",
    "purpose",
    "backend",
    "status",
    "error_code",
    "remaining_checks",
    "retry_count",
    "remaining_retry",
    "channel",
    "delivery_status",
    "carrier",
    "price_amount",
    "price_currency",
)
_TIME_FIELDS = ("created_at", "expires_at", "validated_at", "next_retry_at")


def newest_first() -> AuthenticationQuerySet:
    """Return all authentications, the newest first."""
    return Authentication.write_db.order_by("-created_at", "-pk")


def find_authentication(text: str) -> Authentication | None:
    """Return the authentication with this ``public_id``, or the newest one with this ID of the provider's."""
    rows = newest_first()
    try:
        found = rows.filter(public_id=UUID(text)).first()
    except ValueError:
        found = None
    # The provider's IDs may be UUIDs, too. An empty one means that the provider gave none.
    return found or (rows.filter(authentication_uuid=text).first() if text else None)


def get_authentication(text: str) -> Authentication:
    """Return what :func:`find_authentication` finds.

    :raises DingCommandError: when there is none.
    """
    found = find_authentication(text)
    if found is None:
        raise DingCommandError("No verification has this ID.", code="not_found")
    return found


def authentication_data(authentication: Authentication) -> dict[str, Any]:
    """Return an authentication for programs."""
    times = {name: getattr(authentication, name) for name in _TIME_FIELDS}
    return {
        "id": str(authentication.public_id),
        "phone_number": authentication.masked_number,
        "user": authentication.user_id,
        **{name: getattr(authentication, name) for name in _DATA_FIELDS},
        # ISO 8601 with the offset, whatever USE_TZ and TIME_ZONE are: programs compare them.
        **{name: time and time.isoformat() for name, time in times.items()},
    }


def authentication_table(authentication: Authentication) -> list[str]:
    """Return an authentication for people, as the lines of a table. Empty values are left out."""
    # Listing what is no longer possible would mislead support.
    may_retry = authentication.is_live(clock.now()) and authentication.remaining_retry > 0
    rows = {
        "ID": str(authentication.public_id),
        "Provider ID": authentication.authentication_uuid,
        "Phone number": authentication.masked_number,
        "User": "" if authentication.user_id is None else str(authentication.user_id),
        "Purpose": authentication.purpose,
        "Backend": authentication.backend,
        "Status": status(authentication),
        "Delivery": " by ".join(filter(None, (authentication.delivery_status, authentication.channel))),
        "Price": price(authentication.price_amount, authentication.price_currency),
        "Checks": f"{authentication.check_count} of {ding_settings.MAX_CHECKS}",
        "Retries": f"{authentication.retry_count}, {authentication.remaining_retry} left",
        "Created": _local_and_relative(authentication.created_at),
        "Expires": _local_and_relative(authentication.expires_at),
        "Verified": _local_and_relative(authentication.validated_at),
        "Next retry": _local_and_relative(authentication.next_retry_at) if may_retry else "",
    }
    return table([row for row in rows.items() if row[1]])


def status(authentication: Authentication) -> str:
    """Return the status with its reason: ``failed (timeout)``, ``pending (expired)``."""
    is_open = authentication.status in Authentication.LIVE_STATUSES
    # A row keeps its status until ding_reconcile looks at it.
    has_expired = is_open and not authentication.is_live(clock.now())
    reason = "expired" if has_expired else authentication.error_code
    return authentication.status if reason in ("", authentication.status) else f"{authentication.status} ({reason})"


def price(amount: Decimal | None, currency: str) -> str:
    """Return a price without trailing zeros: ``0.03 EUR``. It is empty if the amount is unknown."""
    # format(…, "f"), since a normalized Decimal writes 10 as 1E+1.
    return "" if amount is None else f"{amount.normalize():f} {currency}".rstrip()


def _local_and_relative(moment: datetime | None) -> str:
    return f"{local(moment)}, {relative(moment)}" if moment else ""


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table with columns as wide as their longest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


_PROBLEMS = {
    "duplicate": "this number is already linked to an account",
    "unknown_user": "no user has this key",
    "ambiguous_user": "several users have this key",
    "invalid_date": "verified_at is not a time, or is in the future",
    Reason.EMPTY: "there is no number",
    Reason.NOT_A_NUMBER: "this is not a phone number",
    Reason.NEEDS_COUNTRY: "the number has no country; pass --region",
    Reason.UNKNOWN_COUNTRY: "no country has this calling code",
    Reason.TOO_SHORT: "the number is too short",
    Reason.TOO_LONG: "the number is too long",
    Reason.UNASSIGNED: "the number is not valid",
    Reason.EXTENSION: "the number has an extension",
}


def problem_line(problem: NumberProblem) -> str:
    """Return a line about a number that was left out: ``line 12: this is not a phone number (not_a_number)``."""
    text = f"{_PROBLEMS[problem.reason]} ({problem.reason})"
    return ": ".join(filter(None, (problem.source, problem.phone_number, text)))


def count(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 day``, ``1,200 days``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join(names: Sequence[str]) -> str:
    """Return the names of a list: ``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def local(moment: datetime) -> str:
    """Return a time in the project's time zone: ``2026-06-01 14:30 CEST``."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")


def relative(moment: datetime) -> str:
    """Return a time relative to now: ``4 min 10 s ago``, ``in 25 s``."""
    wait = moment - clock.now()
    return f"in {short_duration(wait)}" if wait > timedelta() else f"{short_duration(wait)} ago"
