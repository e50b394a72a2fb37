"""Transactions: what must not run inside one, and how this app's own short ones behave.

A rollback would undo the count of a check or forget a message that was paid for. So the services refuse to run inside a
transaction of the caller's, and the views that call them are exempt from ``ATOMIC_REQUESTS``.
"""

import functools
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connections, transaction
from django.db.models import Model
from django.dispatch import Signal
from django.utils.module_loading import import_string

from django_ding.models.base import write_alias
from django_ding.urlconf import find_views

_P = ParamSpec("_P")
_R = TypeVar("_R")
_V = TypeVar("_V", bound=Callable[..., Any])

_TRIES = 6
_PAUSE_SECONDS = 0.03


def outside_transaction(service: Callable[_P, _R]) -> Callable[_P, _R]:
    """Refuse to run inside a transaction. Those that Django's ``TestCase`` opens around a test are allowed."""

    @functools.wraps(service)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        connection = connections[write_alias()]
        blocks = connection.atomic_blocks
        if all(getattr(block, "_from_testcase", False) for block in blocks) and (blocks or connection.get_autocommit()):
            return service(*args, **kwargs)
        middleware = "".join(
            f" {path} in MIDDLEWARE opens one around each request: use a subclass with atomic = False."
            for path in find_atomic_middleware(write_alias())
        )
        raise transaction.TransactionManagementError(
            f"{service.__name__}() can't run inside a transaction: a rollback would undo the count of a check, forget "
            "a message that was paid for, or make a spent proof valid again. Call it outside transaction.atomic(); "
            f"where ATOMIC_REQUESTS is set, decorate the view with @transaction.non_atomic_requests.{middleware}"
        )

    return wrapper


def find_atomic_middleware(alias: str) -> Iterator[str]:
    """Yield the path of each middleware that has requests run in a transaction of a database.

    It is found by the attributes ``atomic`` and ``using``, which django-reversion's has.
    """
    for path in settings.MIDDLEWARE:
        try:
            middleware = import_string(path)
        except Exception:  # noqa: BLE001, S112 - importing it raises anything. Django reports it when it serves.
            continue
        using = getattr(middleware, "using", None) or DEFAULT_DB_ALIAS
        if getattr(middleware, "atomic", False) is True and using == alias:
            yield path


def atomic(*, savepoint: bool = True) -> transaction.Atomic:
    """Return a transaction of the database that authentications are written to.

    :param savepoint: ``False`` inside a service that ``outside_transaction`` guards, which needs no savepoint.
    """
    return transaction.atomic(using=write_alias(), savepoint=savepoint)


def retry_on_conflict(write: Callable[[], _R]) -> _R:
    """Run a short transaction, and run it again when it collides with another: on a constraint, or in a deadlock.

    Inside a transaction of the caller's it runs once, since the collision has ended that one.
    """
    if connections[write_alias()].in_atomic_block:
        return write()
    for pause in conflict_pauses():
        try:
            return write()
        except (IntegrityError, OperationalError):
            time.sleep(pause)
    return write()


def conflict_pauses() -> Iterator[float]:
    """Yield the seconds to wait after each try of a write that may collide with others, but for the last.

    None after the first. Then longer and longer ones of a random length: those that have collided would collide again
    if all of them went on at once.
    """
    for number in range(_TRIES - 1):
        yield random.uniform(0, _PAUSE_SECONDS * number)  # noqa: S311 - not a secret


def send_on_commit(signal: Signal, sender: type[Model], **arguments: Any) -> None:
    """Send a signal once the open transaction, the caller's included, has committed."""
    transaction.on_commit(functools.partial(signal.send_robust, sender, **arguments), using=write_alias())


def non_atomic(view: _V) -> _V:
    """Exempt a view function from ``ATOMIC_REQUESTS`` on every database."""
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


class NonAtomicView:
    """A mixin that exempts a class-based view from ``ATOMIC_REQUESTS``.

    A decorator around the view may lose the exemption. The system check ``django_ding.E008`` finds such views.
    """

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, marked as non-atomic for every database."""
        return non_atomic(super().as_view(**initkwargs))  # type: ignore[misc]


def find_atomic_views(patterns: list[Any], alias: str) -> Iterator[tuple[str, str]]:
    """Yield the route and the class name of each ``NonAtomicView`` that lost its exemption for a database.

    :param patterns: of a URLconf; included ones are searched as well.
    """
    for view in find_views(patterns, NonAtomicView):
        if alias not in getattr(view.callback, "_non_atomic_requests", ()):
            yield view.route, view.view_class.__qualname__
