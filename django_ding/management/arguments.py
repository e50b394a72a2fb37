"""What the commands understand on their command lines."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date

from django_ding.backends import DEFAULT_ALIAS

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST = 3650 * 86_400
_LONGEST_NAME = 32


def duration(text: str) -> float:
    """Return the seconds of ``60``, ``90s``, ``10m``, ``2h`` or ``1d``; ten years at most.

    :raises ArgumentTypeError: for anything else.
    """
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else _LONGEST + 1
    if seconds > _LONGEST:
        raise ArgumentTypeError(f"{text!r} is not a duration. Write seconds, or 90s, 10m, 2h, 1d.")
    return seconds


def whole_number(*, least: int, most: int = 10**12) -> Callable[[str], int]:
    """Return a type for arguments that are whole numbers of at least, and at most, so much."""
    bounds = f"{least} or more" if most == 10**12 else f"{least} to {most}"

    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most:
            return int(text)
        raise ArgumentTypeError(f"{text!r} is not a whole number of {bounds}.")

    return parse


def day(text: str) -> date:
    """Return the day of ``2026-06-01``.

    :raises ArgumentTypeError: for anything else.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day. Write it as 2026-06-01.") from None


def name(text: str) -> str:
    """Return a name of 1 to 32 characters, such as that of a purpose.

    :raises ArgumentTypeError: for another text.
    """
    if 0 < len(text) <= _LONGEST_NAME:
        return text
    raise ArgumentTypeError(f"{text!r} is not a name of 1 to {_LONGEST_NAME} characters.")


def add_id(parser: ArgumentParser) -> None:
    """Add the authentication that a command is about."""
    parser.add_argument("id", metavar="ID", help="the id of an authentication, this project's or the provider's")


def add_region(parser: ArgumentParser) -> None:
    """Add ``--region``."""
    parser.add_argument("--region", help='country of a number without +, such as FR (DING["DEFAULT_REGION"])')


def add_backend(parser: ArgumentParser) -> None:
    """Add ``--backend``."""
    parser.add_argument("--backend", default=DEFAULT_ALIAS, metavar="ALIAS", help="which backend is used (default)")


def add_json(parser: ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="answer in JSON")
