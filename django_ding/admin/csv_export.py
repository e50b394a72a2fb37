"""A list as CSV, streamed: in batches from one key to the next, so that memory stays flat however long it is."""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse

#: What a column holds of a row.
Reader = Callable[[Any], Any]

_BATCH = 1000
#: What a spreadsheet takes for the beginning of a formula. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: QuerySet[Any], columns: Mapping[str, Reader], *, moment: str) -> StreamingHttpResponse:
    """Return the answer with these rows, the newest first.

    :param columns: what each column holds of a row, by its name.
    :param moment: the field of the time that tells which rows are newer, such as ``"created_at"``.
    """
    response = StreamingHttpResponse(lines(rows, columns, moment=moment), content_type="text/csv; charset=utf-8")
    name = rows.model._meta.model_name
    response.headers["Content-Disposition"] = f'attachment; filename="{name}s.csv"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def lines(rows: QuerySet[Any], columns: Mapping[str, Reader], *, moment: str) -> Iterator[str]:
    """Yield the header, and the rows batch by batch."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for batch in _batches(rows, moment):
        table = ([_cell(read(row)) for read in columns.values()] for row in batch)
        yield "".join(writer.writerow(line) for line in table)


def harmless(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would compute, such as the prefix ``+3361234``."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _batches(rows: QuerySet[Any], moment: str) -> Iterator[list[Any]]:
    rows = rows.order_by(f"-{moment}", "-pk")
    batch = list(rows[:_BATCH])
    yield batch
    while len(batch) == _BATCH:
        last = batch[-1]
        at = getattr(last, moment)
        older = Q(**{f"{moment}__lt": at}) | Q(pk__lt=last.pk)
        batch = list(rows.filter(older, **{f"{moment}__lte": at})[:_BATCH])
        yield batch


def _cell(value: Any) -> str:
    """Return a value as text."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case Decimal():
            return f"{value.normalize():f}"
    return harmless(str(value))
