"""What users have verified: their numbers, who has lost them, and the devices they trust."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ding.admin import display, filters, search
from django_ding.admin.actions import LIFT_LOST_NUMBER, REVOKE
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.recovery import RecoveryLinkMixin
from django_ding.humanize import isolated
from django_ding.models import LostPhoneNumber, PhoneNumber, RememberedDevice


@admin.register(PhoneNumber)
class PhoneNumberAdmin(RecoveryLinkMixin):
    """Verified numbers, which can be revoked."""

    confirmed_actions = (REVOKE,)
    list_filter = (filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("Phone number, user or email")
    search_methods = (search.search_verified_number, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, and the fields of a number's page."""
        full = display.can_view_full_numbers(request)
        verified_at = display.time_column(PhoneNumber, "verified_at")
        return [display.number_column(full=full), display.user_column(full=full), "is_primary", verified_at]

    def has_revoke_phonenumber_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may take a number from its owner."""
        return self.has_app_permission(request, "revoke_phonenumber")


@admin.register(LostPhoneNumber)
class LostPhoneNumberAdmin(RecoveryLinkMixin):
    """Users who lost their last number, and can be let in without one."""

    confirmed_actions = (LIFT_LOST_NUMBER,)
    list_filter = (filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("User or email")
    search_methods = (search.search_user,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out users who have verified another number since."""
        rows: Any = super().get_queryset(request)
        return rows.active()

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, and the fields of a user's page."""
        user = display.user_column(full=display.can_view_full_numbers(request))
        return [user, "reason", display.time_column(LostPhoneNumber, "lost_at")]

    def display_name(self, row: Any) -> str:
        """Return the name of the user."""
        return isolated(display.format_user(row.user, full=False))

    def has_lift_lostphonenumber_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may let in others who lost their number."""
        return self.has_app_permission(request, "lift_lostphonenumber")


@admin.register(RememberedDevice)
class RememberedDeviceAdmin(ReadOnlyAdmin):
    """Devices that need no second factor."""

    list_filter = (filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("User or email")
    search_methods = (search.search_user,)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list, and the fields of a device's page."""
        user = display.user_column(full=display.can_view_full_numbers(request))
        times = (display.time_column(RememberedDevice, name) for name in ("created_at", "expires_at"))
        return ["name", user, *times]

    def display_name(self, row: Any) -> str:
        """Return the name of the device."""
        return isolated(row.name or str(_("Unnamed device")))
