"""Blocked requests, which explain "I never got the code" where there is no verification, blocks, and lockouts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding.admin import columns, details, display, filters, links, row_filters, search
from django_ding.admin.actions import LIFT_BLOCK, LIFT_LOCKOUT
from django_ding.admin.base import LargeTableAdmin, ReadOnlyAdmin
from django_ding.admin.refusal_texts import refusal_text
from django_ding.admin.row_texts import block_text, lockout_text
from django_ding.humanize import exact_time, isolated
from django_ding.models import Authentication, Block, Lockout, Refusal


@admin.register(Refusal)
class RefusalAdmin(LargeTableAdmin):
    """Blocked requests: to which numbers, why, and how often in an hour."""

    # Not last_at: it changes with each blocked request, so no index has it.
    date_field = "hour"
    empty_message = gettext_lazy("No blocked requests. Requests are blocked by rate limits, blocks and lockouts.")
    export_fields = ("phone_number", "country", "user", "reason", "count", "first_at", "last_at")
    list_filter = (
        *row_filters.same_number_filters(Refusal),
        row_filters.UserFilter,
        ("hour", filters.DateFilter),
        filters.CountryFilter,
        filters.ReasonFilter,
    )
    not_found_message = gettext_lazy("This blocked request doesn't exist. It may have been deleted.")
    ordering = ("-hour",)
    search_label = gettext_lazy("Phone number, user or email")
    search_methods = (search.search_blocked_requests, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        full = display.can_view_full_numbers(request)
        return [
            columns.number_column(full=full),
            columns.reason,
            columns.last_seen,
            columns.refusal_count,
            columns.user_column(full=full),
        ]

    def display_name(self, row: Refusal) -> str:
        """Return the masked number."""
        return display.title_number(row)

    def get_detail_context(self, request: HttpRequest, row: Refusal) -> dict[str, Any]:
        """Return why no code was sent, what to say to the user, and where else to look."""
        full = display.can_view_full_numbers(request)
        number = columns.number_column(full=full)(row)
        requester = self.get_user_link(request, row.user)
        return {
            "title": _("Blocked requests to %(number)s") % {"number": display.title_number(row)},
            "heading": number,
            "summary": refusal_text(row),
            "details": details.without_empty(
                [
                    (capfirst(_("phone number")), number),  # Again: a theme may have a heading of its own.
                    (_("Last requested by"), requester or _("an anonymous visitor")),
                    (_("Country"), columns.country(row)),
                    (_("Count"), row.count),
                    (_("First seen"), exact_time(row.first_at)),
                    (_("Last seen"), exact_time(row.last_at)),
                    (_("IP address"), details.client_ip(row)),
                    (_("Reason"), columns.reason(row)),
                ]
            ),
            "links": [*self.get_number_links(request, row), *self.get_user_links(request, row.user_id)],
        }


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Blocks of prefixes and countries with low conversion, which can be lifted."""

    confirmed_actions = (LIFT_BLOCK,)
    empty_message = gettext_lazy(
        "No blocks. A prefix or country is blocked for a while when too few of the codes sent there are entered."
    )
    list_filter = (filters.ActiveFilter,)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        # A prefix is shown without the permission for full numbers: ten thousand numbers share it.
        times = (columns.time_column(Block, name) for name in ("created_at", "expires_at"))
        return [columns.subject, columns.state, columns.conversion, "requester_type", *times]

    def display_name(self, row: Block) -> str:
        """Return the name of a block in the language of the page: ``prefix +3361234``."""
        return f"{row.get_scope_display()} {isolated(row.subject)}"

    def get_detail_context(self, request: HttpRequest, row: Block) -> dict[str, Any]:
        """Return what is blocked and why, until when, and which codes went there."""
        name = self.display_name(row)
        return {
            "title": _("Block of %(name)s") % {"name": name},
            "heading": columns.subject(row),
            "label": columns.state(row),
            "summary": block_text(row),
            "details": details.without_empty(
                [
                    (_("Blocked"), columns.subject(row)),
                    (_("Requester"), row.get_requester_type_display()),
                    (_("State"), columns.state(row)),
                    (_("Conversion"), columns.conversion(row)),
                    (_("Blocked at"), exact_time(row.created_at)),
                    (_("Expires"), exact_time(row.expires_at)),
                    (_("Lifted at"), row.lifted_at and exact_time(row.lifted_at)),
                ]
            ),
            "links": self._get_links(request, row),
        }

    def _get_links(self, request: HttpRequest, row: Block) -> list[links.Link]:
        found = []
        if self.can_view(request, Authentication):
            url = self.model_url(Authentication, "changelist", block=row.pk)
            found.append((url, _("All verifications of these numbers")))
        if self.can_view(request, Refusal):
            url = self.model_url(Refusal, "changelist", reason=Refusal.Reason.CONVERSION)
            found.append((url, _("All requests that were blocked for low conversion")))
        return found

    def has_lift_block_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may lift a block."""
        return self.has_app_permission(request, "lift_block")


@admin.register(Lockout)
class LockoutAdmin(ReadOnlyAdmin):
    """Numbers and users for which no code is accepted after too many incorrect ones in a row."""

    confirmed_actions = (LIFT_LOCKOUT,)
    empty_message = gettext_lazy("No lockouts. A number or user is locked out after too many incorrect codes in a row.")
    list_filter = (
        filters.ActiveFilter,
        *row_filters.same_number_filters(Lockout),
        row_filters.UserFilter,
    )
    list_select_related = ("user",)
    ordering = ("-pk",)
    search_label = gettext_lazy("Phone number, user or email")
    search_methods = (search.search_locked_out_number, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        full = display.can_view_full_numbers(request)
        return [
            columns.number_column(full=full),
            columns.lockout_state,
            columns.locked_out,
            columns.wrong_codes,
            columns.user_column(full=full),
            columns.time_column(Lockout, "created_at"),
        ]

    def get_detail_context(self, request: HttpRequest, row: Lockout) -> dict[str, Any]:
        """Return what is locked out and why, and how that ends."""
        full = display.can_view_full_numbers(request)
        number = columns.number_column(full=full)(row)
        user = self.get_user_link(request, row.user)
        return {
            "title": _("Lockout: %(number)s") % {"number": self.display_name(row)},
            "heading": user if row.scope == Lockout.Scope.USER else number,
            "label": columns.lockout_state(row),
            "summary": lockout_text(row, may_lift=self.has_lift_lockout_permission(request)),
            "details": details.without_empty(
                [
                    (_("Locked out"), columns.locked_out(row)),
                    (_("State"), columns.lockout_state(row)),
                    (capfirst(_("phone number")), number),
                    (capfirst(_("user")), user),
                    (_("Incorrect codes"), row.wrong_codes),
                    (_("Locked out at"), exact_time(row.created_at)),
                    (_("Lifted at"), row.lifted_at and exact_time(row.lifted_at)),
                ]
            ),
            "links": [*self.get_number_links(request, row), *self.get_user_links(request, row.user_id)],
        }

    def has_lift_lockout_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may lift a lockout."""
        return self.has_app_permission(request, "lift_lockout")
