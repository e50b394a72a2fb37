"""Verified numbers, users who lost theirs, and remembered devices."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ding.admin import columns, display, row_filters, search
from django_ding.admin.actions import LIFT_LOST_NUMBER, REVOKE
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.details import copyable
from django_ding.admin.recovery import RecoveryLinkMixin
from django_ding.admin.row_texts import device_text, lost_number_text, number_text
from django_ding.humanize import exact_time, isolated
from django_ding.models import LostPhoneNumber, PhoneNumber, RememberedDevice


@admin.register(PhoneNumber)
class PhoneNumberAdmin(RecoveryLinkMixin):
    """Verified numbers, which can be revoked."""

    confirmed_actions = (REVOKE,)
    empty_message = _("No phone numbers. A number appears here when its user enters the code sent to it.")
    list_filter = (row_filters.UserFilter,)
    list_select_related = ("user",)
    search_label = _("Phone number, user or email")
    search_methods = (search.search_verified_number, search.search_user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        full = display.can_view_full_numbers(request)
        verified_at = columns.time_column(PhoneNumber, "verified_at")
        return [columns.number_column(full=full), columns.user_column(full=full), columns.rank, verified_at]

    def get_detail_context(self, request: HttpRequest, row: PhoneNumber) -> dict[str, Any]:
        """Return whose number it is since when, and what else there is of it."""
        full = display.can_view_full_numbers(request)
        number = columns.number_column(full=full)(row)
        return {
            "title": gettext("Phone number %(number)s") % {"number": self.display_name(row)},
            "heading": number,
            "summary": number_text(row, user=isolated(display.format_user(row.user, full=full))),
            "details": [
                (capfirst(gettext("phone number")), number),
                (capfirst(gettext("user")), self.get_user_link(request, row.user)),
                (gettext("Rank"), columns.rank(row)),
                (gettext("Verified"), exact_time(row.verified_at)),
                (gettext("Public ID"), copyable(gettext("Public ID"), str(row.public_id))),
            ],
            "links": [*self.get_number_links(request, row), *self.get_user_links(request, row.user_id)],
        }

    def describe_row(self, request: HttpRequest, row: Any) -> str:
        """Return the number."""
        return display.page_number(request, row)

    def has_revoke_phonenumber_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may take a number from its owner."""
        return self.has_app_permission(request, "revoke_phonenumber")


@admin.register(LostPhoneNumber)
class LostPhoneNumberAdmin(RecoveryLinkMixin):
    """Users who lost their last number, and can be let in without one."""

    confirmed_actions = (LIFT_LOST_NUMBER,)
    empty_message = _("No lost phone numbers. A user appears here when their last number is removed or taken over.")
    list_filter = (row_filters.UserFilter,)
    list_select_related = ("user",)
    search_advice = _("Enter the exact username or email.")
    search_label = _("User or email")
    search_methods = (search.search_user,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out users who have verified another number since."""
        rows: Any = super().get_queryset(request)
        return rows.active()

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        user = columns.user_column(full=display.can_view_full_numbers(request))
        return [user, "reason", columns.time_column(LostPhoneNumber, "lost_at")]

    def get_detail_context(self, request: HttpRequest, row: LostPhoneNumber) -> dict[str, Any]:
        """Return how the user lost their number, and what they can do."""
        full = display.can_view_full_numbers(request)
        return {
            "title": gettext("Lost phone number of %(user)s") % {"user": self.display_name(row)},
            "heading": display.format_user(row.user, full=full),
            "summary": lost_number_text(row, user=isolated(display.format_user(row.user, full=full))),
            "details": [
                (capfirst(gettext("user")), self.get_user_link(request, row.user)),
                (gettext("Reason"), row.get_reason_display()),
                (gettext("Lost at"), exact_time(row.lost_at)),
            ],
            "links": self.get_user_links(request, row.user_id),
        }

    def display_name(self, row: Any) -> str:
        """Return the name of the user."""
        return isolated(display.format_user(row.user, full=False))

    def has_lift_lostphonenumber_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may let in others who lost their number."""
        return self.has_app_permission(request, "lift_lostphonenumber")


@admin.register(RememberedDevice)
class RememberedDeviceAdmin(ReadOnlyAdmin):
    """Devices that need no second factor."""

    empty_message = _("No remembered devices. A device appears here when its user chooses not to be asked on it.")
    list_filter = (row_filters.UserFilter,)
    list_select_related = ("user",)
    search_advice = _("Enter the exact username or email.")
    search_label = _("User or email")
    search_methods = (search.search_user,)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        user = columns.user_column(full=display.can_view_full_numbers(request))
        times = (columns.time_column(RememberedDevice, name) for name in ("created_at", "expires_at"))
        return [columns.device, user, *times]

    def get_detail_context(self, request: HttpRequest, row: RememberedDevice) -> dict[str, Any]:
        """Return whose device it is, and until when it is remembered."""
        full = display.can_view_full_numbers(request)
        return {
            "title": gettext("Remembered device %(name)s") % {"name": self.display_name(row)},
            "heading": columns.device(row),
            "summary": device_text(row, user=isolated(display.format_user(row.user, full=full))),
            "details": [
                (capfirst(gettext("user")), self.get_user_link(request, row.user)),
                (gettext("Device"), columns.device(row)),
                (gettext("Remembered at"), exact_time(row.created_at)),
                (gettext("Expires"), exact_time(row.expires_at)),
                (gettext("Public ID"), copyable(gettext("Public ID"), str(row.public_id))),
            ],
            "links": self.get_user_links(request, row.user_id),
        }

    def display_name(self, row: Any) -> str:
        """Return the name of the device."""
        return isolated(str(columns.device(row)))
