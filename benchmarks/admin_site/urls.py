"""The admin, with the verifications on the page of each user."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.urls import path

from django_ding.admin.users import UserVerificationsInline

admin.site.unregister(get_user_model())


@admin.register(get_user_model())
class UserWithVerificationsAdmin(UserAdmin):
    """Django's own, as docs/admin.md extends it."""

    inlines = [UserVerificationsInline]


urlpatterns = [path("admin/", admin.site.urls)]
