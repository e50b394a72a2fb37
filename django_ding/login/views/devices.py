"""A signed-in user's remembered devices: list, forget one, forget all."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from django_ding import services
from django_ding.login import remember
from django_ding.login.views.base import UserPageView
from django_ding.models import RememberedDevice
from django_ding.reverse import reverse

_LIST_URL = "django_ding_login:devices"


class UserDevicesMixin(UserPageView):
    """Limit a generic view to the signed-in user's remembered devices."""

    request: HttpRequest
    slug_field = slug_url_kwarg = "public_id"
    pk_url_kwarg: Any = None  # "pk" may be an argument of the URL that the pages are mounted under.

    def get_queryset(self) -> QuerySet[RememberedDevice]:
        return services.get_devices(self.request.user)


class DeviceListView(UserDevicesMixin, ListView):  # type: ignore[type-arg]
    """List the devices that need no code after the password."""

    template_name = "django_ding/login/device_list.html"
    context_object_name = "devices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {
            "current_device": remember.current_device(self.request),
            "numbers_url": reverse(self.request, "django_ding_login:numbers"),
        }
        return super().get_context_data(**context, **kwargs)


class DeviceForgetView(UserDevicesMixin, SingleObjectMixin):  # type: ignore[type-arg]
    """Forget a device."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change nothing: the visitor has just signed in again."""
        return HttpResponseRedirect(reverse(request, _LIST_URL))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        url = reverse(request, _LIST_URL)
        services.forget_device(self.get_object())
        messages.success(request, _("Device forgotten."), fail_silently=True)
        return HttpResponseRedirect(url)


class DeviceForgetAllView(UserPageView):
    """Forget all devices."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change nothing: the visitor has just signed in again."""
        return HttpResponseRedirect(reverse(request, _LIST_URL))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        url = reverse(request, _LIST_URL)
        services.forget_devices(request.user)
        messages.success(request, _("All devices forgotten."), fail_silently=True)
        return HttpResponseRedirect(url)
