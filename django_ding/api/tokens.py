"""Token issuers, which make the response of a REST login. ``DING["TOKEN_ISSUER"]`` chooses one.

Each is called with REST framework's request and the user whom Django's ``authenticate()`` returned for the correct
code, returns the response's body, and sends Django's ``user_logged_in`` once, which updates ``last_login``. Packages
are imported when their issuer is called.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.contrib.auth import login, user_logged_in
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from django_ding.api.serializers import UtcDateTimeField
from django_ding.conf import ding_settings

Issuer = Callable[[Request, Any], dict[str, Any]]


def get_issuer() -> Issuer:
    """Return the function that ``DING["TOKEN_ISSUER"]`` names.

    :raises ImportError: when it doesn't exist.
    """
    issuer: Issuer = import_string(ding_settings.TOKEN_ISSUER)
    return issuer


def check_csrf(request: Request, issuer: Issuer) -> None:
    """Raise before a code is spent what the issuer would raise after.

    :raises PermissionDenied: when the issuer is ``session`` and the request has no CSRF token.
    """
    if issuer is session:
        SessionAuthentication().enforce_csrf(request)


def session(request: Request, user: Any) -> dict[str, Any]:
    """Log the user in with Django's session cookie.

    The request needs Django's CSRF token. Without it, an attacker's site could post a code of the attacker's, and its
    visitors would continue in the attacker's account. Tokens in the body need none: the other site can't read them.
    """
    SessionAuthentication().enforce_csrf(request)
    login(request._request, user)
    return {"status": "valid"}


@sensitive_variables()
def authtoken(request: Request, user: Any) -> dict[str, Any]:
    """Return the token of ``rest_framework.authtoken``, the same one each time."""
    _check_installed("rest_framework.authtoken", package="djangorestframework", is_app=True)
    from rest_framework.authtoken.models import Token

    token, _created = Token.objects.get_or_create(user=user)
    _send_user_logged_in(request, user)
    return {"token": token.key}


@sensitive_variables()
def simplejwt(request: Request, user: Any) -> dict[str, Any]:
    """Return two JSON Web Tokens of ``djangorestframework-simplejwt``, with the project's own claims."""
    _check_installed("rest_framework_simplejwt", package="djangorestframework-simplejwt")
    from rest_framework_simplejwt.settings import api_settings

    refresh = import_string(api_settings.TOKEN_OBTAIN_SERIALIZER).get_token(user)
    _send_user_logged_in(request, user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


@sensitive_variables()
def knox(request: Request, user: Any) -> dict[str, Any]:
    """Return a new token of ``django-rest-knox`` and its expiry.

    :raises PermissionDenied: when the user has as many tokens as ``TOKEN_LIMIT_PER_USER`` allows.
    """
    _check_installed("knox", package="django-rest-knox", is_app=True)
    from knox.models import get_token_model
    from knox.settings import knox_settings

    tokens = get_token_model().objects
    live = Q(expiry=None) | Q(expiry__gt=timezone.now())  # noqa: TID251 - knox's table is as USE_TZ has it
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if limit is not None and tokens.filter(live, user=user).count() >= limit:
        raise PermissionDenied(_("You are logged in on too many devices."), code="too_many_tokens")
    row, token = tokens.create(user=user)
    _send_user_logged_in(request, user)
    return {"token": token, "expiry": row.expiry and UtcDateTimeField().to_representation(row.expiry)}


def _send_user_logged_in(request: Request, user: Any) -> None:
    user_logged_in.send(sender=type(user), request=request._request, user=user)


def _check_installed(module: str, *, package: str, is_app: bool = False) -> None:
    issuer = ding_settings.TOKEN_ISSUER
    if find_spec(module) is None:
        raise ImproperlyConfigured(f'DING["TOKEN_ISSUER"] is {issuer}, which needs {package}: install it.')
    if is_app and not apps.is_installed(module):
        raise ImproperlyConfigured(f'DING["TOKEN_ISSUER"] is {issuer}, which needs "{module}" in INSTALLED_APPS.')
