"""Mount the webhooks: ``path("ding/webhooks/", include("django_ding.webhooks.urls"))``."""

from django.urls import path

from django_ding.webhooks.views import PerAccountWebhookView, PerRequestWebhookView

app_name = "django_ding_webhooks"
urlpatterns = [
    # An alias is any text, not only a slug.
    path("<str:alias>/", PerAccountWebhookView.as_view(), name="per_account"),
    path("<str:alias>/<uuid:public_id>/<str:token>/", PerRequestWebhookView.as_view(), name="per_request"),
]
