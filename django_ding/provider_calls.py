"""Requests to a provider: timed and, where they fail, logged."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR, WARNING
from pathlib import PurePath
from time import perf_counter
from typing import TYPE_CHECKING, Any

from django_ding import log
from django_ding.exceptions import (
    BackendRejected,
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    UnsupportedOperation,
)
from django_ding.phone import mask

if TYPE_CHECKING:
    from django_ding.models import Authentication


class Timer:
    """Measures time from its creation on."""

    def __init__(self) -> None:
        self._start = perf_counter()

    @property
    def milliseconds(self) -> float:
        """The time since."""
        return round((perf_counter() - self._start) * 1000, 1)


@contextmanager
def provider_call(operation: str, authentication: "Authentication | None" = None, **values: Any) -> Iterator[Timer]:
    """Time a request to the provider. Log its failure, and raise it again.

    :param operation: ``send``, ``check``, ``retry``, ``status``, ``cancel``, ``lookup``, ``feedback`` or ``send_text``.
    :param values: the record's fields where there is no authentication; ``phone_number`` is masked.
    """
    timer = Timer()
    try:
        yield timer
    except UnsupportedOperation:
        raise  # No request was made.
    except Exception as error:
        number = values.pop("phone_number", None)
        backend = authentication.backend if authentication else values.get("backend")
        masked: dict[str, Any] = {"masked_number": mask(number)} if number else {}
        log.write(
            log.PROVIDER_ERROR,
            authentication,
            level=_level(error, backend),
            operation=operation,
            error_code=error.code if isinstance(error, DingError) else "unexpected_error",
            explanation=_explanation(error),
            milliseconds=timer.milliseconds,
            **masked,
            **values,
        )
        raise


def log_unawaited(error: Exception) -> None:
    """Log errors that no caller receives. Responses that aren't our failure are left out."""
    if not isinstance(error, DingError):
        log.write(log.UNAWAITED_ERROR, explanation=_explanation(error))


def _level(error: Exception, backend: str | None) -> int:
    """Return the level of a failure.

    An error of our account fails each request until the account is fixed, and one record a minute is enough to raise
    the alarm. The others are at WARNING, so that they can still be counted.
    """
    if isinstance(error, InputError | Blocked):
        return WARNING
    return log.repeated_level((backend, error.code)) if isinstance(error, BackendRejected) else ERROR


def _explanation(error: Exception) -> str:
    """Return, in English, what a maintainer needs to know. An unexpected error's own text may hold anything."""
    match error:
        case BackendRejected():
            return str(error)
        case InputError() | Blocked():
            return "The provider rejected the user's input."
        case BackendUnavailable(may_have_executed=True):
            return "The request may have been executed."
        case BackendUnavailable():
            return "The request was not executed."
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {PurePath(frame.filename).name}, line {frame.lineno}."
