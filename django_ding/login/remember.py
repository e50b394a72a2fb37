"""The cookie of a device that is not asked for a code again."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_ding import services
from django_ding.conf import ding_settings

COOKIE = "django_ding_auth_device"  # "auth" in its name keeps it out of Django's error reports.


def is_remembered(request: HttpRequest, user: Any) -> bool:
    """Tell whether this device was remembered for this user, and is still."""
    return services.is_remembered(user, request.COOKIES.get(COOKIE, ""))


def remember(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Let the user's next logins on this device do without a code."""
    response.set_cookie(
        COOKIE,
        services.remember_device(user, name=request.headers.get("User-Agent", "")),
        max_age=timedelta(days=ding_settings.REMEMBER_DEVICE_DAYS),
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
