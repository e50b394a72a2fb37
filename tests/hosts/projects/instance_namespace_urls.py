from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [
    *urlpatterns[:6],
    path("api/phone/", include("django_ding.api.urls", namespace="api")),
    path("phone/", include("django_ding.login.urls", namespace="phone")),
    path("<slug:tenant>/phone/", include("django_ding.login.urls", namespace="tenant")),
    path("ding/webhooks/", include("django_ding.webhooks.urls", namespace="webhooks")),
]
