"""The sandbox's URLs: of the standalone server, and of a project that mounts them.

``path("sandbox/", include("django_ding.sandbox.urls"))``, with options of its own as a third argument:
``{"options": {"code_length": 4}}``. They answer where ``DEBUG`` is on, or ``"enabled": True`` is among the options.
"""

from django.urls import include, path

from . import inbox, v1
from .v2 import urls as v2

app_name = "django_ding_sandbox"
urlpatterns = [
    path("", inbox.page, name="inbox"),
    path("inbox.json", inbox.messages, name="inbox_json"),
    path("clear", inbox.clear, name="clear"),
    path("assets/<str:name>", inbox.asset),
    path("webhook-key.pem", inbox.webhook_key, name="webhook_key"),
    # Both versions of the API, on the same simulator.
    path("v1/", include(v1.urlpatterns)),
    path("v2/", include(v2.urlpatterns)),
]
