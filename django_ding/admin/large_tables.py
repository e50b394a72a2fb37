"""Lists of a long table: each is answered by one index, or looks at no more than so many rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from django_ding.admin.days import DayFilter
from django_ding.admin.filters import ColumnFilter

#: How many of the newest rows are looked at for what no index finds.
REACH = 50_000
#: How many of those that another filter leaves. They don't lie side by side, so each costs more.
REACH_OF_FILTERED = 10_000


class BoundedChangeList(ChangeList):
    """Filters by one index, with or without a date, and by all else among the newest rows of that.

    :ivar looked_back_to: the moment it looked back to, ``None`` when it looked at all rows.
    """

    looked_back_to: datetime | None = None

    def get_filters(self, request: HttpRequest) -> Any:
        """Let one filter find rows by its index, and the others look at those."""
        found = super().get_filters(request)
        chosen = _chosen(found[0])
        for spec in chosen:
            spec.uses_index = spec is _leading(chosen)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the rows that the filters leave."""
        rows = super().get_queryset(request, exclude_parameters)
        chosen = _chosen(self.filter_specs)
        leading = _leading(chosen)
        if all(spec is leading for spec in chosen):
            return rows
        self.looked_back_to = self._end_of_reach(request, leading)
        return rows.filter(**{f"{self._moment}__gte": self.looked_back_to}) if self.looked_back_to else rows

    def _end_of_reach(self, request: HttpRequest, leading: ColumnFilter | None) -> datetime | None:
        """Return the moment of the oldest row that is looked at, where there are older ones."""
        found = leading.queryset(request, self.root_queryset) if leading else self.root_queryset
        for spec in self.filter_specs:
            if isinstance(spec, DayFilter):
                found = spec.queryset(request, found)
        reach = REACH_OF_FILTERED if leading else REACH
        newest = found.order_by(f"-{self._moment}").values_list(self._moment, flat=True)
        return next(iter(newest[reach : reach + 1]), None)

    @property
    def _moment(self) -> str:
        return str(self.model_admin.moment)  # type: ignore[attr-defined]


class UnpagedChangeList(BoundedChangeList):
    """The rows of a list without its pages, for which nothing is counted."""

    def get_results(self, request: HttpRequest) -> None:
        """Leave the rows to who reads them."""


def _chosen(specs: Iterable[Any]) -> list[ColumnFilter]:
    return [spec for spec in specs if isinstance(spec, ColumnFilter) and spec.value() is not None]


def _leading(chosen: Iterable[ColumnFilter]) -> ColumnFilter | None:
    return next((spec for spec in chosen if spec.has_index), None)
