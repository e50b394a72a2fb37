from django.apps import apps
from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from example import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("verify/", views.verify, name="verify"),
    path("verify/<uuid:public_id>/", views.enter_code, name="enter-code"),
    path("verify/<uuid:public_id>/resend/", views.resend, name="resend"),
    path("numbers/<int:pk>/make-primary/", views.make_primary, name="make-primary"),
    path("numbers/<int:pk>/remove/", views.remove, name="remove"),
    path("favicon.ico", RedirectView.as_view(url=static("example/icon.svg"))),
    path("admin/", admin.site.urls),
    path("api/phone/", include("django_ding.api.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
    *staticfiles_urlpatterns(),
]
if apps.is_installed("drf_spectacular"):
    from drf_spectacular.views import SpectacularAPIView

    urlpatterns += [path("api/schema/", SpectacularAPIView.as_view(), name="schema")]
