"""What the guard refused, which answers "I never got the code" where there is no authentication."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding.admin import columns, files, filters, searching
from django_ding.admin.days import DayFilter
from django_ding.admin.events.sentences import tell_refusal
from django_ding.admin.facts import known
from django_ding.admin.long_tables import LongTableAdmin
from django_ding.admin.masking import may_see_numbers
from django_ding.models import Authentication, Refusal


@admin.register(Refusal)
class RefusalAdmin(LongTableAdmin):
    """The refusals: to which numbers, why, and how often in an hour."""

    file_columns = files.of_refusals
    list_filter = (
        filters.SameNumberFilter,
        filters.SameNumberAsAuthenticationFilter,
        filters.UserFilter,
        DayFilter,
        filters.CountryFilter,
        filters.ReasonFilter,
    )
    missing = gettext_lazy("There is no such refusal. It may have been deleted.")
    moment = "hour"
    ordering = ("-hour",)
    page_template = "admin/django_ding/refusal/page.html"
    search_label = gettext_lazy("Phone number, user or email")
    search_steps = (searching.by_refused_number, searching.by_user)

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return what is told of each."""
        return [
            columns.number(whole=whole),
            columns.user(whole=whole),
            columns.reason,
            columns.refused_at,
            "count",
            columns.country,
        ]

    def page_context(self, request: HttpRequest, row: Refusal) -> dict[str, Any]:
        """Return why no code was sent, what to tell the user, and where else to look."""
        whole = may_see_numbers(request)
        return {
            "title": _("Refused codes to %(number)s") % {"number": columns.isolated_number(row)},
            "number": columns.number(whole=whole)(row),
            "headline": tell_refusal(row),
            "facts": known(_facts(row)),
            "person": columns.person(row.user, whole=whole, url=self.page_of(request, row.user)) if row.user else "",
            "links": list(self._links(request, row)),
        }

    def _links(self, request: HttpRequest, row: Refusal) -> Iterator[tuple[str, Any]]:
        """Yield where else to look, and what is there."""
        yield self.url("changelist", same_number_as=row.pk), _("All refusals of this number")
        if row.user_id is not None:
            yield self.url("changelist", user=row.user_id), _("All refusals of this user")
        if self.may_view(request, Authentication):
            url = self.url_of(Authentication, "changelist", same_number_as_refusal=row.pk)
            yield url, _("All authentications of this number")


def _facts(row: Refusal) -> Iterator[tuple[str, Any]]:
    yield _("Country"), columns.country(row)
    yield _("How often"), row.count
    yield _("First at"), row.first_at
    yield _("Last at"), row.last_at
    yield _("IP address"), row.ip
    yield _("Reason"), row.reason
