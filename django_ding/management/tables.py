"""Tables of plain text, and how times read in them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns are as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def local(moment: datetime) -> str:
    """Return a time in the project's time zone: ``2026-06-01 14:30 CEST``."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")


def span(seconds: float) -> str:
    """Return a length of time in its largest units, two at most: ``12 s``, ``4 min 10 s``, ``3 h``, ``90 d 2 h``."""
    left = round(seconds)
    counts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count or counts:
            counts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in counts[:2] if count) or "0 s"


def relative(moment: datetime) -> str:
    """Return a time as seen from now: ``4 min 10 s ago``, ``in 25 s``."""
    seconds = (moment - timezone.now()).total_seconds()
    return f"in {span(seconds)}" if seconds > 0 else f"{span(-seconds)} ago"
