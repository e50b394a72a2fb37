"""What the commands have in common: how they end, and how they answer."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError, DataError, IntegrityError
from django.utils import translation

from django_ding.exceptions import DingError, InputError, InvalidCode, InvalidPhoneNumber, RateLimited

#: Exit codes, documented in ``docs/commands.md``. 2 is argparse's, too, for a command line that makes no sense.
INCOMPLETE = 1
USAGE = 2
UNUSABLE = 3
INTERRUPTED = 130


class Problem(CommandError):
    """Why a command did not do what it was asked to.

    :param code: stable, for programs; the text ends with it.
    :param returncode: the exit code.
    :param retry_after: seconds after which it may work, where that is known.
    """

    def __init__(
        self, message: str, *, code: str, returncode: int = INCOMPLETE, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{message} ({code})", returncode=returncode)
        self.facts = {"code": code, "detail": message, "retry_after": retry_after}


class DingCommand(BaseCommand):
    """A command that answers people in English or programs in JSON, and whose exit code tells how it ended."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        :raises Problem: with the exit code, when it can't do what it was asked to. In JSON it was told by then.
        """
        try:
            with translation.override(None), _problems():
                return super().execute(*args, **options)
        except Problem as problem:
            if options.get("json"):
                self.stdout.write(json.dumps({"error": problem.facts}))
            raise

    def answer(self, facts: Any, lines: Iterable[str], *, as_json: bool) -> None:
        """Write the result to standard output: ``facts`` for programs, or ``lines`` for people."""
        self.stdout.write(json.dumps(facts, default=str) if as_json else "\n".join(lines))


@contextmanager
def _problems() -> Iterator[None]:
    """Give each failure that can be expected its exit code."""
    try:
        yield
    except DingError as error:
        retry_after = getattr(error, "retry_after", None)
        raise Problem(str(error), code=error.code, returncode=_exit_code(error), retry_after=retry_after) from error
    except DatabaseError as error:
        raise Problem(_told(error), code="database_unusable", returncode=UNUSABLE) from error
    except SystemCheckError as error:
        raise Problem(str(error), code="system_check_failed", returncode=UNUSABLE) from error
    except ImproperlyConfigured as error:
        raise Problem(str(error), code="improperly_configured", returncode=UNUSABLE) from error


def _told(error: DatabaseError) -> str:
    """Return what the database said, or a sentence in its place where that may hold a phone number."""
    match error:
        case IntegrityError():
            return "The database refused a change that breaks one of its constraints."
        case DataError():
            return "The database refused a value that one of its columns can't hold."
    return str(error)


def _exit_code(error: DingError) -> int:
    if isinstance(error, InvalidPhoneNumber | InvalidCode):
        return USAGE
    return INCOMPLETE if isinstance(error, InputError | RateLimited) else UNUSABLE
