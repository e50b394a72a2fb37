"""Lists and look-ups that stay quick over ten million rows.

A list is answered by one index, or reads a bounded number of the newest rows.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connections, models, router
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _

#: Closed, so that the filters fit above the list; open, they would be longer than a page.
FILTER_TEMPLATE = "admin/django_ding/filter.html"


class ColumnFilter(SimpleListFilter):
    """Keep the rows with a value in a column.

    :cvar has_index: whether an index yields the column's rows from the newest to the oldest.
    :ivar uses_index: whether the database may use that index.
    """

    has_index = False
    template = FILTER_TEMPLATE
    uses_index = True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the chosen value."""
        if self.value() is None:
            return queryset
        column = str(self.parameter_name)
        if self.uses_index:
            return queryset.filter(**{column: self.value()})
        # An expression no index matches: beside another filter's index, scanning this one would be wasted.
        return queryset.filter(Exact(Concat(column, Value("")), self.value()))


class BoundedChangeList(ChangeList):
    """Filter by one index, with or without a date, and by everything else among the newest rows of that.

    :cvar max_scanned: newest rows that are scanned for what no index finds.
    :cvar max_scanned_filtered: the same for rows that another filter left.
    :ivar oldest_scanned_at: how far back the scan went, ``None`` if it covered all rows.
    """

    max_scanned = 50_000
    # Rows that an index picked don't lie side by side on the disk, so each costs more.
    max_scanned_filtered = 10_000
    oldest_scanned_at: datetime | None = None

    def get_filters(self, request: HttpRequest) -> Any:
        """Let the first filter with an index use it, and none after it."""
        result = super().get_filters(request)
        active, indexed = _active_filters(result[0])
        for spec in active:
            spec.uses_index = spec is indexed
        return result

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the filtered rows, as far back as they are scanned."""
        rows = super().get_queryset(request, exclude_parameters)
        active, indexed = _active_filters(self.filter_specs)
        if all(spec is indexed for spec in active):
            return rows
        self.oldest_scanned_at = self._get_oldest_scanned_at(request, indexed)
        if self.oldest_scanned_at is None:
            return rows
        return rows.filter(**{f"{self._date_field}__gte": self.oldest_scanned_at})

    def _get_oldest_scanned_at(self, request: HttpRequest, indexed: ColumnFilter | None) -> datetime | None:
        rows: Any = indexed.queryset(request, self.root_queryset) if indexed else self.root_queryset
        for spec in self.filter_specs:
            if isinstance(spec, DateFieldListFilter):
                rows = spec.queryset(request, rows)
        limit = self.max_scanned_filtered if indexed else self.max_scanned
        newest = rows.order_by(f"-{self._date_field}").values_list(self._date_field, flat=True)
        return next(iter(newest[limit : limit + 1]), None)

    @property
    def _date_field(self) -> str:
        return str(self.model_admin.date_field)  # type: ignore[attr-defined]


class ExportChangeList(BoundedChangeList):
    """The filtered rows without pages, so that nothing is counted."""

    def get_results(self, request: HttpRequest) -> None:
        """Skip pagination."""


_ESTIMATES = {
    # -1 for a table that was never analyzed.
    "postgresql": "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)",
    "mysql": "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
}


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # It takes no parameter at run time.
    """Pages over the first ``max_rows`` rows of a query, without counting any further.

    :cvar max_rows: how far the pages go. A date or another filter leads to older rows.
    """

    max_rows = 10_000
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """The rows that have a page."""
        return min(self._bounded_count, self.max_rows)

    @cached_property
    def total(self) -> str:
        """The number of all rows: exact up to ``max_rows``, an estimate of a whole table, or "more than"."""
        if self._bounded_count <= self.max_rows:
            return formats.number_format(self._bounded_count, force_grouping=True)
        # The statistics of the database know whole tables only.
        estimate = None if self.object_list.query.where else self.estimated_table_size
        if estimate and estimate > self.max_rows:
            rounded = round(estimate, 3 - len(str(estimate)))  # The digits after the third one mean nothing.
            return _("about %(count)s") % {"count": formats.number_format(rounded, force_grouping=True)}
        return _("more than %(count)s") % {"count": formats.number_format(self.max_rows, force_grouping=True)}

    @cached_property
    def _bounded_count(self) -> int:
        rows: int = self.object_list.order_by()[: self.max_rows + 1].count()
        return rows

    @property
    def estimated_table_size(self) -> int | None:
        """The rows of the whole table as the database's statistics have them; ``None`` without statistics."""
        connection = connections[self.object_list.db]
        statement = _ESTIMATES.get(connection.vendor)
        if statement is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.object_list.model._meta.db_table])
            (count,) = cursor.fetchone() or (None,)
        return None if count is None or count < 0 else int(count)


_DISTINCT = "SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL ORDER BY {name}"
_DISTINCT_BY_STEPS = (
    "WITH RECURSIVE seen(value) AS (SELECT MIN({name}) FROM {table} UNION ALL "
    "SELECT (SELECT MIN({name}) FROM {table} WHERE {name} > seen.value) FROM seen WHERE seen.value IS NOT NULL"
    ") SELECT value FROM seen WHERE value IS NOT NULL"
)


def distinct_values(model: type[models.Model], column: str) -> list[Any]:
    """Return the values of a column that an index begins with, sorted, without ``NULL``."""
    connection = connections[router.db_for_read(model)]
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(model._meta.get_field(column).column)  # type: ignore[union-attr,arg-type]
    # From each value to the next larger one by the index. MariaDB and MySQL do that for DISTINCT, and read the whole
    # index at each step of the recursion. The others read all of it for DISTINCT.
    statement = _DISTINCT if connection.vendor == "mysql" else _DISTINCT_BY_STEPS
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table, name=name))
        return [value for (value,) in cursor.fetchall()]


def join_keys(keys: Iterable[Any]) -> str:
    """Return primary keys for a URL, which :func:`split_keys` reads. A text may have commas of its own."""
    return ",".join(quote(str(key)) for key in keys)


def split_keys(text: str) -> list[str]:
    """Return the texts of the keys that :func:`join_keys` joined."""
    return [unquote(key) for key in text.split(",")]


def filter_by_keys(rows: QuerySet[Any], texts: Iterable[str]) -> QuerySet[Any]:
    """Keep the rows with these primary keys from a URL, which are untrusted input. Invalid keys are ignored."""
    # One condition each: unlike "in", an exact look-up of a number too large for the column finds nothing.
    conditions = []
    for text in texts:
        with suppress(ValidationError):
            conditions.append(Q(pk=rows.model._meta.pk.to_python(text)))
    return rows.filter(reduce(or_, conditions)) if conditions else rows.none()


def _active_filters(specs: Iterable[Any]) -> tuple[list[ColumnFilter], ColumnFilter | None]:
    """Return the filters with a value, and the first of them that has an index."""
    active = [spec for spec in specs if isinstance(spec, ColumnFilter) and spec.value() is not None]
    return active, next((spec for spec in active if spec.has_index), None)
