"""What users proved: their numbers, and the devices that they trust."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ding.admin import columns, filters, searching
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.deeds import REVOKE
from django_ding.admin.masking import may_see_numbers
from django_ding.models import PhoneNumber, RememberedDevice


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ReadOnlyAdmin):
    """The verified numbers, which can be revoked."""

    deeds = (REVOKE,)
    list_filter = (filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("Phone number, user or email")
    search_steps = (searching.by_verified_number, searching.by_user)

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return what is told of each."""
        return [columns.number(whole=whole), columns.user(whole=whole), "is_primary", "verified_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show on its page what the list shows."""
        return self.columns(whole=may_see_numbers(request))

    get_readonly_fields = get_fields

    def has_revoke_phonenumber_permission(self, request: HttpRequest) -> bool:
        """Who may take a number from its user."""
        return self.has_extra_permission(request, "revoke_phonenumber")


@admin.register(RememberedDevice)
class RememberedDeviceAdmin(ReadOnlyAdmin):
    """The devices that need no second factor."""

    list_filter = (filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("User or email")
    search_steps = (searching.by_user,)

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return what is told of each."""
        return ["name", columns.user(whole=whole), "created_at", "expires_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show on its page what the list shows."""
        return self.columns(whole=may_see_numbers(request))

    get_readonly_fields = get_fields
