"""A project with everything that this app has to offer."""

from django.urls import include, path

from tests.login.site import urlpatterns as pages

urlpatterns = [*pages, path("api/phone/", include("django_ding.api.urls"))]
