"""Blocked requests, which explain "I never got the code" where there is no verification, blocks, and lockouts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding.admin import details, display, filters, search
from django_ding.admin.actions import LIFT_BLOCK, LIFT_LOCKOUT
from django_ding.admin.base import LargeTableAdmin, ReadOnlyAdmin
from django_ding.admin.large_tables import join_keys
from django_ding.admin.timeline import refusal_text
from django_ding.humanize import isolated
from django_ding.models import Authentication, Block, Lockout, Refusal


@admin.register(Refusal)
class RefusalAdmin(LargeTableAdmin):
    """Blocked requests: to which numbers, why, and how often in an hour."""

    # Not last_at: it changes with each blocked request, so no index has it.
    date_field = "hour"
    detail_template = "admin/django_ding/refusal/detail.html"
    export_fields = ("phone_number", "country", "user", "reason", "count", "first_at", "last_at")
    list_filter = (
        filters.SameNumberFilter,
        filters.SameNumberAsAuthenticationFilter,
        filters.UserFilter,
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
            display.number_column(full=full),
            display.user_column(full=full),
            display.reason,
            display.last_seen,
            "count",
            display.country,
        ]

    def get_detail_context(self, request: HttpRequest, row: Refusal) -> dict[str, Any]:
        """Return why no code was sent, what to say to the user, and where else to look."""
        full = display.can_view_full_numbers(request)
        number = display.number_column(full=full)(row)
        user_url = self.row_url(request, row.user)
        links = []
        if row.phone_number:
            links.append((self.url("changelist", same_number_as=row.pk), _("All blocked requests to this number")))
        if row.user_id is not None:
            links.append(
                (self.url("changelist", user=join_keys([row.user_id])), _("All blocked requests of this user"))
            )
        if row.phone_number and self.can_view(request, Authentication):
            url = self.model_url(Authentication, "changelist", same_number_as_refusal=row.pk)
            links.append((url, _("All verifications of this number")))
        return {
            "title": _("Blocked requests to %(number)s") % {"number": display.title_number(row)},
            "number": number,
            "summary": refusal_text(row),
            "details": details.without_empty(
                [
                    (capfirst(_("phone number")), number),  # Again: a theme may have a heading of its own.
                    (_("Country"), display.country(row)),
                    (_("Count"), row.count),
                    (_("First seen"), row.first_at),
                    (_("Last seen"), row.last_at),
                    (_("IP address"), details.client_ip(row)),
                    (_("Reason"), row.reason),
                ]
            ),
            # Not "user", which the header of the admin greets.
            "requester": display.user_link(row.user, full=full, url=user_url) if row.user else "",
            "links": links,
        }


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Blocks of prefixes and countries with low conversion, which can be lifted."""

    confirmed_actions = (LIFT_BLOCK,)
    list_filter = (filters.ActiveFilter,)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, and the fields of a block's page."""
        # A prefix is shown without the permission for full numbers: ten thousand numbers share it.
        return [
            display.subject,
            "requester_type",
            display.state,
            display.conversion,
            *(display.time_column(Block, name) for name in ("created_at", "expires_at", "lifted_at")),
        ]

    def display_name(self, row: Block) -> str:
        """Return the name of a block in the language of the page: ``prefix +3361234``."""
        return f"{row.get_scope_display()} {isolated(row.subject)}"

    def has_lift_block_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may lift a block."""
        return self.has_app_permission(request, "lift_block")


@admin.register(Lockout)
class LockoutAdmin(ReadOnlyAdmin):
    """Numbers and users for which no code is accepted after too many incorrect ones in a row."""

    confirmed_actions = (LIFT_LOCKOUT,)
    list_filter = (filters.ActiveFilter, filters.SameNumberFilter, filters.UserFilter)
    list_select_related = ("user",)
    ordering = ("-pk",)
    search_label = gettext_lazy("Phone number, user or email")
    search_methods = (search.search_locked_out_number, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, and the fields of a lockout's page."""
        full = display.can_view_full_numbers(request)
        return [
            display.number_column(full=full),
            display.locked_out,
            display.user_column(full=full),
            display.lockout_state,
            "wrong_codes",
            *(display.time_column(Lockout, name) for name in ("created_at", "lifted_at")),
        ]

    def has_lift_lockout_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may lift a lockout."""
        return self.has_app_permission(request, "lift_lockout")
