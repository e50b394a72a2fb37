from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [path("", include("accounts.urls")), *urlpatterns]
