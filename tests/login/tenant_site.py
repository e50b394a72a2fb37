"""The URLs of a project with a part for each tenant: the pages stand under an argument, in another namespace."""

from django.http import HttpResponse
from django.urls import include, path
from django.views import View

from django_ding.login.decorators import phone_verified_required
from django_ding.login.mixins import PhoneVerifiedRequiredMixin
from tests.login import site


class Gated(PhoneVerifiedRequiredMixin, View):
    def get(self, request, **kwargs):
        return HttpResponse("inside")


tenant = [
    path("", site.home, name="home"),
    path("password/", site.PasswordLoginView.as_view(), name="password"),
    path("orders/<int:order>/", phone_verified_required(site.home)),
    path("class/<int:order>/", Gated.as_view()),
    path("phone/", include("django_ding.login.urls", namespace="phone")),
]
urlpatterns = [path("<slug:tenant>/<int:pk>/", include((tenant, "shop")))]
