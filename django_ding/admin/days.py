"""Drill-down to a year, a month or a day, without a look at what rows there are."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

#: Of no other years is the day before or after sure to be one, in any time zone.
_TYPED = re.compile(r"([1-8][0-9]{3})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A year, a month of it, or a day of that, in the current time zone."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        parts = (f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part))
        return "-".join(parts)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def after(self) -> date:
        """The day after its last one."""
        if self.day:
            return self.first + timedelta(days=1)
        if self.month:
            return self.first + timedelta(days=calendar.monthrange(self.year, self.month)[1])
        return date(self.year + 1, 1, 1)

    @property
    def title(self) -> str:
        """What it is called: ``2026``, ``June 2026``, ``June 1``."""
        if self.day:
            return str(capfirst(formats.date_format(self.first, "MONTH_DAY_FORMAT")))
        return str(capfirst(formats.date_format(self.first, "YEAR_MONTH_FORMAT"))) if self.month else str(self.year)

    def parts(self) -> Iterator["Period"]:
        """Yield the months of a year, the days of a month."""
        if self.month is None:
            yield from (Period(self.year, month) for month in range(1, 13))
        elif self.day is None:
            days = calendar.monthrange(self.year, self.month)[1]
            yield from (Period(self.year, self.month, day) for day in range(1, days + 1))


def read(text: str | None) -> Period | None:
    """Return the period that a text such as ``2026-06`` names, if any."""
    match = _TYPED.fullmatch(text or "")
    if match is None:
        return None
    period = Period(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]
    try:
        _ = period.first, period.after
    except (ValueError, calendar.IllegalMonthError):
        return None
    return period


class DayFilter(SimpleListFilter):
    """Narrows a list to a period. It offers every month and day that was, so it need not ask for those with rows."""

    title = _("date")
    parameter_name = "date"
    template = "admin/django_ding/days.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Take what is typed into the address, too."""
        self.period, self.moment = read(self.value()), model_admin.moment
        if self.value() and self.period is None:
            raise IncorrectLookupParameters
        return [(str(self.period), self.period.title)] if self.period else [("", "")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the period."""
        if self.period is None:
            return queryset
        return queryset.filter(
            **{
                f"{self.moment}__gte": _midnight(self.period.first),
                f"{self.moment}__lt": _midnight(self.period.after),
            }
        )

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """Yield the way back, which ends in what is chosen, and what it can be narrowed to."""
        yield self._choice(changelist, None, title=_("Any date"))
        for period in _way_to(self.period):
            yield self._choice(changelist, period)
        today = timezone.localdate()
        for part in self._parts(changelist, today):
            title = _("Today") if part.day and not self.period else ""
            yield {**self._choice(changelist, part, title=title), "is_part": True}

    @property
    def is_of_days(self) -> bool:
        """Whether it is narrowed to a month, and next to one of its days."""
        return bool(self.period and self.period.month and not self.period.day)

    def _parts(self, changelist: ChangeList, today: date) -> Iterator[Period]:
        if self.period:
            yield from (part for part in self.period.parts() if part.first <= today)
            return
        yield Period(today.year, today.month, today.day)
        moments = changelist.model._default_manager.order_by(self.moment).values_list(self.moment, flat=True)
        oldest = moments.first()
        first = timezone.localdate(oldest).year if oldest else today.year
        yield from map(Period, range(today.year, first - 1, -1))

    def _choice(self, changelist: ChangeList, period: Period | None, title: Any = "") -> dict[str, Any]:
        return {
            "selected": period == self.period,
            "query_string": changelist.get_query_string({self.parameter_name: period and str(period)}),
            "display": title or (period.title if period else ""),
            "short": str(period.day) if period and period.day else "",
        }


def _way_to(period: Period | None) -> Iterator[Period]:
    """Yield the year, its month and the day of that, as far as the period goes."""
    if period is None:
        return
    yield Period(period.year)
    if period.month:
        yield Period(period.year, period.month)
    if period.day:
        yield period


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
