"""Lists that grow with every code: what indexes find of them, the list as a file, and a page for each row."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.messages import WARNING
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern

from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.changelists import BoundedChangeList, UnpagedChangeList
from django_ding.admin.exporting import Reader, as_csv
from django_ding.admin.masking import isolated, may_see_numbers
from django_ding.admin.reports import without_variables


class LongTableAdmin(ReadOnlyAdmin):
    """A list of rows of numbers, the newest first, and a page of its own kind for each.

    :cvar moment: the column of the time that rows are sorted and narrowed by, which an index begins with.
    :cvar page_template: what the page of a row is made from.
    :cvar file_columns: returns the columns of the list as a file, by their names.
    :cvar missing: says that a row is not there.
    """

    change_list_template = "admin/django_ding/long_change_list.html"
    list_select_related = ("user",)
    moment = "created_at"
    ordering = ("-created_at",)

    page_template: ClassVar[str]
    file_columns: ClassVar[Callable[..., dict[str, Reader]]]
    missing: ClassVar[Any]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        """List what indexes find."""
        return UnpagedChangeList if request.path == self.url("export") else BoundedChangeList

    def get_urls(self) -> list[URLPattern]:
        """Add the file."""
        return [self.path("export", self.export_view), *super().get_urls()]

    @without_variables
    def export_view(self, request: HttpRequest) -> Any:
        """Answer with the list as CSV, filtered as it is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.url("changelist", e=1))
        columns = type(self).file_columns(whole=may_see_numbers(request))
        return as_csv(changelist.queryset, columns, moment=self.moment)

    @without_variables
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of a row."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            self.message_user(request, self.missing, WARNING)
            return HttpResponseRedirect(self.url("changelist"))
        request.current_app = self.admin_site.name
        context = self._frame(request, row) | self.page_context(request, row) | (extra_context or {})
        return TemplateResponse(request, self.page_template, context)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the page of a row tells."""
        raise NotImplementedError

    def _frame(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "original": isolated(row.masked_number),  # What the way back ends in.
            "pk": row.pk,
            "opts": self.opts,
            "media": self.media,
            "has_view_permission": True,
            "deeds": self.links_to_deeds(request, row),
        }
