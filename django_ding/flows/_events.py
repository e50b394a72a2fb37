"""How the services write: outside any other transaction, each change of a row together with its event."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connections, router, transaction
from django.dispatch import Signal
from django.utils import timezone

from django_ding.conf import MOST_DAYS
from django_ding.exceptions import DingError
from django_ding.logs import Stopwatch, asking
from django_ding.models import Authentication, Event, PhoneNumber
from django_ding.services import statements

_TRIES = 5

_P = ParamSpec("_P")
_R = TypeVar("_R")


def outside_transaction(service: Callable[_P, _R]) -> Callable[_P, _R]:
    """Refuse to run inside a transaction, where a rollback would undo a count or forget a paid message.

    The transactions that Django's own ``TestCase`` puts around a test don't matter.
    """

    @functools.wraps(service)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        connection = connections[write_alias()]
        blocks = connection.atomic_blocks
        if all(getattr(block, "_from_testcase", False) for block in blocks) and (blocks or connection.get_autocommit()):
            return service(*args, **kwargs)
        raise transaction.TransactionManagementError(
            f"{service.__name__}() can't run inside a transaction: a rollback would undo the count of a check, forget "
            "a message that was paid for, or make a spent proof good again. Call it outside transaction.atomic(); "
            "where ATOMIC_REQUESTS is set, decorate the view with @transaction.non_atomic_requests."
        )

    return guarded


def write_alias() -> str:
    """Return the alias of the database that authentications are written to."""
    return router.db_for_write(Authentication)


def find(**column: Any) -> Authentication | None:
    """Return the row with this value in a unique column."""
    return statements.find(Authentication, **column, using=write_alias())


def short_transaction() -> transaction.Atomic:
    """Return a transaction for a few statements. No savepoint: ``outside_transaction`` saw that it is outermost."""
    return transaction.atomic(using=write_alias(), savepoint=False)


def lock(**which: Any) -> Authentication | None:
    """Return the row as it is now, and keep others from changing it until the end of the transaction."""
    return next(iter(Authentication.objects.using(write_alias()).select_for_update().filter(**which)), None)


def write(authentication: Authentication, **fields: Any) -> None:
    """UPDATE these columns of the row, and the instance with them."""
    statements.update(authentication, fields, using=write_alias())
    adopt(authentication, **fields)


def expire(authentication: Authentication) -> bool:
    """Close a live authentication that is over, unless another request has settled it. Tell whether this did."""
    live = Authentication.objects.using(write_alias()).filter(
        pk=authentication.pk, status__in=Authentication.LIVE_STATUSES
    )
    over = {"status": Authentication.Status.EXPIRED, "slot": None}
    closed = bool(live.update(**over))
    if closed:
        adopt(authentication, **over)
    return closed


def adopt(authentication: Authentication, **fields: Any) -> None:
    """Set on the instance what an UPDATE has just written."""
    for name, value in fields.items():
        setattr(authentication, name, value)


def write_with(
    authentication: Authentication,
    event: Event,
    *,
    where: str = "",
    merging: statements.Merging | None = None,
    besides: statements.Update | None = None,
    durable: bool = True,
    **fields: Any,
) -> bool:
    """UPDATE these columns of the row, where it is so, and INSERT the event of it: both or neither.

    Tell whether it was done. The instance is changed, too.

    :param besides: what else is done then.
    :param durable: ``False`` when it does no harm that a crash of the database's server undoes it.
    """
    written = statements.update_and_insert(
        authentication,
        fields,
        event,
        where=where,
        merging=merging,
        besides=besides,
        durable=durable,
        using=write_alias(),
    )
    if written:
        adopt(authentication, **fields)
    return written


def record(authentication: Authentication, event_type: Event.Type, status: str, **facts: Any) -> None:
    """INSERT an event of now into the authentication's timeline."""
    statements.insert(event_of(authentication, event_type, status, **facts), using=write_alias())


def event_of(authentication: Authentication, event_type: Event.Type, status: str, **facts: Any) -> Event:
    """Return an event of now for the authentication's timeline, to be inserted."""
    return Event(
        authentication_id=authentication.pk,
        type=event_type,
        status=status[:64],
        occurred_at=timezone.now(),
        **facts,
    )


def tell_after_commit(signal: Signal, **arguments: Any) -> None:
    """Send a signal about a user's number once the open transaction, also one of the caller's, is committed."""
    tell = functools.partial(signal.send_robust, PhoneNumber, **arguments)
    transaction.on_commit(tell, using=write_alias())


@contextmanager
def errors_recorded(authentication: Authentication, operation: str) -> Iterator[Stopwatch]:
    """Leave an event of each failure of the provider in the timeline and the log, and let the failure pass."""
    try:
        with asking(operation, authentication) as stopwatch:
            yield stopwatch
    except DingError as error:
        record(authentication, Event.Type.ERROR, error.code, facts={"operation": operation})
        raise


def on_conflict_again(write: Callable[[], _R]) -> _R:
    """Run a short transaction, and again when it collides with another one: on a constraint, or in a deadlock.

    Inside a transaction of the caller's it runs once, since the collision has ended that one.
    """
    tries = 1 if connections[write_alias()].in_atomic_block else _TRIES
    for _ in range(tries - 1):
        try:
            return write()
        except (IntegrityError, OperationalError):
            continue
    return write()


def is_age(seconds: float) -> bool:
    """Tell whether so many seconds can be how old something is: from none to a hundred years."""
    return 0 <= seconds <= MOST_DAYS * 86_400


def seconds_until(moment: datetime | None) -> float:
    """Return the seconds from now to ``moment``; zero when it has passed, or there is none."""
    return max((moment - timezone.now()).total_seconds(), 0.0) if moment else 0.0
