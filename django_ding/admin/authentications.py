"""Verifications: the list, its export, and the page that explains what happened to one."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding import humanize
from django_ding.admin import columns, details, display, filters, row_filters, search
from django_ding.admin.actions import REFRESH, REPORT_NOT_ONBOARDED, REPORT_ONBOARDED
from django_ding.admin.availability import limit_label, limit_text, read_limits
from django_ding.admin.base import LargeTableAdmin
from django_ding.admin.capabilities import takes_feedback
from django_ding.admin.large_tables import join_keys
from django_ding.admin.recovery import RecoveryLinkMixin
from django_ding.admin.refusal_texts import get_refusal_timeline
from django_ding.admin.related import RelatedRows, get_related_rows
from django_ding.admin.search import SearchMethod
from django_ding.admin.statistics.links import are_deleted
from django_ding.admin.summary import get_summary
from django_ding.admin.timeline import get_timeline
from django_ding.backends.types import FeedbackStatus
from django_ding.conf import ding_settings
from django_ding.error_reports import without_variables
from django_ding.guard.availability import LimitState, Obstacle
from django_ding.models import Authentication, Event, PhoneNumber, Refusal

_MAX_EVENTS = 500

#: The filters of the list of blocked requests for the same number or user as a filter of this list.
_REFUSAL_FILTERS = {
    "same_number_as": "same_number_as_authentication",
    "same_number_as_refusal": "same_number_as",
    "same_number_as_phonenumber": "same_number_as_phonenumber",
    "same_number_as_lockout": "same_number_as_lockout",
    "user": "user",
}


@admin.register(Authentication)
class AuthenticationAdmin(RecoveryLinkMixin, LargeTableAdmin):
    """Answers "I never got the code"."""

    confirmed_actions = (REFRESH, REPORT_ONBOARDED, REPORT_NOT_ONBOARDED)
    detail_template = "admin/django_ding/authentication/detail.html"
    export_fields = (
        *("public_id", "authentication_uuid", "phone_number", "country", "user", "purpose", "status", "error_code"),
        *("retries", "checks", "channel", "delivery_status", "carrier", "price_amount", "price_currency", "backend"),
        *("created_at", "expires_at", "validated_at"),
    )
    list_filter = (
        *row_filters.same_number_filters(Authentication),
        row_filters.BlockFilter,
        row_filters.UserFilter,
        ("created_at", filters.DateFilter),
        filters.CountryFilter,
        filters.StatusFilter,
        filters.FailureFilter,
        filters.PurposeFilter,
        filters.ChannelFilter,
        filters.CarrierFilter,
        filters.BackendFilter,
    )
    not_found_message = gettext_lazy("This verification doesn't exist. It may have been deleted.")
    empty_message = gettext_lazy("No verifications. There is one for each code that this site requests.")
    search_advice = gettext_lazy("Enter the complete number, the exact username or email, or an ID.")
    search_label = gettext_lazy("Phone number, user, email or ID")
    search_methods = (search.search_ids, search.search_number, search.search_blocked_number, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, the most important ones first: small screens show only those."""
        full = display.can_view_full_numbers(request)
        return [
            columns.number_column(full=full),
            columns.status,
            columns.reason,
            columns.requested,
            columns.delivery,
            columns.user_column(full=full),
            columns.purpose,
        ]

    def get_search_methods(self, request: HttpRequest) -> Sequence[SearchMethod]:
        """Search blocked requests only with the permission to view them."""
        hidden = () if self.can_view(request, Refusal) else (search.search_blocked_number,)
        return [method for method in super().get_search_methods(request) if method not in hidden]

    @method_decorator(without_variables)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Link to blocked requests of the same number or user, and say whether the rows of a time have been deleted."""
        response = super().changelist_view(request, extra_context)
        # A redirect, as after an invalid filter, has no context.
        context = getattr(response, "context_data", None) or {}
        if "cl" in context and self.can_view(request, Refusal):
            context["refusals_url"] = self._filtered_refusals_url(request, context["cl"].filter_specs)
        if "cl" in context and not context["cl"].result_count:
            context["are_deleted"] = _are_deleted(context["cl"].filter_specs)
        return response

    def has_refresh_authentication_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may refresh the status from the provider."""
        return self.has_app_permission(request, "refresh_authentication")

    def has_send_feedback_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may send feedback to the provider."""
        return self.has_app_permission(request, "send_feedback")

    def display_name(self, row: Authentication) -> str:
        """Return the masked number."""
        return display.title_number(row)

    def describe_row(self, request: HttpRequest, row: Authentication) -> str:
        """Return the number."""
        return display.page_number(request, row)

    def get_user_to_recover(self, row: Authentication) -> Any:
        """Return who requested the code or, if that was an anonymous visitor, whose number it is."""
        if row.user is not None:
            return row.user
        number = PhoneNumber.objects.filter(phone_number=row.phone_number).select_related("user").first()
        return number.user if number else None

    def has_report_onboarded_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may report others as genuine, where a backend takes it."""
        return self.has_send_feedback_permission(request) and _is_taken(FeedbackStatus.ONBOARDED)

    def has_report_not_onboarded_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may report others as not onboarded, where a backend takes it."""
        return self.has_send_feedback_permission(request) and _is_taken(FeedbackStatus.NOT_ONBOARDED)

    def get_detail_context(self, request: HttpRequest, row: Authentication) -> dict[str, Any]:
        """Return what happened, and what else is known of the number and the user."""
        events = list(Event.objects.filter(authentication=row).order_by("occurred_at", "pk")[:_MAX_EVENTS])
        related = get_related_rows(row)
        number = columns.number_column(full=display.can_view_full_numbers(request))(row)
        status = display.status_label(row)
        limits = read_limits(row)
        return {
            "title": _("Verification of %(number)s") % {"number": display.title_number(row)},
            "number": number,
            "status": status,
            "summary": get_summary(row, events, related, limits or ()),
            "timeline": get_timeline(row, events),
            "max_events": _MAX_EVENTS if len(events) == _MAX_EVENTS else None,
            # The number and the status again: a theme may have a heading of its own.
            "details": [
                (capfirst(_("phone number")), number),
                (capfirst(_("status")), status),
                *details.authentication_details(row, events),
            ],
            "limits": None if limits is None else self._limit_rows(request, limits),
            **self._related_context(request, row, related),
        }

    def _related_context(self, request: HttpRequest, row: Authentication, related: RelatedRows) -> dict[str, Any]:
        full, user, owner = display.can_view_full_numbers(request), row.user, related.owner
        # Events around this verification explain it, so that they are shown without the permission; others are not.
        has_refusals = related.has_refusals and self.can_view(request, Refusal)
        refusal_filter = {"same_number_as_authentication": row.pk}
        return {
            # Not "user", which the header of the admin greets.
            "requester": self.get_user_link(request, user),
            "user_authentications_url": self.url("changelist", user=join_keys([user.pk])) if user else "",
            "owner": display.user_link(owner.user, full=full) if owner else "",
            "owner_since": humanize.exact_time(owner.verified_at) if owner else "",
            "owner_url": self.row_url(request, owner),
            "related": related,
            "others": [
                {
                    "url": self.url("change", other.pk),
                    "age": humanize.age(other.created_at),
                    "moment": humanize.exact_time(other.created_at),
                    "status": display.status_label(other),
                }
                for other in related.others
            ],
            "number_authentications_url": self.url("changelist", same_number_as=row.pk),
            "refusals": get_refusal_timeline(row, related.refusals),
            "refusals_url": self.model_url(Refusal, "changelist", **refusal_filter) if has_refusals else "",
        }

    def _limit_rows(self, request: HttpRequest, limits: Sequence[LimitState]) -> list[dict[str, Any]]:
        return [
            {
                "label": limit_label(state),
                "text": limit_text(state),
                "is_free": not state.wait,
                "url": self.row_url(request, state.row),
                "link": _("View block") if state.kind is Obstacle.BLOCK else _("View lockout"),
            }
            for state in limits
        ]

    def _filtered_refusals_url(self, request: HttpRequest, specs: Iterable[Any]) -> str:
        """Return the URL of the blocked requests of the number or user the list is filtered by; empty without any."""
        for spec in specs:
            name = _REFUSAL_FILTERS.get(getattr(spec, "parameter_name", ""))
            if name and spec.value() is not None and spec.queryset(request, Refusal.objects.all()).exists():
                return self.model_url(Refusal, "changelist", **{name: spec.value()})
        return ""


def _is_taken(status: FeedbackStatus) -> bool:
    return any(takes_feedback(status, alias) for alias in ding_settings.BACKENDS)


def _are_deleted(specs: Iterable[Any]) -> bool:
    """Return whether the list is filtered by a time of which only the statistics are left."""
    times: dict[str, Any] = next((spec.used_parameters for spec in specs if isinstance(spec, filters.DateFilter)), {})
    since, until = times.get("created_at__gte"), times.get("created_at__lt")
    return bool(since and until and are_deleted(since[0], until[0]))
