from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/phone/", include("django_ding.api.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
