"""A URLconf with three sandboxes."""

from django.urls import include, path

_urls = include("django_ding.sandbox.urls")

urlpatterns = [
    path("short/", _urls, {"options": {"code_length": 4, "enabled": True}}),
    path("long/", _urls, {"options": {"code_length": 8, "enabled": True}}),
    path("hidden/", _urls),
]
