"""Settle what a crash left open: intents without an answer, and live authentications past their time."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.db.models import Q
from django.utils import timezone

from django_ding import logs
from django_ding.backends import get_backend
from django_ding.backends.base import StatusResult
from django_ding.exceptions import DingError
from django_ding.models import Authentication, AuthenticationQuerySet, Event
from django_ding.services.outages import Outages
from django_ding.services.records import (
    adopt,
    expire,
    is_age,
    on_conflict_again,
    outside_transaction,
    record,
    short_transaction,
    write_alias,
)
from django_ding.services.results import SettleResult
from django_ding.services.syncing import take_over
from django_ding.signals import send_failed

ANSWER_LOST = "answer_lost"


@outside_transaction
def settle(
    *,
    older_than: float = 60,
    batch: int = 500,
    limit: int | None = None,
    on_settled: Callable[[SettleResult], None] | None = None,
) -> SettleResult:
    """Settle the authentications that a crash left open, or that are live past their time; the oldest come first.

    An intent without an answer becomes ``failed`` with the ``error_code`` ``answer_lost``: its message may have been
    sent. A live authentication past its time becomes ``expired``, after the provider was asked for the rest of its
    timeline. A provider that can't be asked stops nothing; after several outages in a row it is not asked any more.
    Any number of processes on any number of machines may do this at once: each row is settled by one of them.

    :param older_than: seconds for which an intent may wait for its answer; more than the provider's time-outs.
    :param batch: rows read, and held in memory, at once.
    :param limit: rows to settle at most.
    :param on_settled: called after each row with the sums so far. What it raises ends the run between two rows.
    :raises ValueError: for an ``older_than`` that is negative or more than 100 years, a negative ``limit``, or a
        ``batch`` below one.
    """
    _refuse_senseless(older_than, batch, limit)
    done = SettleResult()
    for one in islice(_settled(older_than, batch), limit):
        done += one
        if on_settled:
            on_settled(done)
    return done


def count_stale(*, older_than: float = 60, limit: int | None = None) -> SettleResult:
    """Count what :func:`settle` would settle now, and change nothing.

    :param older_than: seconds, as for :func:`settle`.
    :param limit: rows at most.
    :raises ValueError: for an ``older_than`` that is negative or more than 100 years, or a negative ``limit``.
    """
    _refuse_senseless(older_than, 1, limit)
    now = timezone.now()
    lost = _unanswered(now, older_than)[:limit].count()
    left = None if limit is None else limit - lost
    over = sum(rows.count() for rows in _over(now))
    return SettleResult(answers_lost=lost, expired=over if left is None else min(over, left))


def _refuse_senseless(older_than: float, batch: int, limit: int | None) -> None:
    if not is_age(older_than) or batch < 1 or (limit is not None and limit < 0):
        raise ValueError("older_than is between zero and 100 years, limit is zero or more, batch is one or more.")


def _settled(older_than: float, batch: int) -> Iterator[SettleResult]:
    """Settle row after row; yield what became of each that this process settled."""
    now = timezone.now()
    for authentication in _each(_unanswered(now, older_than), batch):
        if on_conflict_again(partial(_lose, authentication)):
            _announce(authentication)
            yield SettleResult(answers_lost=1)
    inquiry = _Inquiry()
    for rows in _over(now):
        for authentication in _each(rows, batch):
            found = inquiry.ask(authentication)
            if on_conflict_again(partial(_close, authentication, found)):
                yield SettleResult(expired=1, unasked=int(not found.is_complete))


# Which rows: one status each, so that the index of status and created_at finds them and gives their order.


def _unanswered(now: datetime, older_than: float) -> AuthenticationQuerySet:
    cutoff = now - timedelta(seconds=older_than)
    rows = Authentication.objects.using(write_alias())
    return rows.filter(status=Authentication.Status.CREATED, created_at__lte=cutoff)


def _over(now: datetime) -> Iterator[AuthenticationQuerySet]:
    rows = Authentication.objects.using(write_alias())
    for status in Authentication.LIVE_STATUSES:
        yield rows.filter(status=status, expires_at__lte=now)


def _each(rows: AuthenticationQuerySet, batch: int) -> Iterator[Authentication]:
    """Yield the rows that are still as asked for when their turn comes.

    Each batch is shuffled, so that processes that start together work on different rows.
    """
    for found in _batches(rows, batch):
        random.shuffle(found)
        for authentication in found:
            if rows.filter(pk=authentication.pk).exists():
                yield authentication


def _batches(rows: AuthenticationQuerySet, batch: int) -> Iterator[list[Authentication]]:
    rows = rows.order_by("created_at", "pk")
    found = list(rows[:batch])
    while found:
        last = found[-1]
        yield found
        later = Q(created_at__gt=last.created_at) | Q(pk__gt=last.pk)
        found = list(rows.filter(later, created_at__gte=last.created_at)[:batch])


# What becomes of them: one conditional UPDATE decides which process does it.


def _lose(authentication: Authentication) -> bool:
    """Tell that the answer to a send is lost. As its message may be on its way, the slot is kept for the cooldown."""
    lost = {"status": Authentication.Status.FAILED, "error_code": ANSWER_LOST}
    released = {} if authentication.is_cooling(timezone.now()) else {"slot": None}
    open_rows = Authentication.objects.using(write_alias()).filter(status=Authentication.Status.CREATED)
    with short_transaction():
        if not open_rows.filter(pk=authentication.pk).update(**lost, **released):
            return False
        record(authentication, Event.Type.ERROR, ANSWER_LOST, facts={"operation": "send"})
    adopt(authentication, **lost, **released)
    return True


def _announce(authentication: Authentication) -> None:
    logs.answer_lost(authentication, ANSWER_LOST)
    send_failed.send_robust(Authentication, authentication=authentication, error_code=ANSWER_LOST)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the provider told; ``is_complete`` unless it should have told and did not, for ``error_code``."""

    told: StatusResult | None = None
    is_complete: bool = True
    error_code: str = ""


def _close(authentication: Authentication, found: _Found) -> bool:
    with short_transaction():
        if not expire(authentication):
            return False
        if found.told:
            take_over(authentication, found.told)
        if found.error_code:
            record(authentication, Event.Type.ERROR, found.error_code, facts={"operation": "status"})
    return True


class _Inquiry:
    """Asks the provider what became of authentications, and leaves one alone that is out of order."""

    def __init__(self) -> None:
        self._outages = Outages()

    def ask(self, authentication: Authentication) -> _Found:
        alias = authentication.backend
        if not authentication.authentication_uuid:
            return _Found()
        if self._outages.is_out_of_order(alias):
            return _Found(is_complete=False)
        try:
            told = _status(authentication)
        except DingError as error:
            self._outages.note(alias, error)
            return _Found(is_complete=False, error_code=error.code)
        except Exception:  # noqa: BLE001
            # A backend that is gone from the settings, or has a bug, must not keep the rows after this one open.
            return _Found(is_complete=False, error_code="unexpected_error")
        self._outages.note(alias)
        return _Found(told=told)


def _status(authentication: Authentication) -> StatusResult | None:
    with logs.asking("status", authentication):
        provider = get_backend(authentication.backend)
        return provider.status(authentication.authentication_uuid) if provider.supports_status else None
