"""The filters of the lists. None reads its choices from the rows."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding import clock
from django_ding.admin.display import can_view_full_numbers, carrier_name, format_number, format_user, purpose_name
from django_ding.admin.large_tables import ColumnFilter, distinct_values, filter_by_keys, split_keys
from django_ding.backends.types import Channel
from django_ding.codes import describe_code
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.countries import localized_name
from django_ding.humanize import isolated
from django_ding.models import Authentication, Refusal
from django_ding.models.base import PhoneNumberModel

_Choices = Iterable[tuple[Any, Any]]
_MAX_USERS = 10


class DateFilter(DateFieldListFilter):
    """Django's date filter, extended by each year since the oldest row, the months of a year, the days of a month."""

    template = "admin/django_ding/scrollable_filter.html"

    def __init__(self, field: Any, request: HttpRequest, params: Any, model: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, request, params, model, *args, **kwargs)
        self.title = _("date")
        chosen = {name: self._parse(values) for name, values in self.used_parameters.items()}
        self.used_parameters = {name: [moment] for name, moment in chosen.items()}
        # Whether there are rows is not asked, as date_hierarchy does: that reads the whole table.
        links = self._date_links(model, chosen.get(self.lookup_kwarg_since), chosen.get(self.lookup_kwarg_until))
        params_of_django = [link_params for _title, link_params in self.links]
        self.links += tuple(link for link in links if link[1] not in params_of_django)

    def _parse(self, values: Any) -> datetime:
        # Django would let a naive moment warn, and one that no database can convert raise when the list is read.
        try:
            moment: datetime = self.field.to_python(values[-1])
            if timezone.is_naive(moment):
                moment = timezone.make_aware(moment)
            year = moment.astimezone(UTC).year
        except (ValidationError, ValueError, OverflowError, AttributeError) as error:
            raise IncorrectLookupParameters from error
        if not 1000 <= year < 9000:
            raise IncorrectLookupParameters
        return moment

    def _date_links(self, model: Any, since: datetime | None, until: datetime | None) -> Iterator[tuple[Any, Any]]:
        today = timezone.localtime(clock.now()).date()
        # The first entry of the index.
        oldest = model._default_manager.order_by(self.field_path).values_list(self.field_path, flat=True).first()
        first_year = timezone.localtime(oldest).year if oldest else today.year
        for year in range(today.year, first_year - 1, -1):
            yield self._link(str(year), date(year, 1, 1), date(year + 1, 1, 1))
        if since and until:
            yield from self._links_within(since, until, today)

    def _links_within(self, since: datetime, until: datetime, today: date) -> Iterator[tuple[Any, Any]]:
        """Yield the months of a year, or a month and its days."""
        start, is_year = timezone.localtime(since).date(), (until - since).days > 31
        months = [start.replace(month=n, day=1) for n in range(1, 13)] if is_year else [start.replace(day=1)]
        for month in months:
            if month <= today:
                yield self._link(formats.date_format(month, "YEAR_MONTH_FORMAT"), month, _next_month(month))
        for n in range(0 if is_year else (_next_month(months[0]) - months[0]).days):
            day = months[0] + timedelta(days=n)
            if day <= today:
                yield self._link(formats.date_format(day, "MONTH_DAY_FORMAT"), day, day + timedelta(days=1))

    def _link(self, title: str, since: date, until: date) -> tuple[Any, Any]:
        spans = {self.lookup_kwarg_since: _start_of_day(since), self.lookup_kwarg_until: _start_of_day(until)}
        return capfirst(title), spans


class StatusFilter(ColumnFilter):
    """By status."""

    title = gettext_lazy("status")
    parameter_name = "status"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer every status."""
        return Authentication.Status.choices


class CountryFilter(ColumnFilter):
    """By country."""

    title = gettext_lazy("country")
    parameter_name = "country"
    template = "admin/django_ding/scrollable_filter.html"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the countries that codes were requested for, by name."""
        names = [(region, localized_name(region)) for region in distinct_values(model_admin.model, "country") if region]
        return sorted(names, key=lambda choice: choice[1])


