from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from tests.hosts.project_urls import CodeLoginView, MembersView, home

tenant = [
    path("", home),
    path("accounts/login/", CodeLoginView.as_view(), name="login"),
    path("members/<int:pk>/", MembersView.as_view()),
    path("api/<str:version>/phone/", include("django_ding.api.urls")),
    path("phone/", include("django_ding.login.urls", namespace="phone")),
    path("sandbox/", include("django_ding.sandbox.urls")),
    path("hooks/", include("django_ding.webhooks.urls", namespace="tenant_webhooks")),
]
urlpatterns = [
    path("admin/login/", RedirectView.as_view(url="/acme/accounts/login/", query_string=True)),
    path("admin/", admin.site.urls),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("<slug:tenant>/", include((tenant, "shop"))),
]
