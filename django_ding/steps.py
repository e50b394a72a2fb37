"""Use cases in steps, so that an asynchronous caller waits for the provider without keeping a thread of the project's.

A use case that calls the provider is a generator: it yields each call, which may take seconds, and gets the result. A
synchronous caller makes the call in its place. For an asynchronous one the steps, with all queries, run in asgiref's
thread-sensitive thread, and the calls in threads of this module's.

Nothing less will do. The thread-sensitive thread is one for all tasks of a request, and outside of requests one for the
process: a use case that waits in it for a second keeps all queries of the project's waiting, and fifty take fifty
seconds. Whole use cases in threads of their own would need fifty more database connections, without what the project
has set on its own: the schema of a tenant, a role, the transaction of a ``TestCase``.
"""

import functools
import inspect
import os
import threading
from asyncio import CancelledError
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections
from django.views.decorators.debug import sensitive_variables

from django_ding.conf import ding_settings
from django_ding.error_reports import clearing_variables
from django_ding.provider_calls import log_unawaited

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)

#: What yields calls to the provider, and returns the result of the use case.
Steps: TypeAlias = Generator[Callable[[], Any], Any, _R]

#: How many calls the asynchronous callers of a process make at once; others wait. As many connections are pooled.
MAX_CALLS = 64
_MAX_FINISHING = 8


class InSteps(Protocol[_P, _R_co]):
    """A function that makes its calls in place, and has the generator function for those who don't."""

    @property
    def steps(self) -> Callable[_P, Steps[_R_co]]: ...

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R_co: ...


def in_steps(use_case: Callable[_P, Steps[_R]]) -> InSteps[_P, _R]:
    """Return a generator function as an ordinary function, with itself as the attribute ``steps``."""

    @functools.wraps(use_case)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        run = _Run(functools.partial(use_case, *args, **kwargs))
        run.take_all_turns()
        return run.result

    wrapper.steps = use_case  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def steps_of(service: Callable[_P, _R]) -> Callable[_P, Steps[_R]]:
    """Return the generator function of a service; of one that makes no calls, one that has a single step."""

    def single_step(*args: _P.args, **kwargs: _P.kwargs) -> Steps[_R]:
        yield from ()
        return service(*args, **kwargs)

    return getattr(service, "steps", single_step)


def run_afterwards(follower: Callable[[], Steps[None]]) -> None:
    """Run further steps: for an asynchronous caller after those of the service, within which their calls would wait.

    :param follower: makes the steps, which change nothing in the result of the service.
    """
    run = _current.get()
    if run is None or run.is_over:
        _Run(follower).take_all_turns()
    else:
        run.followers.append(follower)


class _Run(Generic[_R]):
    """One run of a use case, by turns: a step, the call that it yields, the next step … Each may be in another thread.

    :ivar result: what the use case returned, once all turns are taken.
    """

    result: _R

    def __init__(self, start: Callable[[], Steps[_R]]) -> None:
        self._turns = self._take_turns(start)

    def _take_turns(self, start: Callable[[], Steps[_R]]) -> Generator[None]:
        steps = start()
        go_on = functools.partial(next, steps)
        try:
            while True:
                call = go_on()
                _release_connections()
                yield
                try:
                    go_on = functools.partial(steps.send, call())
                except BaseException as error:  # noqa: BLE001 - it is the use case's, which waits for the result.
                    go_on = functools.partial(steps.throw, error)
                yield
        except StopIteration as end:
            self.result = end.value

    def take_turn(self) -> None:
        with clearing_variables():
            next(self._turns, None)

    def take_all_turns(self) -> None:
        while not self.is_over:
            self.take_turn()

    @property
    def is_over(self) -> bool:
        return inspect.getgeneratorstate(self._turns) == inspect.GEN_CLOSED


@sensitive_variables()
async def run_steps(start: Callable[[], Steps[_R]]) -> _R:
    """Run a use case for an asynchronous caller, and return its result.

    To cancel the caller doesn't stop what has begun, as it stops no thread: a message that was paid for is recorded.
    What is left is done in a thread of this module's, since the caller's request and its thread may be over.

    :param start: makes the steps.
    """
    run = _AsyncRun(start)
    token = _current.set(run)
    try:
        await sync_to_async(run.step)()
        while not run.is_over:
            await sync_to_async(run.call, thread_sensitive=False, executor=_callers)()
            await sync_to_async(run.step)()
    except CancelledError:
        run.is_cancelled = True
        _finishers.submit(copy_context().run, run.finish)
        raise
    finally:
        _current.reset(token)
    return run.result


class _AsyncRun(_Run[_R]):
    """A run whose turns are taken in threads, one after the other."""

    is_cancelled = False

    def __init__(self, start: Callable[[], Steps[_R]]) -> None:
        super().__init__(functools.partial(self._with_followers, start))
        self.followers: list[Callable[[], Steps[None]]] = []
        self._lock = threading.Lock()

    def _with_followers(self, start: Callable[[], Steps[_R]]) -> Steps[_R]:
        try:
            return (yield from start())
        finally:
            for follower in self.followers:
                try:
                    yield from follower()
                except Exception as error:  # noqa: BLE001 - as after a commit, it must not hide what was done.
                    log_unawaited(error)

    @sensitive_variables()
    def step(self) -> None:
        with self._turn():
            self.take_turn()
            if _is_in_transaction():
                self.take_all_turns()

    @sensitive_variables()
    def call(self) -> None:
        with self._turn(), _closing_connections():
            self.take_turn()

    @sensitive_variables()
    def finish(self) -> None:
        """Take the turns that are left, unless the first one is."""
        with self._turn(), _closing_connections():
            if inspect.getgeneratorstate(self._turns) == inspect.GEN_CREATED:
                self._turns.close()
            self.take_all_turns()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except Exception as error:
                if self.is_cancelled:  # No caller receives it.
                    log_unawaited(error)
                raise


_current: ContextVar[_AsyncRun[Any] | None] = ContextVar("django_ding_current_run", default=None)


def _is_in_transaction() -> bool:
    """Return whether one is open in this thread. What it has written is seen by no other, as in a ``TestCase``."""
    return any(connection.in_atomic_block for connection in connections.all(initialized_only=True))


def _release_connections() -> None:
    """Close this thread's connections, or return them to their pool, if the project wants it: the call takes seconds.

    Those with an open transaction stay, as in a ``TestCase``, and those whose commits are the project's own.
    """
    if ding_settings.RELEASE_CONNECTIONS:
        for connection in connections.all(initialized_only=True):
            if connection.autocommit and not connection.in_atomic_block:
                connection.close()


@contextmanager
def _closing_connections() -> Iterator[None]:
    """Close the thread's own connections, which no request of the project's would: a gateway may query."""
    try:
        yield
    finally:
        connections.close_all()


def _make_threads() -> None:
    """Make the pools, which start their threads when they are needed. A forked process would wait for its parent's."""
    global _callers, _finishers
    _callers = ThreadPoolExecutor(MAX_CALLS, thread_name_prefix="django_ding-call")
    # Others, since asgiref would have the callers' reach for the loop of their last caller, which may be closing.
    _finishers = ThreadPoolExecutor(_MAX_FINISHING, thread_name_prefix="django_ding-finish")


_callers: ThreadPoolExecutor
_finishers: ThreadPoolExecutor
_make_threads()
if hasattr(os, "register_at_fork"):  # Not on Windows.
    os.register_at_fork(after_in_child=_make_threads)
