"""A record of what the guard refused, for support: "I never got the code"."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.signals import setting_changed
from django.db import Error, IntegrityError
from django.db.models import F, QuerySet
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log
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

_field = Refusal._meta.get_field
_SUM = F("count") + Parameter("more", _field("count"))

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
        _count(authentication, reason[:64], clock.now())
    except Error as failure:  # Only its type is logged: its text may hold the number.
        kind = type(failure).__name__
        log.write(log.REFUSAL_LOST, authentication, level=log.repeated_level(("refusal_lost", kind)), error=kind)


@sensitive_variables()
def _count(authentication: Authentication, reason: str, now: datetime) -> None:
    """Count a refusal in the row of its number or, beyond the limit of rows, in that of its requester."""
    number, ip = authentication.phone_number, authentication.ip
    hour = now.replace(minute=0, second=0, microsecond=0)
    user = _short(user_key(authentication.user_id))
    requester = user or _network(ip)
    has_number = bool(user) or reason != Refusal.Reason.IP
    new = _to_write(requester, reason, hour, number[-2:] if has_number else "")
    if not new:
        return
    changes = {"last_at": now, "ip": ip}
    columns = {"first_at": now, "user_id": authentication.user_id}
    if has_number:
        row = {"phone_number": number, "reason": reason, "hour": hour, "requester_key": user}
        located = {**columns, "country": authentication.country, "prefix": authentication.prefix}
        if _write(row, new, changes=changes, columns=located, limit=_row_limit(requester, hour)):
            return
    row = {"phone_number": "", "reason": reason, "hour": hour, "requester_key": requester}
    _write(row, new, changes=changes, columns=columns, limit=None)


@sensitive_variables()
def _to_write(*refused: Any) -> int:
    """Return how many refusals to write now: all since the last time that there were any, or none.

    At first each is written at once, then every second one, every fourth … So who repeats what is refused soon costs
    the database little. Meanwhile this process counts them, and may lose them when it ends.

    :param refused: as of :func:`_counter`.
    """
    count = next(_counter(*refused))
    return _rounded(count) - _rounded(count - 1)


@lru_cache(maxsize=4096)
def _counter(requester: str, reason: str, hour: datetime, digits: str) -> Iterator[int]:
    """Return the counter of such refusals. One that is dropped begins anew: more of them are written than needed.

    :param digits: the last two of the number, so that who requests ever-new numbers doesn't have ever-new counters.
    """
    return itertools.count(1)


def _forget(*, setting: str, **kwargs: Any) -> None:
    """Begin anew in each test that changes the settings, as ``sandbox()`` does."""
    if setting == "DING":
        _counter.cache_clear()


setting_changed.connect(_forget)


def _rounded(count: int) -> int:
    """Return a count rounded down to its five leading bits: …, 31, 32, 34, …, 62, 64, 68, …"""
    dropped = max(count.bit_length() - 5, 0)
    return count >> dropped << dropped


def _write(
    row: Mapping[str, Any], new: int, *, changes: Mapping[str, Any], columns: Mapping[str, Any], limit: Limit | None
) -> bool:
    """Add refusals to a row by one UPDATE, or INSERT it where they are the first of its hour.

    Of several first ones the unique constraint lets one in. The others raise ``IntegrityError`` and are run again.

    :param changes: columns that are those of the last refusal.
    :param columns: those of a new row.
    :return: ``False`` when there is no such row, and ``limit`` allows none.
    """
    update = Update(rows=_row, values={"count": _SUM, **changes}, parameters={**row, "more": new})
    insert = Insert(model=Refusal, values={**row, **changes, **columns, "count": new})
    return retry_on_conflict(lambda: bool(update.run(write_alias(), durable=False)) or _insert_within(limit, insert))


def _row() -> QuerySet[Refusal]:
    """Return the row of the parameters."""
    return Refusal.objects.filter(**{name: Parameter(name, _field(name)) for name in _KEY})


def _insert_within(limit: Limit | None, insert: Insert) -> bool:
    """INSERT a row unless the limit of rows is reached, and return whether it was inserted."""
    try:
        if limit and not isinstance(counters.consume([limit]), Consumed):
            return False
    except BackendUnavailable:  # What can't be counted has no limit.
        return False
    try:
        insert.run(write_alias(), ignore_conflicts=True, durable=False)
    except IntegrityError:
        if limit:
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
