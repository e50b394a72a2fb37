"""Reconcile what a crash left open: intents without a response, and live authentications that have expired."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, log
from django_ding.backends import get_backend
from django_ding.backends.types import StatusResponse
from django_ding.conf import is_age
from django_ding.exceptions import DingError
from django_ding.flows._events import add_event, expire, set_fields
from django_ding.flows._provider import build_sent, check_same_record
from django_ding.flows.feedback import CircuitBreaker
from django_ding.flows.refresh import merge_status
from django_ding.flows.results import ReconcileResult
from django_ding.models import Authentication, AuthenticationQuerySet, Event
from django_ding.provider_calls import provider_call
from django_ding.signals import send_failed
from django_ding.transactions import atomic, outside_transaction, retry_on_conflict

ANSWER_LOST = "answer_lost"


@sensitive_variables()
@outside_transaction
def reconcile(
    *,
    older_than: float = 60,
    batch: int = 500,
    limit: int | None = None,
    dry_run: bool = False,
    on_progress: Callable[[ReconcileResult], None] | None = None,
) -> ReconcileResult:
    """Reconcile the authentications that a crash left open, or that are live but expired, the oldest first.

    An intent without a response becomes ``failed`` with the ``error_code`` ``answer_lost``: its message may have been
    sent. A live authentication that has expired becomes ``expired``, after the rest of its timeline was fetched from
    the provider. An outage of the provider stops nothing; after several in a row it is skipped.
    Any number of processes on any number of machines may do this at once: each row is reconciled by one of them.

    :param older_than: seconds that an intent may wait for its response; more than the provider's timeouts.
    :param batch: rows read, and held in memory, at once.
    :param limit: rows at most.
    :param dry_run: change nothing, and count what would be reconciled.
    :param on_progress: called after each row with the sums so far. An exception in it ends the run.
    :raises ValueError: for an ``older_than`` that is negative or more than 100 years, a negative ``limit``, or a
        ``batch`` below one.
    """
    if not is_age(older_than) or batch < 1 or (limit is not None and limit < 0):
        raise ValueError("older_than must be between 0 and 100 years, limit 0 or more, batch 1 or more.")
    if dry_run:
        return _count(older_than, limit)
    done = ReconcileResult()
    for one in islice(_reconcile(older_than, batch), limit):
        done += one
        if on_progress:
            on_progress(done)
    return done


def _count(older_than: float, limit: int | None) -> ReconcileResult:
    now = clock.now()
    lost = _unanswered(now, older_than)[:limit].count()
    expired = sum(rows.count() for rows in _expired(now))
    return ReconcileResult(answers_lost=lost, expired=expired if limit is None else min(expired, limit - lost))


def _reconcile(older_than: float, batch: int) -> Iterator[ReconcileResult]:
    """Yield the outcome of each row that this process reconciled."""
    now = clock.now()
    for authentication in _rows(_unanswered(now, older_than), batch):
        if retry_on_conflict(partial(_mark_lost, authentication)):
            _report_lost(authentication)
            yield ReconcileResult(answers_lost=1)
    query = _StatusQuery()
    for rows in _expired(now):
        for authentication in _rows(rows, batch):
            outcome = query.run(authentication)
            if retry_on_conflict(partial(_close, authentication, outcome)):
                yield ReconcileResult(expired=1, skipped=int(not outcome.is_complete))


# Which rows: one status each, so that the index of status and created_at finds them and gives their order.


def _unanswered(now: datetime, older_than: float) -> AuthenticationQuerySet:
    cutoff = now - timedelta(seconds=older_than)
    return Authentication.write_db.filter(status=Authentication.Status.CREATED, created_at__lte=cutoff)


def _expired(now: datetime) -> Iterator[AuthenticationQuerySet]:
    for status in Authentication.LIVE_STATUSES:
        yield Authentication.write_db.filter(status=status, expires_at__lte=now)


def _rows(rows: AuthenticationQuerySet, batch: int) -> Iterator[Authentication]:
    """Yield the rows that still match when their turn comes.

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


# What they become: one conditional UPDATE decides which process does it.


def _mark_lost(authentication: Authentication) -> bool:
    """Record that the response to a send is lost. Its message may be on its way, so the cooldown still applies."""
    changes = {"status": Authentication.Status.FAILED, "error_code": ANSWER_LOST}
    released = {} if authentication.is_cooling(clock.now()) else {"dedup_key": None}
    row = Authentication.write_db.filter(pk=authentication.pk, status=Authentication.Status.CREATED)
    with atomic(savepoint=False):
        if not row.update(**changes, **released):
            return False
        add_event(authentication, Event.Type.ERROR, ANSWER_LOST, data={"operation": "send"})
    set_fields(authentication, **changes, **released)
    return True


def _report_lost(authentication: Authentication) -> None:
    log.write(
        log.PROVIDER_ERROR,
        authentication,
        operation="send",
        error_code=ANSWER_LOST,
        explanation="The process ended before the response came. The message may have been sent.",
    )
    send_failed.send_robust(Authentication, authentication=authentication, error_code=ANSWER_LOST)


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """The provider's record; ``is_complete`` is false when there should be one and isn't, because of ``error_code``."""

    response: StatusResponse | None = None
    is_complete: bool = True
    error_code: str = ""


class _StatusQuery:
    """Asks providers for their records, and skips one that is down."""

    def __init__(self) -> None:
        self._circuit_breaker = CircuitBreaker()

    def run(self, authentication: Authentication) -> _Outcome:
        alias = authentication.backend
        if not authentication.authentication_uuid:
            return _Outcome()
        if self._circuit_breaker.is_open(alias):
            return _Outcome(is_complete=False)
        try:
            response = _status(authentication)
        except DingError as error:
            self._circuit_breaker.record(alias, error)
            return _Outcome(is_complete=False, error_code=error.code)
        except Exception:  # noqa: BLE001
            # A backend that is gone from the settings, or has a bug, must not keep later rows open. It is logged.
            return _Outcome(is_complete=False, error_code="unexpected_error")
        self._circuit_breaker.record(alias)
        return _Outcome(response=response)


def _status(authentication: Authentication) -> StatusResponse | None:
    with provider_call("status", authentication):
        provider = get_backend(authentication.backend)
        if not provider.supports_status:
            return None
        sent = build_sent(authentication)
        response = provider.status(sent)
        check_same_record(sent, response)
    return response


def _close(authentication: Authentication, outcome: _Outcome) -> bool:
    with atomic(savepoint=False):
        if not expire(authentication):
            return False
        if outcome.response:
            merge_status(authentication, outcome.response)
        if outcome.error_code:
            add_event(authentication, Event.Type.ERROR, outcome.error_code, data={"operation": "status"})
    return True
