"""Recovery codes: the page that creates one and shows it once, and the list of who created them for whom."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from django_ding import humanize, services
from django_ding.admin import columns, details, display, row_filters, search
from django_ding.admin.actions import Action, get_next_url, perform_if_active
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.history import log_for_user
from django_ding.admin.large_tables import filter_by_keys
from django_ding.admin.timeline import EventText
from django_ding.error_reports import without_variables
from django_ding.models import PhoneNumber, RecoveryCode
from django_ding.transactions import NonAtomicView

_CREATE = "create"
CREATE_LABEL = gettext_lazy("Create recovery code")

_TONES = {
    RecoveryCode.Status.ACTIVE: "waiting",
    RecoveryCode.Status.USED: "waiting",
    RecoveryCode.Status.COMPLETED: "good",
    RecoveryCode.Status.REVOKED: "bad",
}

_SENTENCES = {
    RecoveryCode.Status.ACTIVE: gettext_lazy("The user can enter this code in place of the one from a message."),
    RecoveryCode.Status.USED: gettext_lazy("The code was entered. The user hasn't verified a new number yet."),
    RecoveryCode.Status.COMPLETED: gettext_lazy("The user entered the code and verified a new number."),
    RecoveryCode.Status.REVOKED: gettext_lazy("This code was revoked. It can't be used."),
    RecoveryCode.Status.EXPIRED: gettext_lazy("This code expired. The user never entered it."),
}


class RecoveryLinkMixin(ReadOnlyAdmin):
    """Link from a row's page to the one that creates a recovery code for its user."""

    def get_action_links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the actions, and the link if the agent may create a code for the row's user."""
        links = super().get_action_links(request, row)
        if not self.has_app_permission(request, "create_recoverycode"):  # Spares a query.
            return links
        user = self.get_user_to_recover(row)
        url = get_creation_url(self.admin_site, request, user) if user is not None else ""
        return [*links, {"label": CREATE_LABEL, "url": url}] if url else links

    def get_user_to_recover(self, row: Any) -> Any:
        """Return the row's user."""
        return row.user


def get_creation_url(site: admin.AdminSite, request: HttpRequest, user: Any) -> str:
    """Return the URL of the page that creates a recovery code for a user; empty without the permission."""
    if not site.is_registered(RecoveryCode):
        return ""
    model_admin: Any = site.get_model_admin(RecoveryCode)
    if not model_admin.may_create_for(request, user):
        return ""
    query = urlencode({"user": user.pk, "next": request.get_full_path()})
    return f"{model_admin.url(_CREATE)}?{query}"


class _ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "How you verified the user's identity, such as a ticket number and what you checked. This is stored, so "
            "don't enter phone numbers."
        ),
        max_length=RecoveryCode._meta.get_field("reason").max_length,
        widget=forms.Textarea({"rows": 3, "autofocus": True}),
    )


