from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

accounts = [
    path("api/phone/", include("django_ding.api.urls")),
    path("phone/", include("django_ding.login.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
urlpatterns = [*urlpatterns[:6], path("accounts/", include((accounts, "accounts")))]
