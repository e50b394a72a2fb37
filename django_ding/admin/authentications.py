"""Authentications: the list, the story of each, and the list as a file."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding.admin import columns, files, filters, searching
from django_ding.admin.base import Step
from django_ding.admin.days import DayFilter
from django_ding.admin.deeds import NOT_ONBOARDED, ONBOARDED, SYNC
from django_ding.admin.events.headline import headline
from django_ding.admin.events.story import refusals_near, story
from django_ding.admin.facts import facts
from django_ding.admin.long_tables import LongTableAdmin
from django_ding.admin.masking import may_see_numbers
from django_ding.admin.neighbours import Neighbours, neighbours
from django_ding.admin.reports import without_variables
from django_ding.models import Authentication, Event, Refusal

_MOST_EVENTS = 500

#: What narrows the refusals to the same people as a filter of this list does.
_SAME_IN_REFUSALS = {
    "same_number_as": "same_number_as_authentication",
    "same_number_as_refusal": "same_number_as",
    "user": "user",
}


@admin.register(Authentication)
class AuthenticationAdmin(LongTableAdmin):
    """Answers "I never got the code"."""

    deeds = (SYNC, ONBOARDED, NOT_ONBOARDED)
    file_columns = files.of_authentications
    list_filter = (
        filters.SameNumberFilter,
        filters.SameNumberAsRefusalFilter,
        filters.UserFilter,
        DayFilter,
        filters.CountryFilter,
        filters.StatusFilter,
        filters.PurposeFilter,
        filters.ChannelFilter,
        filters.BackendFilter,
    )
    missing = gettext_lazy("There is no such authentication. It may have been deleted.")
    page_template = "admin/django_ding/authentication/story.html"
    search_label = gettext_lazy("Phone number, user, email or id")
    search_steps = (searching.by_id, searching.by_number, searching.by_number_of_refusal, searching.by_user)

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return what is told of each. What answers most questions comes first: small screens show no more."""
        return [
            columns.number(whole=whole),
            columns.age,
            columns.user(whole=whole),
            columns.status,
            columns.delivery,
            columns.channel,
            columns.attempts,
            columns.checks,
            columns.purpose,
            columns.price,
            columns.country,
        ]

    def get_search_steps(self, request: HttpRequest) -> list[Step]:
        """Search the refusals, too, for who may see them."""
        hidden = () if self.may_view(request, Refusal) else (searching.by_number_of_refusal,)
        return [step for step in super().get_search_steps(request) if step not in hidden]

    @without_variables
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say where codes of the same number or user were refused, of which there is nothing in the list."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context and self.may_view(request, Refusal):
            context["refusals_url"] = self._refusals_of_list(request, context["cl"].filter_specs)
        return response

    def has_sync_authentication_permission(self, request: HttpRequest) -> bool:
        """Who may have the provider asked."""
        return self.has_extra_permission(request, "sync_authentication")

    def has_send_feedback_permission(self, request: HttpRequest) -> bool:
        """Who may tell the provider of users."""
        return self.has_extra_permission(request, "send_feedback")

    def page_context(self, request: HttpRequest, row: Authentication) -> dict[str, Any]:
        """Return the story of an authentication, and what is known of its number."""
        around = neighbours(row)
        return {
            "title": _("Authentication of %(number)s") % {"number": columns.isolated_number(row)},
            **self._told(request, row, around),
            **self._around(request, row, around),
        }

    def _told(self, request: HttpRequest, authentication: Authentication, around: Neighbours) -> dict[str, Any]:
        """Return what happened to it."""
        events = list(Event.objects.filter(authentication=authentication).order_by("occurred_at", "pk")[:_MOST_EVENTS])
        return {
            "number": columns.number(whole=may_see_numbers(request))(authentication),
            "badge": columns.status_badge(authentication),
            "headline": headline(authentication, events, around.refusals),
            "story": story(authentication, events),
            "is_cut": len(events) == _MOST_EVENTS,
            "facts": facts(authentication),
        }

    def _around(self, request: HttpRequest, authentication: Authentication, around: Neighbours) -> dict[str, Any]:
        """Return whose it is, and what else is known of the number."""
        whole, user = may_see_numbers(request), authentication.user
        return {
            "neighbours": around,
            "others": [self._other(row) for row in around.others],
            "owner": columns.person(around.owner.user, whole=whole) if around.owner else "",
            "owner_url": self.page_of(request, around.owner),
            "refusals": refusals_near(authentication, around.refusals),
            "refusals_url": self._refusals_url(request, authentication, around),
            "same_number_url": self.url("changelist", same_number_as=authentication.pk),
            "same_user_url": self.url("changelist", user=user.pk) if user else "",
            "person": columns.person(user, whole=whole, url=self.page_of(request, user)) if user else "",
        }

    def _other(self, row: Authentication) -> dict[str, Any]:
        return {"url": self.url("change", row.pk), "age": columns.age(row), "badge": columns.status_badge(row)}

    def _refusals_url(self, request: HttpRequest, authentication: Authentication, around: Neighbours) -> str:
        """Return where all refusals of the number are, empty where there are none or who asks may not see them."""
        if not around.was_refused or not self.may_view(request, Refusal):
            return ""
        return self.url_of(Refusal, "changelist", same_number_as_authentication=authentication.pk)

    def _refusals_of_list(self, request: HttpRequest, specs: Iterable[Any]) -> str:
        """Return where the refusals are of the number or the user that the list is narrowed to, empty without any."""
        for spec in specs:
            name = _SAME_IN_REFUSALS.get(spec.parameter_name)
            if name and spec.value() is not None and spec.queryset(request, Refusal.objects.all()).exists():
                return self.url_of(Refusal, "changelist", **{name: spec.value()})
        return ""
