"""The view behind the search: it leads to what was found, or says that nothing was."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from django_ding.admin.search import MAX_QUERY_LENGTH, NUL, SearchResult
from django_ding.error_reports import without_variables


@method_decorator([sensitive_post_parameters("q"), without_variables], name="dispatch")
class SearchView(View):
    """Redirect to what was searched for. The query is posted, so that no number gets into a URL or a log."""

    http_method_names = ["post"]
    model_admin: Any = None

    def post(self, request: HttpRequest) -> HttpResponse:
        """Look the query up, and redirect to the row, or to the list with filters."""
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        query = request.POST.get("q", "").replace(NUL, "").strip()
        if not query:
            return redirect(self.model_admin.url("changelist"))
        result = self._find(request, query)
        if result is None:
            return self._no_results(request, query)
        if result.pk:
            return redirect(self.model_admin.url("change", result.pk))
        return redirect(self.model_admin.url("changelist", **result.filters))

    def _find(self, request: HttpRequest, query: str) -> SearchResult | None:
        methods = self.model_admin.get_search_methods(request) if len(query) <= MAX_QUERY_LENGTH else ()
        return next(filter(None, (search(query) for search in methods)), None)

    def _no_results(self, request: HttpRequest, query: str) -> HttpResponse:
        # No redirect: the query would have to be in a URL, or in a message that may be kept in a cookie.
        context = {
            "title": _("No results"),
            "query": query[:MAX_QUERY_LENGTH],
            "isolated_query": format_html("<bdi>{}</bdi>", query[:MAX_QUERY_LENGTH]),
            "search_label": self.model_admin.search_label,
            "search_advice": self.model_admin.search_advice,
            "list_name": capfirst(str(self.model_admin.opts.verbose_name_plural)),
        }
        page: HttpResponse = self.model_admin.render_page(
            request, "admin/django_ding/no_results.html", _("No results"), context
        )
        return page
