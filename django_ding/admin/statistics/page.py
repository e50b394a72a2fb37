"""The statistics in Django's admin: what the list of the rollups would be."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.statistics import rankings, timelines, waiting
from django_ding.admin.statistics.exporting import csv_response
from django_ding.admin.statistics.parts import Part
from django_ding.admin.statistics.periods import LENGTHS, Period, PeriodForm
from django_ding.admin.statistics.reading import Figures, last_rolled_up_at, read, worst_prefixes
from django_ding.admin.statistics.tiles import tiles
from django_ding.models import Rollup

#: What stands side by side below the first part, in columns about as long; on a narrow screen, one after the other.
_COLUMNS = (("costs", "countries", "prefixes"), ("waits", "channels", "guard", "provider"))


@admin.register(Rollup)
class StatisticsAdmin(ReadOnlyAdmin):
    """One page, for those who may view the rollups. Nothing can be changed."""

    def get_urls(self) -> list[URLPattern]:
        """Return the URL of the page alone, by the name that the admin links to."""
        return [path("", self.admin_site.admin_view(self.changelist_view), name="django_ding_rollup_changelist")]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the figures of a period or, with ``?format=csv&table=…``, one of its tables.

        :raises PermissionDenied: for those who may not view them.
        :raises Http404: for a table that does not exist.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        figures = read(form.period)
        parts = _parts(figures)
        if request.GET.get("format") == "csv":
            return _csv(parts, request.GET.get("table", ""), form.period)
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            **_shown(form, figures, parts),
            "opts": self.opts,
            "title": capfirst(self.opts.verbose_name_plural),
        }
        return TemplateResponse(request, "admin/django_ding/statistics/page.html", context)


def _parts(figures: Figures) -> list[Part]:
    """Return the parts of the page."""
    prefixes = worst_prefixes(figures.period)
    return [*timelines.parts(figures), waiting.part(figures), *rankings.parts(figures, prefixes)]


def _shown(form: PeriodForm, figures: Figures, parts: list[Part]) -> dict[str, Any]:
    before, named = _before(figures.period), {part.name: part for part in parts}
    return {
        "form": PeriodForm(initial=vars(figures.period)) if form.is_valid() else form,
        "period": figures.period,
        "before": before,
        "lengths": LENGTHS,
        "tiles": tiles(figures, before),
        "first": named["days"],
        "columns": [[named[name] for name in column] for column in _COLUMNS],
        "rolled_up_at": last_rolled_up_at(),
    }


def _before(period: Period) -> Figures | None:
    """Return the figures to compare with, if there are those of all days."""
    figures = read(period.before)
    return figures if figures.known == period.length else None


def _csv(parts: list[Part], name: str, period: Period) -> HttpResponse:
    for part in parts:
        if part.name == name:
            return csv_response(part.table, name=name, period=period)
    raise Http404
