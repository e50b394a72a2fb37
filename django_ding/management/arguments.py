"""What the commands understand on their command lines."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST = 3650 * 86_400


def duration(text: str) -> float:
    """Return the seconds of ``60``, ``90s``, ``10m``, ``2h`` or ``1d``; ten years at most.

    :raises ArgumentTypeError: for anything else.
    """
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else _LONGEST + 1
    if seconds > _LONGEST:
        raise ArgumentTypeError(f"{text!r} is not a duration. Write seconds, or 90s, 10m, 2h, 1d.")
    return seconds


def whole_number(*, least: int) -> Callable[[str], int]:
    """Return a type for arguments that are whole numbers of at least so much."""

    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) >= least:
            return int(text)
        raise ArgumentTypeError(f"{text!r} is not a whole number of {least} or more.")

    return parse
