"""The sandbox's URLs: of the standalone server, and of a project that mounts them.

``path("sandbox/", include("django_ding.sandbox.urls"))``
"""

from django.urls import include, path

from . import inbox, v1

app_name = "django_ding_sandbox"
urlpatterns = [
    path("", inbox.page, name="inbox"),
    path("inbox.json", inbox.messages, name="inbox_json"),
    path("assets/<str:name>", inbox.asset),
    # Another version of the API is another module beside v1, on the same simulator.
    path("v1/", include(v1.urlpatterns)),
]
