"""Tables as CSV."""

import csv
from typing import Any

from django.http import HttpResponse

from django_ding.admin.exporting import harmless
from django_ding.admin.statistics.periods import Period
from django_ding.admin.statistics.tables import Table


def csv_response(table: Table, *, name: str, period: Period) -> HttpResponse:
    """Answer with a table as a file, whose name tells the days."""
    filename = f"{name}-{period.since.isoformat()}-{period.until.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return response


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return harmless(value) if isinstance(value, str) else value
