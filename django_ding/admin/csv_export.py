"""Tables as CSV files, streamed."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse

from django_ding.admin.display import format_user
from django_ding.phone import mask
from django_ding.typed import simplify

#: Columns of a file by their names: what each holds of a row.
Columns = Mapping[str, Callable[[Any], Any]]

#: What spreadsheets take for the start of a formula. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[\s\x00-\x1f\x7f-\x9f]*[=+\-@]|[\t\r\n]")


class _Echo:
    """A file that returns what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_response(name: str, header: Iterable[str], batches: Iterable[Iterable[Iterable[Any]]]) -> StreamingHttpResponse:
    """Return a table as a file.

    :param name: of the file, without its suffix.
    :param batches: lists of rows, each of which is sent as one chunk.
    """

    def stream() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield writer.writerow(header)
        for batch in batches:
            yield "".join(writer.writerow(map(_format, row)) for row in batch)

    response = StreamingHttpResponse(stream(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # The file may hold phone numbers.
    response.headers["Cache-Control"] = "no-store, private"
    return response


def read_batches(rows: QuerySet[Any], columns: Columns, *, date_field: str, size: int) -> Iterator[list[list[Any]]]:
    """Yield the cells of rows, the newest first, ``size`` rows at a time, so that memory stays flat."""
    rows = rows.order_by(f"-{date_field}", "-pk")
    batch = list(rows[:size])
    while batch:
        yield [[read(row) for read in columns.values()] for row in batch]
        if len(batch) < size:
            break
        last = batch[-1]
        moment = getattr(last, date_field)
        # From the last key on and no OFFSET, which would read all rows before it for each batch.
        older = Q(**{f"{date_field}__lt": moment}) | Q(pk__lt=last.pk)
        batch = list(rows.filter(older, **{f"{date_field}__lte": moment})[:size])


def model_columns(names: Iterable[str], *, full: bool) -> Columns:
    """Return columns of verifications or blocked requests, with full phone numbers or masked ones."""
    readers: Columns = {
        "phone_number": lambda row: row.phone_number if full else mask(row.phone_number),
        "user": lambda row: format_user(row.user, full=full) if row.user else "",
        "retries": attrgetter("retry_count"),
        "checks": attrgetter("check_count"),
    }
    return {name: readers.get(name) or attrgetter(name) for name in names}


def _format(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case Decimal():
            return f"{value.normalize():f}"
        case float():
            return str(round(value, 4))
        case int():
            return str(value)  # A negative number isn't a formula.
    text = str(value)
    # An apostrophe makes a spreadsheet show the text, such as the prefix +3361234, and compute nothing.
    # Some take full-width characters for ASCII, and skip invisible ones.
    return f"'{text}" if _FORMULA.match(text if text.isascii() else simplify(text)) else text
