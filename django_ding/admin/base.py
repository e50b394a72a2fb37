"""What all lists and pages share: rows are read-only, and large tables stay quick."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, pgettext

from django_ding.admin import links
from django_ding.admin.actions import Action, ActionConfirmationView, change_form_actions
from django_ding.admin.csv_export import csv_response, model_columns, read_batches
from django_ding.admin.display import can_view_full_numbers, user_link
from django_ding.admin.history import get_history, mask_entries
from django_ding.admin.large_tables import BoundedChangeList, BoundedPaginator, ExportChangeList
from django_ding.admin.page_media import LIST_STYLES, list_media, page_media
from django_ding.admin.search import NUL, SearchMethod
from django_ding.admin.search_view import SearchView
from django_ding.error_reports import without_variables
from django_ding.humanize import isolated, label_value
from django_ding.models.base import PhoneNumberModel


class _NamedRow:
    """A row for a page's breadcrumb, with a name in the language of the page. Themes read more of it than Django."""

    def __init__(self, row: Model, name: str) -> None:
        self._row, self._name = row, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)

    def __str__(self) -> str:
        return self._name


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and pages to read. Not even a superuser changes a row except by an action.

    :cvar confirmed_actions: actions with a confirmation page, added to ``actions``.
    :cvar search_methods: tried one after the other until one finds something.
    :cvar search_label: what can be searched for.
    :cvar search_advice: what to enter, for a search without results.
    :cvar empty_message: what a list without rows would have.
    :cvar detail_template: of the page of a row.
    :cvar not_found_message: shown for a row that doesn't exist.
    """

    change_list_template = "admin/django_ding/change_list.html"
    list_max_show_all = 0
    list_per_page = 50
    ordering = ("-pk",)
    paginator = BoundedPaginator
    # Facets and the full count would count the whole table, and sorting would read it.
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    confirmed_actions: ClassVar[tuple[Action, ...]] = ()
    search_methods: ClassVar[tuple[SearchMethod, ...]] = ()
    search_label: ClassVar[Any] = ""
    search_advice: ClassVar[Any] = gettext_lazy("Enter the complete number, or the exact username or email.")
    empty_message: ClassVar[Any] = ""
    detail_template: ClassVar[str] = "admin/django_ding/row.html"
    not_found_message: ClassVar[Any] = gettext_lazy("This row doesn't exist. It may have been deleted.")

    class Media:
        css = {"all": ["django_ding/theme.css", "django_ding/admin.css", LIST_STYLES]}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.actions = [*(self.actions or ()), *(action.as_admin_action() for action in self.confirmed_actions)]

    # URLs

    def get_urls(self) -> list[URLPattern]:
        """Add the search and the confirmation pages."""
        return [
            *([self.path("search", SearchView.as_view(model_admin=self))] if self.search_methods else []),
            *(
                self.path(action.name, ActionConfirmationView.as_view(model_admin=self, action=action))
                for action in self.confirmed_actions
            ),
            *super().get_urls(),
        ]

    def path(self, name: str, view: Callable[..., Any]) -> URLPattern:
        """Return the URL pattern of a view of this model, for users with access to the admin."""
        route = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"{name}/", self.admin_site.admin_view(view), name=route)

    def url(self, name: str, *arguments: Any, **query: Any) -> str:
        """Return the URL of a view of this model."""
        return self.model_url(self.model, name, *arguments, **query)

    def model_url(self, model: type[Model], name: str, *arguments: Any, **query: Any) -> str:
        """Return the URL of a view of another model in the same admin."""
        return links.model_url(self.admin_site, model, name, *arguments, **query)

    def row_url(self, request: HttpRequest, row: Model | None) -> str:
        """Return the URL of a row in the same admin; empty without permission to view it."""
        if row is None or not self.can_view(request, type(row), row):
            return ""
        return self.model_url(type(row), "change", row.pk)

    def get_number_links(self, request: HttpRequest, row: PhoneNumberModel) -> list[links.Link]:
        """Return the links to the other rows of a row's number."""
        return list(links.number_links(self.admin_site, request, row))

    def get_user_links(self, request: HttpRequest, user_id: Any) -> list[links.Link]:
        """Return the links to the rows of a user, none for an anonymous visitor."""
        return list(links.user_links(self.admin_site, request, user_id)) if user_id is not None else []

    def get_user_link(self, request: HttpRequest, user: Any) -> str:
        """Return the name of a user as a link to their page, empty for an anonymous visitor."""
        if user is None:
            return ""
        return user_link(user, full=can_view_full_numbers(request), url=self.row_url(request, user))

    # Permissions

    def can_view(self, request: HttpRequest, model: type[Model], row: Model | None = None) -> bool:
        """Return whether a user may view the rows of a model, or one of them, in the same admin."""
        return links.can_view(self.admin_site, request, model, row)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: services add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: services change rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse on the pages of this app. Rows are deleted together with their user, on the user's page."""
        # Django asks this, too, for each row that a cascade from another model would delete.
        match = request.resolver_match
        is_other_page = match and not str(match.url_name).startswith(f"{self.opts.app_label}_")
        return bool(obj and is_other_page and super().has_delete_permission(request, obj))

    def has_app_permission(self, request: HttpRequest, codename: str) -> bool:
        """Return whether a user has one of this app's own permissions."""
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def has_action_permission(self, request: HttpRequest, action: Action) -> bool:
        """Return whether a user may perform an action, which takes seeing the rows."""
        return self.has_view_permission(request) and action.name in self.get_actions(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the parameters of the filters and nothing else: no number is to be guessed digit by digit."""
        parameters: set[str] = set()
        for spec in self.list_filter:
            if isinstance(spec, tuple):
                parameters |= {f"{spec[0]}__gte", f"{spec[0]}__lt"}
            else:
                parameters.add(str(getattr(spec, "parameter_name", "")))
        return lookup in parameters and NUL not in value

    # Lists and pages

    def display_name(self, row: Any) -> str:
        """Return the name of a row for titles and messages."""
        return isolated(str(row))

    def describe_row(self, request: HttpRequest, row: Any) -> str:
        """Return the name of a row for the content of a page, which doesn't stay in a browser's history."""
        return self.display_name(row)

    @method_decorator(without_variables)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Label the search, and use the model's name as the title."""
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {
            "title": title,
            "search_label": self.search_methods and self.search_label,
            "empty_message": self.empty_message,
            "media": list_media(self.media, super().media),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @method_decorator(without_variables)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of a row."""
        # Django 6.1 performs actions by POST here, in a transaction. Ours have pages of their own.
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            self.message_user(request, self.not_found_message, messages.WARNING)
            return redirect(self.url("changelist"))
        context = {
            "pk": row.pk,
            "action_links": self.get_action_links(request, row),
            "history": list(get_history(request, row)),
            **self.get_detail_context(request, row),
            **(extra_context or {}),
        }
        return self.render_page(request, self.detail_template, _NamedRow(row, self.display_name(row)), context)

    @method_decorator(without_variables)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the row on Django's page of its history as on its own page, and mask numbers as there."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return super().history_view(request, object_id, extra_context)
        name = self.display_name(row)
        names = {"title": label_value(pgettext("log", "History"), name), "object": _NamedRow(row, name)}
        response: Any = super().history_view(request, object_id, {**names, **(extra_context or {})})
        if not can_view_full_numbers(request):
            mask_entries(response.context_data["action_list"])
        return cast("HttpResponse", response)

    def render_page(self, request: HttpRequest, template: str, original: Any, context: dict[str, Any]) -> HttpResponse:
        """Return a page with the frame of a row's page, in whatever theme the admin has.

        :param original: the last breadcrumb.
        """
        # The template's links stay in this admin, if the project has several.
        request.current_app = self.admin_site.name
        media = page_media(self.media, super().media)
        frame = {"original": original, "opts": self.opts, "media": media, "has_view_permission": True}
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **frame, **context})

    def get_detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the context of a row's page."""
        raise NotImplementedError

    def get_action_links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the actions that a user has for a row, with the URLs of their confirmation pages."""
        names = set(change_form_actions(self, request))
        query = {"pk": row.pk, "next": request.get_full_path()}
        return [
            {
                "label": action.description,
                "url": self.url(action.name, **query),
                "is_irreversible": action.is_irreversible,
            }
            for action in sorted(self.confirmed_actions, key=lambda action: action.is_irreversible)
            if action.name in names and action.is_available(row)
        ]

    def get_search_methods(self, request: HttpRequest) -> Sequence[SearchMethod]:
        """Return the search methods for a user."""
        return self.search_methods


class LargeTableAdmin(ReadOnlyAdmin):
    """A table that grows with every code: bounded lists and a CSV export.

    :cvar date_field: rows are sorted and filtered by it. An index begins with it.
    :cvar export_batch_size: rows of the CSV export that are read at once.
    :cvar export_fields: the columns of the CSV export.
    """

    change_list_template = "admin/django_ding/large_change_list.html"
    list_select_related = ("user",)
    date_field = "created_at"
    export_batch_size = 1000
    ordering = ("-created_at",)

    export_fields: ClassVar[tuple[str, ...]]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        """Return a change list that scans a bounded number of rows."""
        return ExportChangeList if request.path == self.url("export") else BoundedChangeList

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        return [self.path("export", self.export_view), *super().get_urls()]

    @method_decorator(without_variables)
    def export_view(self, request: HttpRequest) -> Any:
        """Return the filtered list as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(self.url("changelist", e=1))
        columns = model_columns(self.export_fields, full=can_view_full_numbers(request))
        batches = read_batches(changelist.queryset, columns, date_field=self.date_field, size=self.export_batch_size)
        return csv_response(f"{self.opts.model_name}s", columns, batches)
