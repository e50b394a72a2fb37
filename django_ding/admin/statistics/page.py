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
from django_ding.admin.statistics.metrics import get_metrics
from django_ding.admin.statistics.queries import (
    LENGTHS,
    Period,
    PeriodForm,
    get_previous_statistics,
    get_statistics,
    last_updated_at,
    lowest_converting_prefixes,
)
from django_ding.admin.statistics.sections import Section, get_sections
from django_ding.models import DailyStatistics

#: Sections side by side below the first one, in columns of about the same height.
_LAYOUT = (("costs", "countries", "prefixes"), ("times", "channels", "blocked_requests", "provider_errors"))


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
        statistics = get_statistics(period)
        sections = {section.name: section for section in get_sections(statistics, lowest_converting_prefixes(period))}
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
            "first_section": sections["days"],
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
    return csv_response(name, [column.name for column in section.columns], [section.rows])
