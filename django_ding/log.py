"""What the log is told, on the logger ``django_ding``: each record has a constant message, and its facts in fields.

``docs/logging.md`` lists the kinds of record and their fields for whoever filters and counts them.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR, INFO, WARNING
from pathlib import PurePath
from time import perf_counter
from typing import Any

from django_ding.exceptions import (
    AccountError,
    BackendUnavailable,
    DingError,
    InputError,
    RateLimited,
    UnsupportedOperation,
)
from django_ding.logs.kinds import BLOCK, PROVIDER_ERROR, REFUSAL, Kind
from django_ding.models import Authentication, Block
from django_ding.phone import mask

logger = logging.getLogger("django_ding")

#: What the name of each field begins with, so that it is no attribute of ``LogRecord``, and nobody else's field.
PREFIX = "ding_"

#: Somebody who mistypes a code is nothing to worry about.
_WELL = {"pending", "approved", "valid", "invalid"}


def log(
    kind: Kind,
    about: Authentication | None = None,
    *,
    level: int | None = None,
    exc_info: bool = False,
    **facts: Any,
) -> None:
    """Write a record, unless nobody wants its level.

    :param about: the authentication that it is on.
    :param level: one of the kind's; by default its first.
    :param exc_info: whether to add the traceback of the exception that is being handled, texts included.
    """
    level = level or kind.levels[0]
    if not logger.isEnabledFor(level):
        return
    fields = dict.fromkeys(kind.fields) | _about(about) | facts
    extra = {f"{PREFIX}{name}": value for name, value in {"event": kind.event, **fields}.items()}
    logger.log(level, kind.message, *([fields] if fields else []), exc_info=exc_info, extra=extra)


def answered(kind: Kind, authentication: Authentication, status: str, *, milliseconds: float | None = None) -> None:
    """Tell what became of a send, a retry or a check.

    :param milliseconds: how long the provider took; ``None`` when it was not asked.
    """
    level = INFO if status in _WELL else WARNING
    log(kind, authentication, level=level, status=str(status), milliseconds=milliseconds)


def refused(error: InputError | RateLimited, authentication: Authentication) -> None:
    """Tell what the guard refused, and why."""
    log(REFUSAL, authentication, reason=reason_of(error), retry_after=getattr(error, "retry_after", None))


def reason_of(error: InputError | RateLimited) -> str:
    """Return the guard's reason in a word: the scope of a rate, or the code of what rules a number out."""
    return error.scope if isinstance(error, RateLimited) else error.code


def blocked(block: Block) -> None:
    """Tell that no code goes to a prefix or a country for a while."""
    until = block.expires_at.isoformat(timespec="seconds")
    log(
        BLOCK,
        scope=str(block.scope),
        subject=block.subject,
        until=until,
        sends=block.sends,
        validated=block.validated,
    )


def answer_lost(authentication: Authentication, error_code: str) -> None:
    """Tell that a crash took the answer to a send away."""
    explanation = "The process ended before the answer came. The message may have been sent."
    log(
        PROVIDER_ERROR,
        authentication,
        operation="send",
        error_code=error_code,
        explanation=explanation,
    )


class Stopwatch:
    """Runs from the moment it is made, on a clock that nobody sets."""

    def __init__(self) -> None:
        self._begin = perf_counter()

    @property
    def milliseconds(self) -> float:
        """Return how long it has run."""
        return round((perf_counter() - self._begin) * 1000, 1)


@contextmanager
def asking(operation: str, about: Authentication | None = None, **facts: Any) -> Iterator[Stopwatch]:
    """Time what the provider is asked, tell of its failure, and let that pass.

    :param operation: ``send``, ``check``, ``retry``, ``status``, ``lookup`` or ``feedback``.
    :param about: the authentication that it is asked about.
    :param facts: fields of the record where there is none; ``phone_number`` is masked.
    """
    stopwatch = Stopwatch()
    try:
        yield stopwatch
    except UnsupportedOperation:
        raise  # Nobody was asked.
    except Exception as error:
        number = facts.pop("phone_number", None)
        masked = {"masked_number": mask(number)} if number else {}
        _failed(error, about, operation=operation, milliseconds=stopwatch.milliseconds, **masked, **facts)
        raise


def _failed(error: Exception, about: Authentication | None, **facts: Any) -> None:
    level = WARNING if isinstance(error, InputError) else ERROR
    code = error.code if isinstance(error, DingError) else "unexpected_error"
    log(PROVIDER_ERROR, about, level=level, error_code=code, explanation=_explanation(error), **facts)


def _explanation(error: Exception) -> str:
    """Say in English what a maintainer wants to know. The text of an unexpected error may hold anything."""
    match error:
        case AccountError():
            return str(error)
        case InputError():
            return "The provider refused what the user gave."
        case BackendUnavailable(may_have_executed=True):
            return "The request may have been carried out all the same."
        case BackendUnavailable():
            return "The request was certainly not carried out."
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {PurePath(where.filename).name}, line {where.lineno}."


def _about(authentication: Authentication | None) -> dict[str, Any]:
    if authentication is None:
        return {}
    user_id = authentication.user_id
    return {
        "correlation_id": str(authentication.public_id),
        "authentication_uuid": authentication.authentication_uuid or None,
        "user_id": None if user_id is None else str(user_id),
        "masked_number": authentication.masked_number,
        "purpose": str(authentication.purpose),
        "backend": authentication.backend,
    }
