"""What every view needs, and ways to call the views past the URLs and the middleware of a project."""

from collections.abc import Callable, Mapping
from functools import wraps
from io import BytesIO
from typing import Any, cast
from urllib.parse import unquote

from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import HttpHeaders
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods

from .project import is_enabled, mounted_simulator
from .simulator import Simulator

_URLCONF = "django_ding.sandbox.urls"

#: The key of ``request.META`` for the simulator of requests that come past a project: from the standalone server or
#: from ``SandboxBackend``. Clients cannot set it: what they send is under ``HTTP_…``.
SIMULATOR = "django_ding.simulator"

#: The longest body accepted, in bytes.
MAX_BODY = 64 * 1024

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # Not no-referrer: with it, browsers post forms without an Origin, and Django takes them for another site's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_View = Callable[..., HttpResponse]


def inbox_view(*methods: str) -> Callable[[_View], _View]:
    """Return a decorator of views open to anyone, outside of transactions, with headers that lock them down.

    :param methods: those that the view takes; none for reading alone.
    """

    def decorator(view: _View) -> _View:
        @login_not_required
        @transaction.non_atomic_requests
        @wraps(view)
        def locked_view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            kwargs["simulator"] = request_simulator(request, kwargs.pop("options", {}))
            limited = require_http_methods(methods or ("GET", "HEAD"))(view)
            response = limited(request, **kwargs)
            for name, value in _HEADERS.items():
                response[name] = value
            return response

        locked_view.is_sandbox = True  # type: ignore[attr-defined]
        return locked_view

    return decorator


class ApiResponse(JsonResponse):
    """A response of the API, and what the server has to do about it.

    ``delay`` is how many seconds to wait before sending it. When ``dropped``, the connection is closed instead, whether
    the call was ``executed`` or not.
    """

    delay = 0.0
    dropped = False
    executed = True

    @classmethod
    def drop(cls, *, executed: bool = True) -> "ApiResponse":
        """Return the response that closes the connection without an answer."""
        response = cls({})
        response.dropped, response.executed = True, executed
        return response


@inbox_view()
def not_found(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Say where the inbox and the API are."""
    text = "There is nothing here. The inbox is at / and the API under /v1/ and /v2/."
    return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")


def request_simulator(request: HttpRequest, options: Mapping[str, Any]) -> Simulator:
    """Return the simulator that answers a request: its server's, else the project's.

    :param options: those of the mounted URLs.
    :raises Http404: when mounted URLs are not meant to answer.
    """
    simulator: Simulator | None = request.META.get(SIMULATOR)
    if simulator is not None:
        return simulator
    if not is_enabled(options):
        raise Http404('The sandbox answers where DEBUG is on. Elsewhere, switch it on with "enabled".')
    return mounted_simulator(options)


def respond(request: HttpRequest) -> HttpResponse:
    """Answer a request that names its simulator."""
    try:
        match = resolve(request.path_info, _URLCONF)
    except Resolver404:
        return not_found(request)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def call(simulator: Simulator, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> ApiResponse:
    """Call the API from this process, without HTTP. Acting on a delay or a drop is left to the caller."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        # WSGI wants the decoded path as Latin-1 (PEP 3333).
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        SIMULATOR: simulator,
    }
    environ |= {HttpHeaders.to_wsgi_name(name): value for name, value in headers.items()}
    return cast("ApiResponse", respond(WSGIRequest(environ)))
