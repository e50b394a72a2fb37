from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin

from django_ding.admin.users import UserVerificationsInline

admin.site.unregister(get_user_model())


@admin.register(get_user_model())
class ExampleUserAdmin(UserAdmin):
    """Django's page of a user, with the phone verifications of that user."""

    inlines = [UserVerificationsInline]
