"""Pages of a long table without counting its rows."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

#: How far the pages of a list go. A day or another filter leads to what is older.
MOST = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # It takes no parameter at run time.
    """Pages over the first ``MOST`` rows of a query, of which no more are counted."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """The rows that can be paged to."""
        return min(self._seen, MOST)

    @cached_property
    def total(self) -> str:
        """All rows in words: how many they are, about how many a whole table has, or that they are too many."""
        if self._seen <= MOST:
            return formats.number_format(self._seen, force_grouping=True)
        about = None if self.object_list.query.where else estimated_count(self.object_list)
        if about and about > MOST:
            return _("about %(count)s") % {"count": formats.number_format(_rounded(about), force_grouping=True)}
        return _("more than %(count)s") % {"count": formats.number_format(MOST, force_grouping=True)}

    @cached_property
    def _seen(self) -> int:
        rows: int = self.object_list.order_by()[: MOST + 1].count()
        return rows


def estimated_count(rows: QuerySet[Any]) -> int | None:
    """Return about how many rows the table of a query has, as the database's statistics know; ``None`` without any."""
    statement = _ESTIMATES.get(connections[rows.db].vendor)
    if statement is None:
        return None
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, [rows.model._meta.db_table])
        (count,) = cursor.fetchone() or (None,)
    return None if count is None or count < 0 else int(count)


_ESTIMATES = {
    # -1 for a table that was never analyzed.
    "postgresql": "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)",
    "mysql": "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
}


def _rounded(count: int) -> int:
    """Return a count to three digits, since the rest of an estimate says nothing."""
    return round(count, 3 - len(str(count)))
