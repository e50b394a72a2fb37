"""The page of a user, which this app's pages link to."""

from django.contrib import admin
from django.contrib.auth import get_user_model

if get_user_model()._meta.app_label == "hosts":
    admin.site.register(get_user_model())
