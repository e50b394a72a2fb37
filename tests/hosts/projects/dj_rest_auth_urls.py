from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [path("auth/", include("dj_rest_auth.urls")), *urlpatterns]
