"""How the commands find authentications, and show them: the number always masked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.management.base import Problem
from django_ding.management.tables import local, relative, table
from django_ding.models import Authentication, AuthenticationQuerySet
from django_ding.services.records import write_alias

#: The columns that are told to programs as they are.
_PLAIN = (
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
    "price_amount",
    "price_currency",
)
_TIMES = ("created_at", "expires_at", "validated_at", "next_retry_at")


def newest() -> AuthenticationQuerySet:
    """Return all authentications, the newest first."""
    return Authentication.objects.using(write_alias()).order_by("-created_at", "-pk")


def find(text: str) -> Authentication | None:
    """Return the authentication of a ``public_id``, or the newest one of an id of the provider's."""
    return _by_public_id(text) or (newest().filter(authentication_uuid=text).first() if text else None)


def get(text: str) -> Authentication:
    """Do what :func:`find` does.

    :raises Problem: when there is none.
    """
    found = find(text)
    if found is None:
        raise Problem("There is no authentication with this ID.", code="not_found")
    return found


def facts(authentication: Authentication) -> dict[str, Any]:
    """Return what programs are told of an authentication."""
    return {
        "id": str(authentication.public_id),
        "phone_number": authentication.masked_number,
        "user": authentication.user_id,
        **{name: getattr(authentication, name) for name in _PLAIN},
        **{name: _iso(getattr(authentication, name)) for name in _TIMES},
    }


def details(authentication: Authentication) -> list[str]:
    """Return what people are told of an authentication, as the lines of a table. What is empty is left out."""
    rows = {
        "ID": str(authentication.public_id),
        "Provider's ID": authentication.authentication_uuid,
        "Number": authentication.masked_number,
        "User": "" if authentication.user_id is None else str(authentication.user_id),
        "Purpose": authentication.purpose,
        "Backend": authentication.backend,
        "Status": status(authentication),
        "Delivery": _delivery(authentication),
        "Price": _price(authentication),
        "Checks": f"{authentication.check_count} of {ding_settings.MAX_CHECKS}",
        "Retries": f"{authentication.retry_count}, {authentication.remaining_retry} left",
        "Created": _time(authentication.created_at),
        "Expires": _time(authentication.expires_at),
        "Validated": _time(authentication.validated_at),
        "Next retry": _time(authentication.next_retry_at) if _may_retry(authentication) else "",
    }
    return table([row for row in rows.items() if row[1]])


def status(authentication: Authentication) -> str:
    """Return the status, and why it is so: ``failed (timeout)``, ``pending (past its time)``."""
    is_open = authentication.status in Authentication.LIVE_STATUSES
    is_over = is_open and not authentication.is_live(timezone.now())
    reason = "past its time" if is_over else authentication.error_code
    return authentication.status if reason in ("", authentication.status) else f"{authentication.status} ({reason})"


def _by_public_id(text: str) -> Authentication | None:
    try:
        public_id = UUID(text)
    except ValueError:
        return None
    return newest().filter(public_id=public_id).first()


def _may_retry(authentication: Authentication) -> bool:
    return authentication.is_live(timezone.now()) and authentication.remaining_retry > 0


def _delivery(authentication: Authentication) -> str:
    by = f"by {authentication.channel}" if authentication.channel else ""
    return " ".join(filter(None, (authentication.delivery_status, by)))


def _price(authentication: Authentication) -> str:
    amount = authentication.price_amount
    return "" if amount is None else f"{amount.normalize():f} {authentication.price_currency}".rstrip()


def _time(moment: datetime | None) -> str:
    return f"{local(moment)}, {relative(moment)}" if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