class RecoveryCodeCreateView(NonAtomicView, View):
    """Ask for the reason on GET; create the code on POST, and show it once.

    The page of the code is the response to the POST: the code gets into no URL, no session and no message.
    """

    http_method_names = ["get", "head", "post"]
    model_admin: Any = None
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the user, and check the permission."""
        data = request.POST if request.method == "POST" else request.GET
        users = get_user_model()._base_manager.all()
        self.user = filter_by_keys(users, [data.get("user", "")]).first()
        if self.user is None:
            raise Http404
        if not self.model_admin.may_create_for(request, self.user):
            raise PermissionDenied
        self.next_url = get_next_url(self.model_admin, request, data.get("next", ""))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason."""
        return self._render(request, "create", form=_ReasonForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Create the code and show it."""
        form = _ReasonForm(request.POST)
        if not form.is_valid():
            return self._render(request, "create", form=form)
        reason = form.cleaned_data["reason"]
        created = services.create_recovery_code(self.user, created_by=request.user, reason=reason)
        self._log(request, created.recovery_code)
        return self._render(request, "created", code=f"{created.code[:5]} {created.code[5:]}")

    def _render(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        full = display.can_view_full_numbers(request)
        numbers = PhoneNumber.write_db.of_user(self.user).values_list("phone_number", flat=True)
        frame = {
            "title": CREATE_LABEL if name == "create" else _("Recovery code"),
            "user_key": self.user.pk,
            "user_name": display.format_user(self.user, full=full),
            "numbers": [display.format_number(number, full=full) for number in numbers],
            "next_url": self.next_url,
        }
        template = f"admin/django_ding/recoverycode/{name}.html"
        page: HttpResponse = self.model_admin.render_page(request, template, str(CREATE_LABEL), {**frame, **context})
        return page

    def _log(self, request: HttpRequest, row: RecoveryCode) -> None:
        """Add the reason to the histories of the code and of the user."""
        message = humanize.label_value(_("Recovery code created"), display.mask_numbers(row.reason))
        self.model_admin.log_addition(request, row, message)
        log_for_user(request, self.user, message)


REVOKE_RECOVERY_CODE = Action(
    name="revoke-code",
    permission="create_recoverycode",
    description=gettext_lazy("Revoke recovery code"),
    consequence=gettext_lazy(
        "The code can no longer be entered. If it has been, no new number can be verified with it. The user's numbers "
        "stay as they are."
    ),
    perform=perform_if_active(
        services.revoke_recovery_code,
        done=gettext_lazy("Recovery code revoked. It can no longer be used."),
        too_late=gettext_lazy("This recovery code could no longer be used."),
    ),
    is_available=lambda code: code.status in (RecoveryCode.Status.ACTIVE, RecoveryCode.Status.USED),
)


def _reason(row: RecoveryCode, *, full: bool) -> str:
    return row.reason if full else display.mask_numbers(row.reason)


@admin.display(description=gettext_lazy("status"))
def status(row: RecoveryCode) -> str:
    """How far the recovery got."""
    return display.tone_label(_TONES.get(row.status, "quiet"), row.status.label)


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    """Who created a recovery code for whom, and what became of it."""

    confirmed_actions = (REVOKE_RECOVERY_CODE,)
    list_filter = (row_filters.UserFilter,)
    empty_message = gettext_lazy("No recovery codes. Support creates one for a user who lost their phone.")
    list_select_related = ("user", "created_by")
    search_advice = gettext_lazy("Enter the exact username or email.")
    search_label = gettext_lazy("User or email")
    search_methods = (search.search_user,)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that creates a code."""
        view = without_variables(RecoveryCodeCreateView.as_view(model_admin=self))
        return [self.path(_CREATE, view), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        full = display.can_view_full_numbers(request)

        @admin.display(description=gettext_lazy("reason"))
        def reason(row: RecoveryCode) -> str:
            return format_html("<bdi>{}</bdi>", _reason(row, full=full))

        @admin.display(description=gettext_lazy("created by"))
        def created_by(row: RecoveryCode) -> str:
            return display.format_user(row.created_by, full=full) if row.created_by else humanize.DASH

        return [
            columns.user_column(full=full),
            status,
            reason,
            columns.time_column(RecoveryCode, "created_at"),
            created_by,
        ]

    def get_detail_context(self, request: HttpRequest, row: RecoveryCode) -> dict[str, Any]:
        """Return how far the recovery got, and who created the code and why."""
        full = display.can_view_full_numbers(request)
        return {
            "title": _("Recovery code of %(user)s") % {"user": self.display_name(row)},
            "heading": display.format_user(row.user, full=full),
            "label": status(row),
            "summary": EventText(sentence=str(_SENTENCES[row.status]), tone=_TONES.get(row.status, "quiet")),
            "details": details.without_empty(
                [
                    (_("User"), self.get_user_link(request, row.user)),
                    (_("Reason"), _reason(row, full=full)),
                    (_("Created by"), self.get_user_link(request, row.created_by)),
                    (_("Created at"), humanize.exact_time(row.created_at)),
                    (_("Expires"), humanize.exact_time(row.expires_at)),
                    (_("Attempts"), row.check_count),
                    (_("Entered at"), row.used_at and humanize.exact_time(row.used_at)),
                    (_("New number verified at"), row.completed_at and humanize.exact_time(row.completed_at)),
                    (_("Revoked at"), row.revoked_at and humanize.exact_time(row.revoked_at)),
                ]
            ),
            "links": self.get_user_links(request, row.user_id),
        }

    def display_name(self, row: Any) -> str:
        """Return the name of the user."""
        return humanize.isolated(display.format_user(row.user, full=False))

    def may_create_for(self, request: HttpRequest, user: Any) -> bool:
        """Return whether an agent may create a recovery code for a user."""
        is_permitted = self.has_create_recoverycode_permission(request)
        return is_permitted and services.may_create_recovery_code(user, created_by=request.user)

    def has_create_recoverycode_permission(self, request: HttpRequest) -> bool:
        """Return whether an agent may create and revoke recovery codes."""
        return self.has_app_permission(request, "create_recoverycode")
