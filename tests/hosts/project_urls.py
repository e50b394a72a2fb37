"""The URLs of a host project that mounts everything where the docs do, and pages of its own."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import include, path
from django.views import View
from django.views.generic import RedirectView

from django_ding.login.mixins import PhoneVerificationLoginMixin, PhoneVerifiedRequiredMixin


class CodeLoginView(PhoneVerificationLoginMixin, LoginView):
    template_name = "django_ding/login/phone_number_form.html"


class MembersView(PhoneVerifiedRequiredMixin, View):
    def get(self, request, *args, **kwargs):
        return HttpResponse("for members")


def home(request, *args, **kwargs):
    return HttpResponse(f"home of {request.user.is_authenticated}")


urlpatterns = [
    path("", home),
    path("accounts/login/", CodeLoginView.as_view(), name="login"),
    path("members/", MembersView.as_view()),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/phone/", include("django_ding.api.urls")),
    path("phone/", include("django_ding.login.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
