"""Restrict function views to users with a verified phone number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast, overload
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ding import services
from django_ding.reverse import resolve_path, resolve_url
from django_ding.urlconf import layers

Text = str | Promise
_View = TypeVar("_View", bound=Callable[..., Any])

#: The page of ``django_ding.login.urls`` where a user verifies a number.
VERIFY_URL = "django_ding_login:add"

#: How many pages find_reason() looks at: what is behind them comes from a link, which may be of any length.
_MAX_PAGES = 3

_DEFAULT_REASON = _("Verify a phone number to open the page you requested.")


@overload
def phone_verified_required(view: _View) -> _View: ...
@overload
def phone_verified_required(
    *,
    max_age: timedelta | None = ...,
    verify_url: Any = ...,
    verify_reason: Text = ...,
    login_url: Any = ...,
    redirect_field_name: str = ...,
) -> Callable[[_View], _View]: ...
def phone_verified_required(
    view: Callable[..., Any] | None = None,
    *,
    max_age: timedelta | None = None,
    verify_url: Any = VERIFY_URL,
    verify_reason: Text = "",
    login_url: Any = None,
    redirect_field_name: str = REDIRECT_FIELD_NAME,
) -> Any:
    """Restrict a view, sync or async, to users with a verified number. Use it with arguments or without.

    :param max_age: how long ago the number may have been verified at most; ``None`` for any time.
    :param verify_url: the page where a user verifies a number; by default that of ``django_ding.login.urls``.
    :param verify_reason: what that page says: why this view needs a number. By default, that it does.
    :param login_url: the page for a visitor who is not signed in; by default ``LOGIN_URL``.
    """

    gate = _Gate(
        max_age=max_age,
        verify_url=verify_url,
        verify_reason=verify_reason,
        login_url=login_url,
        redirect_field_name=redirect_field_name,
    )
    return gate.restrict(view) if view else gate.restrict


@dataclass(frozen=True, kw_only=True)
class _Gate:
    """What keeps others from a view; the arguments of the decorator."""

    max_age: timedelta | None
    verify_url: Any
    verify_reason: Text
    login_url: Any
    redirect_field_name: str

    def restrict(self, view: Callable[..., Any]) -> Callable[..., Any]:
        wrapper: Any = self._restrict_async(view) if iscoroutinefunction(view) else self._restrict_sync(view)
        # For the system checks and find_reason().
        wrapper.verify_url, wrapper.verify_reason, wrapper.login_url = (
            self.verify_url,
            self.verify_reason,
            self.login_url,
        )
        return cast("Callable[..., Any]", wrapper)

    def _restrict_sync(self, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            user = request.user
            if user.is_authenticated and services.has_verified_number(user, max_age=self.max_age):
                return view(request, *args, **kwargs)
            return self._redirect_away(request, user)

        return wrapper

    def _restrict_async(self, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        async def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            user = await request.auser()  # request.user would query the database in the event loop.
            if user.is_authenticated and await services.ahas_verified_number(user, max_age=self.max_age):
                return await view(request, *args, **kwargs)
            return self._redirect_away(request, user)

        return wrapper

    def _redirect_away(self, request: HttpRequest, user: Any) -> HttpResponse:
        url = self.verify_url if user.is_authenticated else self.login_url or settings.LOGIN_URL
        return redirect_to_login(request.get_full_path(), resolve_url(request, url), self.redirect_field_name)


def find_reason(url: str) -> str:
    """Return why the view at a URL needs a verified number; empty for one that needs none.

    Of the URL of a page on the way there, such as the one to confirm it's the user, it is that of its ``next``.
    """
    for _page in range(_MAX_PAGES):
        match = resolve_path(url)
        if match is None:
            return ""
        if reason := _get_reason(match.func):
            return reason
        url = parse_qs(urlsplit(url).query).get(REDIRECT_FIELD_NAME, [""])[0]
    return ""


def _get_reason(callback: Callable[..., Any]) -> str:
    """Return why a view needs a verified number; empty for one that needs none."""
    for view in layers(callback):
        # A class-based view has it from its class, or from the decorator of its dispatch().
        gate: Any = view if hasattr(view, "verify_url") else getattr(view, "view_class", None)
        if hasattr(gate, "verify_url"):
            initkwargs = getattr(view, "view_initkwargs", {})
            return str(initkwargs.get("verify_reason") or gate.verify_reason or _DEFAULT_REASON)
    return ""
