"""The statistics page in Django's admin, in place of the list of a model."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from django_ding import humanize
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.csv_export import csv_response
from django_ding.admin.statistics.links import Links
from django_ding.admin.statistics.metrics import get_metrics
from django_ding.admin.statistics.periods import LENGTHS, Period, PeriodForm
from django_ding.admin.statistics.queries import (
    get_previous_statistics,
    get_statistics,
    last_updated_at,
    lowest_converting_prefixes,
)
from django_ding.admin.statistics.recent import get_recent
from django_ding.admin.statistics.recent_sections import drop_sentences, get_recent_sections
from django_ding.admin.statistics.sections import get_sections
from django_ding.admin.statistics.tables import Section
from django_ding.models import DailyStatistics

#: Sections of the full width.
_FIRST = ("days", "hours", "carriers_now", "backends_now")
#: Sections side by side below them, in columns of about the same height.
_LAYOUT = (
    ("costs", "countries", "channels", "prefixes"),
    ("times", "carriers", "backends", "blocked_requests", "provider_errors"),
)


@admin.register(DailyStatistics)
class StatisticsAdmin(ReadOnlyAdmin):
    """One page, for users who may view the daily statistics."""

    def get_urls(self) -> list[URLPattern]:
        """Return only the URL of the page, under the name that the admin's index links to."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the statistics of a period or, with ``?format=csv&table=…``, download one of its tables.

        :raises PermissionDenied: without the permission to view them.
        :raises Http404: for a table that doesn't exist.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        period = form.period
        statistics, recent, links = get_statistics(period), get_recent(), Links(self.admin_site, request)
        found = [
            *get_sections(statistics, lowest_converting_prefixes(period), links),
            *get_recent_sections(recent, links),
        ]
        sections = {section.name: section for section in found}
        if request.GET.get("format") == "csv":
            return _csv_response(sections.get(request.GET.get("table", "")), period)
        previous, updated_at = get_previous_statistics(period), last_updated_at()
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            # Empty fields would not say which days are shown, so a valid form is shown with these.
            "form": PeriodForm(initial=vars(period)) if form.is_valid() else form,
            "period": period,
            "previous": previous,
            "lengths": LENGTHS,
            "metrics": get_metrics(statistics, previous),
            "drops": drop_sentences(recent.drops),
            "first_sections": [sections[name] for name in _FIRST],
            "columns": [[sections[name] for name in column] for column in _LAYOUT],
            "updated": humanize.age(updated_at) if updated_at else "",
            "opts": self.opts,
            "title": capfirst(self.opts.verbose_name_plural),
        }
        return TemplateResponse(request, "admin/django_ding/statistics/page.html", context)


def _csv_response(section: Section | None, period: Period) -> StreamingHttpResponse:
    if section is None:
        raise Http404
    name = f"{section.name}-{period.since.isoformat()}-{period.until.isoformat()}"
    table = section.exported
    return csv_response(name, [column.name for column in table.columns], [table.rows])
