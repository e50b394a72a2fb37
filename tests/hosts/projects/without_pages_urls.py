from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [
    *urlpatterns[:6],
    path("api/phone/", include("django_ding.api.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
]
