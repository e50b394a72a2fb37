"""Views for users with a verified number only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from inspect import isawaitable
from typing import Any, overload

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from django_ding import services

_View = Callable[..., Any]

_VERIFY_URL = "django_ding_login:add"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Who may pass: a user who verified a number, no longer than ``max_age`` ago. The others come back afterwards."""

    max_age: timedelta | None = None
    verify_url: Any = _VERIFY_URL
    login_url: Any = None

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Return where a visitor has to go first; ``None`` for one who may pass."""
        user = request.user
        if not user.is_authenticated:
            return self._to_login(request)
        return None if services.has_verified_number(user, max_age=self.max_age) else self._to_verify(request)

    async def arefusal(self, request: HttpRequest) -> HttpResponse | None:
        """Do what :meth:`refusal` does, for an async view."""
        user = await request.auser()
        if not user.is_authenticated:
            return self._to_login(request)
        return None if await services.ahas_verified_number(user, max_age=self.max_age) else self._to_verify(request)

    def _to_login(self, request: HttpRequest) -> HttpResponse:
        return redirect_to_login(request.get_full_path(), resolve_url(self.login_url) if self.login_url else None)

    def _to_verify(self, request: HttpRequest) -> HttpResponse:
        return redirect_to_login(request.get_full_path(), resolve_url(self.verify_url))


class PhoneVerifiedRequiredMixin:
    """For class-based views, sync and async: only a user with a verified number sees them.

    Others are sent to ``login_url`` (by default ``LOGIN_URL``) or to ``verify_url``, and come back when they are
    done.

    :cvar max_age: how long ago the number may have been verified at most; ``None`` for any time.
    """

    max_age: timedelta | None = None
    verify_url: Any = _VERIFY_URL
    login_url: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        gate = Gate(max_age=self.max_age, verify_url=self.verify_url, login_url=self.login_url)
        view = super().dispatch  # type: ignore[misc]
        if self.view_is_async:  # type: ignore[attr-defined]
            return _apass(gate, view, request, *args, **kwargs)
        return gate.refusal(request) or view(request, *args, **kwargs)


@overload
def phone_verified_required(view: _View) -> _View: ...
@overload
def phone_verified_required(
    *, max_age: timedelta | None = ..., verify_url: Any = ..., login_url: Any = ...
) -> Callable[[_View], _View]: ...
def phone_verified_required(
    view: _View | None = None,
    *,
    max_age: timedelta | None = None,
    verify_url: Any = _VERIFY_URL,
    login_url: Any = None,
) -> Any:
    """Let only users with a verified number see a view, sync or async. Use it with arguments or without.

    :param max_age: how long ago the number may have been verified at most; ``None`` for any time.
    :param verify_url: the page to verify one on; by default that of ``django_ding.login.urls``.
    :param login_url: the page for somebody who is not signed in; by default ``LOGIN_URL``.
    """
    gate = Gate(max_age=max_age, verify_url=verify_url, login_url=login_url)
    return _gated(view, gate) if view else lambda function: _gated(function, gate)


def _gated(view: _View, gate: Gate) -> _View:
    if iscoroutinefunction(view):

        @wraps(view)
        async def agated(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return await _apass(gate, view, request, *args, **kwargs)

        return agated

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return gate.refusal(request) or view(request, *args, **kwargs)

    return gated


async def _apass(gate: Gate, view: _View, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    """Ask the gate, then the view. Another mixin's ``dispatch`` may answer for an async view without a coroutine."""
    if refusal := await gate.arefusal(request):
        return refusal
    response = view(request, *args, **kwargs)
    return await response if isawaitable(response) else response
