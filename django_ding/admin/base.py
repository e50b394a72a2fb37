"""What all lists and pages have in common: nothing is added, changed or deleted, and long tables are no trouble."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from django_ding.admin.acting import DeedView, action_of
from django_ding.admin.counting import BoundedPaginator
from django_ding.admin.deeds import Deed
from django_ding.admin.masking import isolated, may_see_numbers
from django_ding.admin.reports import without_variables
from django_ding.admin.searching import Found

#: What a search tries: it takes what was typed.
Step = Callable[[str], Found | None]

_NUL = "\0"  # PostgreSQL takes none in a text.

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and pages to look at. Not even a superuser changes a row but by a deed.

    No error report has the variables of its views, and of what they call: queries hold whole numbers.

    :cvar deeds: what may be done to rows, by those who have the permission.
    :cvar search_steps: the functions that a search tries, each of which takes what was typed.
    """

    change_form_template = "admin/django_ding/change_form.html"
    change_list_template = "admin/django_ding/change_list.html"
    list_max_show_all = 0
    list_per_page = 50
    ordering = ("-pk",)
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    deeds: ClassVar[tuple[Deed, ...]] = ()
    search_steps: ClassVar[tuple[Step, ...]] = ()
    search_label: ClassVar[Any] = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.actions = [action_of(deed) for deed in self.deeds]

    class Media:
        css = {"all": ["django_ding/admin.css"]}

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return the columns of the list, with whole numbers or masked ones."""
        return ["__str__"]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show numbers as who asks may see them."""
        return self.columns(whole=may_see_numbers(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the search and the deeds."""
        return [
            *([self.path("search", self.search_view)] if self.search_steps else []),
            *(self.path(deed.name, DeedView.as_view(model_admin=self, deed=deed)) for deed in self.deeds),
            *super().get_urls(),
        ]

    def path(self, name: str, view: Callable[..., Any]) -> URLPattern:
        """Return the URL of a view of this model, for who is logged in to the admin."""
        route = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"{name}/", self.admin_site.admin_view(view), name=route)

    def url(self, name: str, *arguments: Any, **query: Any) -> str:
        """Return the address of a view of this model."""
        return self.url_of(self.model, name, *arguments, **query)

    def url_of(self, model: type[Model], name: str, *arguments: Any, **query: Any) -> str:
        """Return the address of a view of another model in the same admin."""
        route = f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}"
        address = reverse(route, args=arguments, current_app=self.admin_site.name)
        return f"{address}?{urlencode(query, doseq=True)}" if query else address

    def name_of(self, row: Any) -> str:
        """Return what a row is called in titles and messages."""
        return isolated(str(row))

    def page_of(self, request: HttpRequest, row: Model | None) -> str:
        """Return the page of a row in the same admin, empty where who asks may not see it."""
        if row is None or not self.may_view(request, type(row), row):
            return ""
        return self.url_of(type(row), "change", row.pk)

    def may_view(self, request: HttpRequest, model: type[Model], row: Model | None = None) -> bool:
        """Tell whether who asks may see the rows of a model, or one of them, in the same admin."""
        if not self.admin_site.is_registered(model):
            return False
        return self.admin_site.get_model_admin(model).has_view_permission(request, row)

    def get_search_steps(self, request: HttpRequest) -> list[Step]:
        """Return what a search tries for who asks."""
        return list(self.search_steps)

    @method_decorator(sensitive_post_parameters("q"))
    @without_variables
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Lead to what was searched for. The text is posted, so that no number gets into an address or a log."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = request.POST.get("q", "").replace(_NUL, "").strip()
        if not typed:
            return redirect(self.url("changelist"))
        found = next(filter(None, (step(typed) for step in self.get_search_steps(request))), None)
        if found is None:
            self.message_user(request, _("Nothing was found. A number must be whole."), messages.WARNING)
            return redirect(self.url("changelist"))
        return redirect(self.url("change", found.page) if found.page else self.url("changelist", **found.query))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Filter by what the filters offer, and nothing else: digits of a number can't be guessed one by one."""
        return lookup in {getattr(spec, "parameter_name", None) for spec in self.list_filter} and _NUL not in value

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows change by the services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows go with what they belong to, such as a user who is deleted on a page of another model."""
        place = request.resolver_match
        is_elsewhere = place and not str(place.url_name).startswith(f"{self.opts.app_label}_")
        return bool(obj and is_elsewhere and super().has_delete_permission(request, obj))

    @without_variables
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Label the search, and say what is seen."""
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {"title": title, "search_label": self.search_steps and self.search_label}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @without_variables
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show a row. The form's sole button leads back."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Offer what may be done to the row."""
        context["deeds"] = self.links_to_deeds(request, kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    def has_extra_permission(self, request: HttpRequest, codename: str) -> bool:
        """Tell whether who asks has one of this app's own permissions."""
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def permits(self, deed: Deed, request: HttpRequest) -> bool:
        """Tell whether who asks may look at the rows and do this to them."""
        return self.has_view_permission(request) and bool(getattr(self, f"has_{deed.permission}_permission")(request))

    def links_to_deeds(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return what may be done to a row, each with the page that asks whether to."""
        permitted = [deed for deed in self.deeds if self.permits(deed, request) and deed.fits(row)]
        query = {"pk": row.pk, "next": request.get_full_path()}
        return [{"label": deed.label, "url": self.url(deed.name, **query)} for deed in permitted]
