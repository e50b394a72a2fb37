"""The cookie of a remembered device, which spares its user the second factor."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_ding import services
from django_ding.conf import ding_settings
from django_ding.login.user_agents import device_name
from django_ding.models import PhoneNumber, RememberedDevice

COOKIE_NAME = "django_ding_auth_device"  # Django's error reports hide a cookie with "auth" in its name.


def is_remembered_device(request: HttpRequest, user: Any) -> bool:
    """Return whether the request comes from a device that is remembered for this user."""
    return services.is_remembered_device(user, request.COOKIES.get(COOKIE_NAME, ""))


def current_device(request: HttpRequest) -> RememberedDevice | None:
    """Return the signed-in user's device that the request comes from, ``None`` for one that isn't remembered."""
    return services.find_device(request.user, request.COOKIES.get(COOKIE_NAME, ""))


def set_device_cookie(request: HttpRequest, response: HttpResponse, user: Any, *, number: str = "") -> None:
    """Remember the device, so that the user's next logins on it need no code.

    :param number: public id of the number that the code was sent to. If it has just been removed, nothing is done.
    """
    try:
        name = device_name(request.headers.get("User-Agent", ""))
        token = services.remember_device(user, name=name, number=number or None)
    except PhoneNumber.DoesNotExist:
        return
    response.set_cookie(
        COOKIE_NAME,
        token,
        max_age=timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS),
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
