"""The sandbox inside a Django project: the same application behind one view."""

import errno
import time
from collections.abc import Iterator
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from .application import respond
from .project import project_simulator
from .wire import MAX_BODY, Request, Response

#: A worker is held no longer than this by a slow answer.
_LONGEST_DELAY = 60.0


@csrf_exempt
@transaction.non_atomic_requests
def sandbox(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Answer for the simulator that this process shares, with the options of ``DING["SANDBOX"]``.

    Like the standalone server, it is for development: whoever reaches it can read every code.
    """
    response = respond(project_simulator(), _read(request, path))
    time.sleep(min(response.delay, _LONGEST_DELAY))
    return _drop(request) if response.dropped else _write(response)


def _read(request: HttpRequest, path: str) -> Request:
    return Request(
        method=request.method or "",
        path=f"/{quote(path, safe='/+')}",
        query=request.META.get("QUERY_STRING", ""),
        headers=dict(request.headers.items()),
        body=request.read(MAX_BODY + 1),
    )


def _write(response: Response) -> HttpResponse:
    return HttpResponse(
        response.body,
        status=response.status,
        content_type=response.content_type,
        headers={**response.headers},
    )


def _drop(request: HttpRequest) -> StreamingHttpResponse:
    """Break off in the middle of an answer: the nearest thing to a dropped connection that WSGI allows.

    A server that closes the connection when the application fails leaves its client with a body shorter than
    its Content-Length. The server of ``runserver`` keeps such a connection open, so there the length is left
    out, and the client gets a body that is cut off instead.
    """
    response = StreamingHttpResponse(_cut_off(), content_type="application/json")
    if not request.META.get("SERVER_SOFTWARE", "").startswith("WSGIServer"):
        response["Content-Length"] = "1024"
    return response


def _cut_off() -> Iterator[bytes]:
    yield b"{"
    raise ConnectionResetError(errno.ECONNRESET, "The sandbox drops this connection on purpose.")
