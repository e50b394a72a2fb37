"""A signed-in user's remembered devices: list, forget one, forget all."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from django_ding import services
from django_ding.login import remember
from django_ding.login.views.base import PageView
from django_ding.models import RememberedDevice

_LIST_URL = reverse_lazy("django_ding_login:devices")


class UserDevicesMixin(LoginRequiredMixin, PageView):
    """Limit a generic view to the signed-in user's remembered devices."""

    request: HttpRequest
    slug_field = slug_url_kwarg = "public_id"

    def get_queryset(self) -> QuerySet[RememberedDevice]:
        return services.get_devices(self.request.user)


class DeviceListView(UserDevicesMixin, ListView):  # type: ignore[type-arg]
    """List the devices that need no code after the password."""

    template_name = "django_ding/login/device_list.html"
    context_object_name = "devices"
    extra_context = {"numbers_url": reverse_lazy("django_ding_login:numbers")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(current_device=remember.current_device(self.request), **kwargs)


class DeviceForgetView(UserDevicesMixin, SingleObjectMixin):  # type: ignore[type-arg]
    """Forget a device."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Change nothing: the visitor has just signed in again."""
        return redirect(_LIST_URL)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        services.forget_device(self.get_object())
        messages.success(request, _("Device forgotten."), fail_silently=True)
        return redirect(_LIST_URL)


class DeviceForgetAllView(LoginRequiredMixin, PageView):
    """Forget all devices."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Change nothing: the visitor has just signed in again."""
        return redirect(_LIST_URL)

    def post(self, request: HttpRequest) -> HttpResponse:
        services.forget_devices(request.user)
        messages.success(request, _("All devices forgotten."), fail_silently=True)
        return redirect(_LIST_URL)
