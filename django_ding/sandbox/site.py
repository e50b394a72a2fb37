"""The site that mounts the sandbox: where one can try a number on it."""

from django.conf import settings
from django.contrib.auth import load_backend
from django.http import HttpRequest
from django.urls import NoReverseMatch

from django_ding.reverse import reverse

from .handler import SIMULATOR


def start_url(request: HttpRequest) -> str | None:
    """Return the page that sends a code to a number, ``None`` where the site has none, or there is no site.

    Guests log in with the number; users add it to their account.
    """
    if SIMULATOR in request.META:
        return None
    user = getattr(request, "user", None)
    is_user = user is not None and user.is_authenticated
    if not is_user and not _logs_in_by_phone():
        return None
    try:
        return reverse(request, f"django_ding_login:{'add' if is_user else 'login'}")
    except NoReverseMatch:
        return None


def _logs_in_by_phone() -> bool:
    backends = map(load_backend, settings.AUTHENTICATION_BACKENDS)
    return any(getattr(backend, "logs_in_by_phone", False) for backend in backends)
