"""Mount the sandbox in a project: ``path("sandbox/", include("django_ding.sandbox.urls"))``."""

from django.urls import path, re_path

from .views import sandbox

app_name = "django_ding_sandbox"
urlpatterns = [
    path("", sandbox, name="inbox"),
    path("inbox.json", sandbox, {"path": "inbox.json"}, name="inbox_json"),
    re_path(r"^(?P<path>(?:v1|assets)/.*)$", sandbox),
]
