"""What a REST login answers: one function per kind of token, chosen by ``DING["TOKEN_ISSUER"]``.

Each is called with REST framework's request and the user whose code was right, returns the answer's body, and sends
Django's ``user_logged_in`` once, which updates ``last_login``. Packages are imported when their issuer is called.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
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

from django_ding.conf import ding_settings
from django_ding.services.identifying import phone_backend

Issuer = Callable[[Request, Any], dict[str, Any]]


def get_issuer() -> Issuer:
    """Return the function that ``DING["TOKEN_ISSUER"]`` names.

    :raises ImportError: when there is none.
    """
    issuer: Issuer = import_string(ding_settings.TOKEN_ISSUER)
    return issuer


def refuse_forged(request: Request, issuer: Issuer) -> None:
    """Refuse, before a code is spent, what the issuer would refuse.

    :raises PermissionDenied: for a request without Django's CSRF token, where the answer is a session.
    """
    if issuer is session:
        _enforce_csrf(request)


def session(request: Request, user: Any) -> dict[str, Any]:
    """Log the user in with Django's session cookie.

    The request needs Django's CSRF token. Without it, another site's form could post a code of an attacker's own, and
    its visitor would go on in the attacker's account. Tokens in the answer's body need none: that form can't read them.
    """
    _enforce_csrf(request)
    login(request._request, user, backend=_backend_of(user))
    return {"status": "valid"}


@sensitive_variables()
def authtoken(request: Request, user: Any) -> dict[str, Any]:
    """Answer the token of ``rest_framework.authtoken``, the same one each time."""
    _require("rest_framework.authtoken", package="djangorestframework", is_app=True)
    from rest_framework.authtoken.models import Token

    token, _created = Token.objects.get_or_create(user=user)
    _tell(request, user)
    return {"token": token.key}


@sensitive_variables()
def simplejwt(request: Request, user: Any) -> dict[str, Any]:
    """Answer a pair of JSON Web Tokens of ``djangorestframework-simplejwt``, with the project's own claims."""
    _require("rest_framework_simplejwt", package="djangorestframework-simplejwt")
    from rest_framework_simplejwt.settings import api_settings

    refresh = import_string(api_settings.TOKEN_OBTAIN_SERIALIZER).get_token(user)
    _tell(request, user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


@sensitive_variables()
def knox(request: Request, user: Any) -> dict[str, Any]:
    """Answer a new token of ``django-rest-knox`` and when it expires.

    :raises PermissionDenied: when the user has as many as ``TOKEN_LIMIT_PER_USER`` allows.
    """
    _require("knox", package="django-rest-knox", is_app=True)
    from knox.models import get_token_model
    from knox.settings import knox_settings

    tokens = get_token_model().objects
    live = Q(expiry=None) | Q(expiry__gt=timezone.now())
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if limit is not None and tokens.filter(live, user=user).count() >= limit:
        raise PermissionDenied(_("You are logged in on too many devices."), code="too_many_tokens")
    row, token = tokens.create(user=user)
    _tell(request, user)
    return {"token": token, "expiry": row.expiry}


def _enforce_csrf(request: Request) -> None:
    SessionAuthentication().enforce_csrf(request)


def _backend_of(user: Any) -> str:
    """Return what loads the user from the session: a backend that the project lists."""
    return str(getattr(user, "backend", phone_backend() or settings.AUTHENTICATION_BACKENDS[0]))


def _tell(request: Request, user: Any) -> None:
    user_logged_in.send(sender=type(user), request=request._request, user=user)


def _require(module: str, *, package: str, is_app: bool = False) -> None:
    issuer = ding_settings.TOKEN_ISSUER
    if find_spec(module) is None:
        raise ImproperlyConfigured(f'DING["TOKEN_ISSUER"] is {issuer}, which needs {package}: install it.')
    if is_app and not apps.is_installed(module):
        raise ImproperlyConfigured(f'DING["TOKEN_ISSUER"] is {issuer}, which needs "{module}" in INSTALLED_APPS.')