class PurposeFilter(ColumnFilter):
    """By purpose."""

    title = gettext_lazy("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the purposes in the settings, and that of the app which no setting has."""
        purposes = dict.fromkeys([*ding_settings.PURPOSES, Authentication.Purpose.STEP_UP.value])
        return [(purpose, purpose_name(purpose)) for purpose in purposes]


class ChannelFilter(ColumnFilter):
    """By channel."""

    title = gettext_lazy("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer every channel."""
        return Channel.choices


class CarrierFilter(ColumnFilter):
    """By carrier: those with a name in the settings, and the one that the statistics led to."""

    title = gettext_lazy("carrier")
    parameter_name = "carrier"
    template = "admin/django_ding/scrollable_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the carriers with a name, and what is chosen."""
        chosen = [] if self.value() is None else [str(self.value())]
        networks = dict.fromkeys([*ding_settings.CARRIER_NAMES, *chosen])
        return [(network, carrier_name(network)) for network in networks]


class PrefixFilter(ColumnFilter):
    """By prefix: the statistics lead here."""

    title = gettext_lazy("prefix")
    parameter_name = "prefix"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer only what is chosen."""
        return [] if self.value() is None else [(self.value(), isolated(str(self.value())))]


class BackendFilter(ColumnFilter):
    """By backend."""

    title = gettext_lazy("backend")
    parameter_name = "backend"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the backends in the settings."""
        aliases = [*ding_settings.BACKENDS, *([TEST_NUMBERS_ALIAS] if ding_settings.TEST_NUMBERS else [])]
        return [(alias, alias) for alias in aliases]


class ReasonFilter(ColumnFilter):
    """By the reason of a blocked request."""

    title = gettext_lazy("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer this app's own reasons, without those a provider's lookup may add."""
        return [(reason, capfirst(str(describe_code(reason).explanation))) for reason in Refusal.Reason.values]


class SameNumberFilter(ColumnFilter):
    """By number, given by the key of a row that has it, so that no number gets into a URL.

    :cvar row_model: the model of that row, ``None`` for the list's own.
    """

    row_model: type[PhoneNumberModel] | None = None

    title = gettext_lazy("phone number")
    parameter_name = "same_number_as"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer only what is chosen: searches and links lead here."""
        if self.value() is None:
            return []
        self.row = self._get_row(request, model_admin)
        full = can_view_full_numbers(request)
        label = format_number(self.row.phone_number, full=full) if self.row else _("a number that is no longer stored")
        return [(self.value(), label)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the number."""
        # Django calls lookups() first, and this only if it offered something.
        return queryset.filter(phone_number=self.row.phone_number) if self.row else queryset.none()

    def _get_row(self, request: HttpRequest, model_admin: Any) -> Any:
        if self.row_model and not model_admin.can_view(request, self.row_model):
            return None
        model = self.row_model or model_admin.model
        return filter_by_keys(model._default_manager.all(), [str(self.value())]).first()


class SameNumberAsAuthenticationFilter(SameNumberFilter):
    """By the number of a verification, in another list."""

    parameter_name = "same_number_as_authentication"
    row_model = Authentication


class SameNumberAsRefusalFilter(SameNumberFilter):
    """By the number of a blocked request, in another list."""

    parameter_name = "same_number_as_refusal"
    row_model = Refusal


class UserFilter(ColumnFilter):
    """By user. Several users may share an email, so it takes several keys with commas."""

    title = gettext_lazy("user")
    parameter_name = "user"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer only what is chosen: searches and links lead here."""
        if self.value() is None:
            return []
        keys = split_keys(str(self.value()))[:_MAX_USERS]
        # Those whom the project's default manager hides have rows here, too.
        self.users = list(filter_by_keys(get_user_model()._base_manager.all(), keys))
        names = [format_user(user, full=can_view_full_numbers(request)) for user in self.users]
        return [(self.value(), ", ".join(names) or _("a deleted user"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the users."""
        # Unlike "in", "=" lets MariaDB read the newest rows by the index and stop.
        if len(self.users) == 1:
            return queryset.filter(user=self.users[0])
        return queryset.filter(user__in=self.users)


class ActiveFilter(SimpleListFilter):
    """Blocks or lockouts that are active now, or the others."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer both."""
        return [("active", pgettext_lazy("block", "active")), ("inactive", pgettext_lazy("block", "inactive"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the state."""
        active = queryset.model.objects.active(clock.now()).values("pk")
        if self.value() == "active":
            return queryset.filter(pk__in=active)
        return queryset.exclude(pk__in=active) if self.value() == "inactive" else queryset


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _start_of_day(day: date) -> datetime:
    moment = datetime(day.year, day.month, day.day)
    return timezone.make_aware(moment) if settings.USE_TZ else moment  # As in Django's own links.
