"""Mount the callbacks: ``path("ding/webhooks/", include("django_ding.webhooks.urls"))``."""

from django.urls import path

from django_ding.webhooks.views import DingCallbackView

app_name = "django_ding_webhooks"
urlpatterns = [
    path("<uuid:public_id>/<str:token>/", DingCallbackView.as_view(), name="ding"),
]
