from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from example import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.PasswordLoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("phone/", include("django_ding.login.urls")),
    path("vault/", views.vault, name="vault"),
    path("language/", include("django.conf.urls.i18n")),
    path("favicon.ico", RedirectView.as_view(url=static("example/icon.svg"))),
    # The admin's own login page requires no code.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/phone/", include("django_ding.api.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
    *staticfiles_urlpatterns(),
]
if apps.is_installed("drf_spectacular"):
    from drf_spectacular.views import SpectacularAPIView

    urlpatterns += [
        path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
        path("api/docs/", views.api_docs, name="api-docs"),
    ]
