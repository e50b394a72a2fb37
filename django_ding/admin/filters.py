"""What lists are narrowed by. None of the choices is read from the rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_user_model
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding.admin.columns import purpose_label
from django_ding.admin.events.explaining import explain
from django_ding.admin.keys import with_keys
from django_ding.admin.masking import may_see_numbers, shown_number, shown_user
from django_ding.admin.values import distinct
from django_ding.backends.base import Channel
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.countries import name_of
from django_ding.models import Authentication, Block, MaskedNumberModel, Refusal

_Choices = Iterable[tuple[Any, Any]]
_MOST_USERS = 10


class ColumnFilter(SimpleListFilter):
    """Keeps the rows with a value in a column.

    :cvar has_index: whether an index of the column gives its rows from the newest to the oldest.
    :ivar uses_index: whether the database may use it. Beside another filter's it would only be read in vain.
    """

    has_index = False
    uses_index = True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with the value that is chosen."""
        if self.value() is None:
            return queryset
        column = str(self.parameter_name)
        if self.uses_index:
            return queryset.filter(**{column: self.value()})
        return queryset.filter(Exact(Concat(column, Value("")), self.value()))


class StatusFilter(ColumnFilter):
    """By status."""

    title = gettext_lazy("status")
    parameter_name = "status"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer every status there is."""
        return Authentication.Status.choices


class CountryFilter(ColumnFilter):
    """By country."""

    title = gettext_lazy("country")
    parameter_name = "country"
    template = "admin/django_ding/long_filter.html"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the countries that codes were asked for, by their names."""
        named = [(region, name_of(region)) for region in distinct(model_admin.model, "country") if region]
        return sorted(named, key=lambda country: country[1])


class PurposeFilter(ColumnFilter):
    """By purpose."""

    title = gettext_lazy("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the purposes of the settings."""
        return [(purpose, purpose_label(purpose)) for purpose in ding_settings.PURPOSES]


class ChannelFilter(ColumnFilter):
    """By channel."""

    title = gettext_lazy("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer every channel there is."""
        return Channel.choices


class BackendFilter(ColumnFilter):
    """By backend."""

    title = gettext_lazy("backend")
    parameter_name = "backend"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer the backends of the settings."""
        aliases = [*ding_settings.BACKENDS, *([TEST_NUMBERS_ALIAS] if ding_settings.TEST_NUMBERS else [])]
        return [(alias, alias) for alias in aliases]


class ReasonFilter(ColumnFilter):
    """By what the guard refused for."""

    title = gettext_lazy("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer every reason of the guard's own."""
        return [(reason, explain(reason).reason) for reason in Refusal.Reason.values]


class SameNumberFilter(ColumnFilter):
    """By number, which is named by a row that has it: a number has no place in an address.

    :cvar named_by: the kind of that row, ``None`` for one of the list itself.
    """

    named_by: type[MaskedNumberModel] | None = None

    title = gettext_lazy("phone number")
    parameter_name = "same_number_as"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer nothing but what is chosen: searches and links lead here."""
        if self.value() is None:
            return []
        self.row = self._row(request, model_admin)
        whole = may_see_numbers(request)
        shown = shown_number(self.row.phone_number, whole=whole) if self.row else _("a number that is not kept")
        return [(self.value(), shown)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the number."""
        return queryset.filter(phone_number=self.row.phone_number) if self.row else queryset.none()

    def _row(self, request: HttpRequest, model_admin: Any) -> Any:
        if self.named_by and not model_admin.may_view(request, self.named_by):
            return None
        model = self.named_by or model_admin.model
        return with_keys(model._default_manager.all(), [str(self.value())]).first()


class SameNumberAsAuthenticationFilter(SameNumberFilter):
    """By the number of an authentication, in another list."""

    parameter_name = "same_number_as_authentication"
    named_by = Authentication


class SameNumberAsRefusalFilter(SameNumberFilter):
    """By the number of a refusal, in another list."""

    parameter_name = "same_number_as_refusal"
    named_by = Refusal


class UserFilter(ColumnFilter):
    """By user. Several may share an email, so it takes some with commas between them."""

    title = gettext_lazy("user")
    parameter_name = "user"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer nothing but who is chosen: searches and links lead here."""
        if self.value() is None:
            return []
        keys = str(self.value()).split(",")[:_MOST_USERS]
        self.users = list(with_keys(get_user_model()._default_manager.all(), keys))
        names = [shown_user(user, whole=may_see_numbers(request)) for user in self.users]
        return [(self.value(), ", ".join(names) or _("a user who is not there any more"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of these users."""
        if len(self.users) == 1:
            return queryset.filter(user=self.users[0])
        return queryset.filter(user__in=self.users)


class InForceFilter(SimpleListFilter):
    """Blocks that refuse codes at this moment, or those that are over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer both."""
        return [("in_force", pgettext_lazy("block", "in force")), ("over", pgettext_lazy("block", "over or lifted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the blocks in that state."""
        in_force = Block.objects.in_force(timezone.now())
        if self.value() == "in_force":
            return queryset.filter(pk__in=in_force.values("pk"))
        return queryset.exclude(pk__in=in_force.values("pk")) if self.value() == "over" else queryset
