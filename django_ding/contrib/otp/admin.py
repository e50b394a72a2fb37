from django.contrib import admin
from django.contrib.auth import get_user_model
from django_otp.admin import user_model_search_fields

from django_ding.contrib.otp.models import PhoneDevice


@admin.register(PhoneDevice)
class PhoneDeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Which users have a phone as a device, and when they used it. The numbers are in the admin of django-ding."""

    list_display = ["user", "name", "created_at", "last_used_at", "confirmed"]
    list_filter = ["created_at", "last_used_at", "confirmed"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]
    readonly_fields = ["created_at", "last_used_at"]

    def get_search_fields(self, request: object) -> list[str]:
        fields, _help_text = user_model_search_fields([get_user_model().USERNAME_FIELD, "email"])
        return list(fields)
