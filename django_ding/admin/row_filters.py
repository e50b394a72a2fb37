"""The filters by what a row has, which the URL names by its key: a number, a user, the prefix or country of a block."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding import humanize
from django_ding.admin.display import can_view_full_numbers, format_number, format_user
from django_ding.admin.large_tables import ColumnFilter, filter_by_keys, split_keys
from django_ding.models import Authentication, Block, Lockout, PhoneNumber, Refusal
from django_ding.models.base import PhoneNumberModel

_Choices = Iterable[tuple[Any, Any]]
_MAX_USERS = 10
#: The models from whose rows links lead to the rows with the same number in the lists of others.
_WITH_NUMBER: tuple[type[PhoneNumberModel], ...] = (Authentication, Refusal, PhoneNumber, Lockout)


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


def same_number_filters(model: type[PhoneNumberModel]) -> tuple[type[SameNumberFilter], ...]:
    """Return the filters of a model's list: by the number of a row of its own, and of a row of each other model."""
    return (SameNumberFilter, *(_same_number_as(other) for other in _WITH_NUMBER if other is not model))


def _same_number_as(model: type[PhoneNumberModel]) -> type[SameNumberFilter]:
    attributes = {"parameter_name": f"same_number_as_{model._meta.model_name}", "row_model": model}
    return type(f"SameNumberAs{model.__name__}Filter", (SameNumberFilter,), attributes)


class BlockFilter(ColumnFilter):
    """By the prefix or country of a block."""

    title = pgettext_lazy("prefix or country", "block")
    parameter_name = "block"
    has_index = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> _Choices:
        """Offer only what is chosen: links lead here."""
        if self.value() is None:
            return []
        rows = Block.objects.all() if model_admin.can_view(request, Block) else Block.objects.none()
        self.block = filter_by_keys(rows, [str(self.value())]).first()
        return [(self.value(), self.block.subject if self.block else _("a block that is no longer stored"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by its prefix or country."""
        return queryset.filter(**{self.block.scope: self.block.subject}) if self.block else queryset.none()


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
        return [(self.value(), humanize.listed(names) or _("a deleted user"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the users."""
        # Unlike "in", "=" lets MariaDB read the newest rows by the index and stop.
        if len(self.users) == 1:
            return queryset.filter(user=self.users[0])
        return queryset.filter(user__in=self.users)
