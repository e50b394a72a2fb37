from django.urls import include, path

from tests.hosts.project_urls import urlpatterns

urlpatterns = [
    *(pattern for pattern in urlpatterns if str(pattern.pattern) != "admin/login/"),
    path("api-auth/", include("rest_framework.urls")),
]
