"""What the commands share: their arguments, how they answer, and their exit codes."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError, DataError, IntegrityError
from django.utils import translation

from django_ding.exceptions import Blocked, DingError, InputError, InvalidCode, InvalidPhoneNumber, RateLimited

#: Exit codes, documented in ``docs/commands.md``. argparse uses 2 as well, for options that it cannot parse.
INCOMPLETE = 1
USAGE = 2
UNAVAILABLE = 3
INTERRUPTED = 130

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_MAX_DURATION = 3650 * 86_400
_MAX_INTEGER = 10**12
_MAX_NAME_LENGTH = 32


class DingCommandError(CommandError):
    """A command failed.

    :param code: stable, for programs; the message ends with it.
    :param returncode: the exit code.
    :param retry_after: seconds after which the command may succeed, if known.
    """

    def __init__(
        self, message: str, *, code: str, returncode: int = INCOMPLETE, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{message} ({code})", returncode=returncode)
        self.data = {"code": code, "detail": message, "retry_after": retry_after}


class DingCommand(BaseCommand):
    """A command that answers people in English, or programs in JSON, and has one exit code per kind of failure."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        :raises DingCommandError: for every failure that can be expected. With ``--json`` it is also written to
            standard output.
        """
        try:
            # Django's no_translations covers only handle(), but the messages of errors are translated later.
            with translation.override(None), _translated_errors():
                return super().execute(*args, **options)
        except DingCommandError as error:
            if options.get("json"):
                self.stdout.write(json.dumps({"error": error.data}))
            raise

    def write_result(self, options: dict[str, Any], data: Any, *lines: str) -> None:
        """Write the result to standard output: ``data`` with ``--json``, otherwise the lines."""
        self.stdout.write(json.dumps(data, default=str) if options["json"] else "\n".join(lines))


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise a DingCommandError for each error that says what went wrong. A bug keeps its traceback."""
    try:
        yield
    except DingError as error:
        retry_after = getattr(error, "retry_after", None)
        raise DingCommandError(
            str(error), code=error.code, returncode=_exit_code(error), retry_after=retry_after
        ) from error
    except DatabaseError as error:
        raise DingCommandError(_safe_message(error), code="database_unusable", returncode=UNAVAILABLE) from error
    except SystemCheckError as error:
        raise DingCommandError(str(error), code="system_check_failed", returncode=UNAVAILABLE) from error
    except ImproperlyConfigured as error:
        raise DingCommandError(str(error), code="improperly_configured", returncode=UNAVAILABLE) from error


def _exit_code(error: DingError) -> int:
    # Most specific first: an InvalidPhoneNumber is an InputError, too, but the caller's rather than the provider's.
    if isinstance(error, InvalidPhoneNumber | InvalidCode):
        return USAGE
    return INCOMPLETE if isinstance(error, InputError | RateLimited | Blocked) else UNAVAILABLE


def _safe_message(error: DatabaseError) -> str:
    """Return the database's message, or one of ours where the database quotes values, such as phone numbers."""
    match error:
        # PostgreSQL: "Key (phone_number)=(+33612345678) already exists."
        case IntegrityError():
            return "The database rejected a change that violates one of its constraints."
        case DataError():
            return "The database rejected a value that does not fit its column."
    return str(error)


# Types of arguments. argparse shows the message of an ArgumentTypeError as it is.


def duration(text: str) -> float:
    """Return the seconds in ``60``, ``90s``, ``10m``, ``2h`` or ``1d``; ten years at most.

    :raises ArgumentTypeError: for anything else.
    """
    # The pattern bounds the digits, since float() would return infinity for many, and a minus is no duration.
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else _MAX_DURATION + 1
    if seconds > _MAX_DURATION:
        raise ArgumentTypeError(f"{text!r} is not a duration. Use seconds, or 90s, 10m, 2h, 1d.")
    return seconds


def whole_number(minimum: int, maximum: int = _MAX_INTEGER) -> Callable[[str], int]:
    """Return an argument type that accepts the whole numbers from ``minimum`` to ``maximum``."""
    bounds = f"{minimum} or more" if maximum == _MAX_INTEGER else f"{minimum} to {maximum}"

    def parse(text: str) -> int:
        # int() alone takes "1_000", " 7 " and the digits of other scripts, and minutes for a million digits.
        if text.isascii() and text.isdigit() and len(text) <= 12 and minimum <= int(text) <= maximum:
            return int(text)
        raise ArgumentTypeError(f"{text!r} is not a whole number of {bounds}.")

    return parse


def day(text: str) -> date:
    """Return the day of ``2026-06-01``.

    :raises ArgumentTypeError: for anything else.
    """
    try:
        # Its ValueError would reach the user as argparse's "invalid day value", which doesn't say what is valid.
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day. Use a date such as 2026-06-01.") from None


def name(text: str) -> str:
    """Return a name of 1 to 32 characters, such as that of a purpose.

    :raises ArgumentTypeError: for an empty or longer text.
    """
    # The column's length. The service refuses a longer one, too, but with a ValueError: a bug of the caller's.
    if 0 < len(text) <= _MAX_NAME_LENGTH:
        return text
    raise ArgumentTypeError(f"{text!r} is not a name of 1 to {_MAX_NAME_LENGTH} characters.")


# Arguments that several commands have.


def add_id(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a verification's ID in this project, or the provider's")


def add_region(parser: ArgumentParser) -> None:
    parser.add_argument("--region", help='country of a number without +, such as FR (default: DING["DEFAULT_REGION"])')


def add_backend(parser: ArgumentParser) -> None:
    parser.add_argument("--backend", metavar="ALIAS", help='alias of the backend (default: DING["DEFAULT_BACKEND"])')
