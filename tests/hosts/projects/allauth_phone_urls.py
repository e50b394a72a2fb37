from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [*urlpatterns, path("allauth/", include("allauth.urls"))]
