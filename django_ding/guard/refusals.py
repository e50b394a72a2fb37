"""A record of what the guard refused, for support: "I never got the code"."""

from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import Error, IntegrityError
from django.db.models import F, QuerySet
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log, phone
from django_ding.exceptions import BackendUnavailable, Blocked, DingError, InputError, RateLimited
from django_ding.guard import counters
from django_ding.guard.client_ip import networks
from django_ding.guard.counters import Consumed, Limit, counter_key
from django_ding.models import Authentication, Refusal
from django_ding.models.base import user_key, write_alias
from django_ding.sql import Insert, Update
from django_ding.statements import Parameter
from django_ding.transactions import retry_on_conflict

#: Rows of single numbers that a requester gets in an hour: more than people need, and nothing to fill a disk with.
MAX_ROWS_PER_HOUR = 50

#: The columns of the unique constraint.
_KEY = ("phone_number", "reason", "hour", "requester_key")
_ONE_MORE = F("count") + 1

_MAX_KEY_LENGTH = 64  # A host's key may be a longer text. Its hash is as long as this.


@sensitive_variables()
def record_refusal(error: DingError, authentication: Authentication) -> None:
    """Log a refusal of the guard and count it in the row of its number, reason, hour and requester.

    A stranger can name any number of numbers, so the rows of a requester are limited: a user, an IPv4 address or a /48
    of IPv6. Beyond that, and always where an anonymous visitor exceeds the rate of an IP address, it is counted in a
    row of the requester's without a number.

    Errors other than ``InputError``, ``Blocked`` and ``RateLimited`` are failures, not refusals, and are ignored. The
    caller raises ``error`` whether or not the refusal could be stored.

    :param authentication: the one that was to be retried, or an unsaved one that would have been sent.
    """
    if not isinstance(error, InputError | Blocked | RateLimited):
        return
    reason = error.scope if isinstance(error, RateLimited) else error.code
    log.write(log.REFUSAL, authentication, reason=reason, retry_after=getattr(error, "retry_after", None))
    try:
        retry_on_conflict(lambda: _count(authentication, reason[:64], clock.now()))
    except Error as failure:  # Only its type is logged: its text may hold the number.
        kind = type(failure).__name__
        log.write(log.REFUSAL_LOST, authentication, level=log.repeated_level(("refusal_lost", kind)), error=kind)


@sensitive_variables()
def _count(authentication: Authentication, reason: str, now: datetime) -> None:
    """Count a refusal by one UPDATE, or INSERT the row where it is the first of its hour.

    Of several first ones the unique constraint lets one in. The others raise ``IntegrityError`` and are run again.
    """
    number = authentication.phone_number
    hour = now.replace(minute=0, second=0, microsecond=0)
    user = _short(user_key(authentication.user_id))
    requester = user or _network(authentication.ip)
    changes = {"last_at": now, "ip": authentication.ip}
    defaults = {**changes, "first_at": now, "user_id": authentication.user_id}
    if user or reason != Refusal.Reason.IP:
        row = {"phone_number": number, "reason": reason, "hour": hour, "requester_key": user}
        if _update(row, changes):
            return
        located = {"country": phone.destination(number), "prefix": phone.prefix(number)}
        if _insert_within_limit(row | defaults | located, _row_limit(requester, hour)):
            return
    row = {"phone_number": "", "reason": reason, "hour": hour, "requester_key": requester}
    if not _update(row, changes):
        _insert(row | defaults)


def _row() -> QuerySet[Refusal]:
    """Return the row of the parameters."""
    field = Refusal._meta.get_field
    return Refusal.objects.filter(**{name: Parameter(name, field(name)) for name in _KEY})


def _update(row: dict[str, Any], changes: dict[str, Any]) -> bool:
    update = Update(rows=_row, values={"count": _ONE_MORE, **changes}, parameters=row)
    return bool(update.run(write_alias(), durable=False))


def _insert(columns: dict[str, Any]) -> None:
    Insert(model=Refusal, values=columns).run(write_alias(), ignore_conflicts=True, durable=False)


def _insert_within_limit(columns: dict[str, Any], limit: Limit) -> bool:
    """INSERT a row unless the limit of rows is reached, and return whether it was inserted."""
    try:
        if not isinstance(counters.consume([limit]), Consumed):
            return False
    except BackendUnavailable:  # What can't be counted has no limit.
        return False
    try:
        _insert(columns)
    except IntegrityError:
        with suppress(BackendUnavailable):
            counters.rollback([limit])
        raise
    return True


def _row_limit(requester: str, hour: datetime) -> Limit:
    # By the hour of the rows, not by one that begins with the first of them.
    key = counter_key(f"refusals:{hour:%Y%m%d%H}", requester)
    return Limit(key, maximum=MAX_ROWS_PER_HOUR, seconds=3600)


def _network(ip: str | None) -> str:
    # One site has a /48, and with it 65,536 of the networks that rates count (RFC 6177).
    return networks(ip)[-1] if ip else ""


def _short(key: str) -> str:
    return key if len(key) <= _MAX_KEY_LENGTH else sha256(key.encode()).hexdigest()
