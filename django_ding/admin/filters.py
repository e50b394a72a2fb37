"""The filters of the lists. None reads its choices from the rows."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding import clock, humanize
from django_ding.admin.display import carrier_name, purpose_name
from django_ding.admin.large_tables import FILTER_TEMPLATE, ColumnFilter, distinct_values
from django_ding.backends.types import Channel, DeliveryStatus
from django_ding.codes import describe_code
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.countries import localized_name
from django_ding.models import Authentication, Refusal

_Choices = Iterable[tuple[Any, Any]]
#: The newest failures whose reasons are offered.
_MAX_FAILURES = 500
_REASONS_WITH_STATUS = (
    Authentication.Status.RATE_LIMITED.value,
    Authentication.Status.SPAM_DETECTED.value,
    DeliveryStatus.UNDELIVERABLE.value,
)


class DateFilter(DateFieldListFilter):
    """Django's date filter, extended by each year since the oldest row, the months of a year, the days of a month."""

    template = FILTER_TEMPLATE

    def __init__(self, field: Any, request: HttpRequest, params: Any, model: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, request, params, model, *args, **kwargs)
        self.title = _("date")
        chosen = {name: self._parse(values) for name, values in self.used_parameters.items()}
        self.used_parameters = {name: [moment] for name, moment in chosen.items()}
        # Whether there are rows is not asked, as date_hierarchy does: that reads the whole table.
        links = self._date_links(model, chosen.get(self.lookup_kwarg_since), chosen.get(self.lookup_kwarg_until))
        params_of_django = [link_params for _title, link_params in self.links]
        self.links += tuple(link for link in links if link[1] not in params_of_django)
        self._name_chosen(chosen.get(self.lookup_kwarg_since), chosen.get(self.lookup_kwarg_until))

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

    def _name_chosen(self, since: datetime | None, until: datetime | None) -> None:
        """Mark the link of the chosen span, however its moments are written, or add one for it."""
        if not (since and until):
            return
        # As in the links, with whose texts Django compares them.
        span: dict[str, Any] = {
            self.lookup_kwarg_since: _as_in_links(since),
            self.lookup_kwarg_until: _as_in_links(until),
        }
        self.date_params |= {name: str(moment) for name, moment in span.items()}
        texts = [{name: str(value) for name, value in params.items()} for _title, params in self.links]
        if self.date_params not in texts:
            self.links = (self.links[0], (_span_title(since, until), span), *self.links[1:])

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
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the countries that codes were requested for, by name."""
        names = [(region, localized_name(region)) for region in distinct_values(model_admin.model, "country") if region]
        return sorted(names, key=lambda choice: choice[1])


class FailureFilter(ColumnFilter):
    """By why a verification failed."""

    title = gettext_lazy("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the reasons of the newest failures, those that are statuses, and what is chosen."""
        newest = Authentication.objects.filter(status=Authentication.Status.FAILED).order_by("-created_at")
        codes = {*newest.values_list("error_code", flat=True)[:_MAX_FAILURES], *_REASONS_WITH_STATUS} - {""}
        if chosen := self.value():
            codes.add(chosen)
        choices = [(code, capfirst(str(describe_code(code).explanation))) for code in codes]
        return sorted(choices, key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the code of the error or the delivery."""
        match self.value():
            case None:
                return queryset
            case DeliveryStatus.UNDELIVERABLE:
                verified = Authentication.Status.VALIDATED
                return queryset.filter(delivery_status=DeliveryStatus.UNDELIVERABLE).exclude(status=verified)
        return queryset.filter(error_code=self.value())


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

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the carriers with a name, and what is chosen."""
        chosen = [] if self.value() is None else [str(self.value())]
        networks = dict.fromkeys([*ding_settings.CARRIER_NAMES, *chosen])
        return [(network, carrier_name(network)) for network in networks]


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


class ActiveFilter(SimpleListFilter):
    """Blocks or lockouts that are active now, or the others."""

    title = gettext_lazy("state")
    parameter_name = "state"
    template = FILTER_TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer both."""
        return [("active", pgettext_lazy("block", "active")), ("inactive", pgettext_lazy("block", "inactive"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the state."""
        active = queryset.model.objects.active(clock.now()).values("pk")
        if self.value() == "active":
            return queryset.filter(pk__in=active)
        return queryset.exclude(pk__in=active) if self.value() == "inactive" else queryset


def _as_in_links(moment: datetime) -> datetime:
    return timezone.localtime(moment) if settings.USE_TZ else timezone.make_naive(moment)


def _span_title(since: datetime, until: datetime) -> str:
    """Return a span in words, such as an hour that the statistics link to: from 14:00 to 15:00 of a day."""
    dash = f" {humanize.DASH} "
    first, last = timezone.localtime(since), timezone.localtime(until)
    final = timezone.localtime(until - timedelta(microseconds=1))
    days = list(dict.fromkeys(formats.date_format(moment, "DATE_FORMAT") for moment in (first, final)))
    if not any((first.hour, first.minute, last.hour, last.minute)):
        return dash.join(days)
    if len(days) == 1:
        times = [humanize.isolated(f"{first:%H:%M}{humanize.DASH}{last:%H:%M} {last.tzname()}")]
    else:
        times = [humanize.isolated(f"{moment:%H:%M} {moment.tzname()}") for moment in (first, last)]
        days[1] = formats.date_format(last, "DATE_FORMAT")
    pairs = zip(days, times, strict=True)
    return dash.join(_("%(date)s, %(time)s") % {"date": day, "time": time} for day, time in pairs)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _start_of_day(day: date) -> datetime:
    moment = datetime(day.year, day.month, day.day)
    return timezone.make_aware(moment) if settings.USE_TZ else moment  # As in Django's own links.
