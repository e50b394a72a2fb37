"""The standalone server: Django's own, with what the API's faults need and without numbers in its log.

It serves the sandbox's URLs for one simulator, whatever the URLs and the middleware of a project are.
"""

import logging
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from socketserver import TCPServer
from typing import Any
from urllib.parse import quote

from django.core.handlers.wsgi import WSGIRequest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpResponse, JsonResponse
from django.http.request import split_domain_port, validate_host

from .handler import MAX_BODY, SIMULATOR, ApiResponse, respond
from .simulator import Simulator
from .validation import is_ip_address

logger = logging.getLogger(__name__)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
_IDLE_SECONDS = 60
_DRAIN_SECONDS = 1
_DRAIN_BYTES = 1024 * 1024

#: A path segment that is a phone number, its plus sign percent-encoded or not.
_NUMBER = re.compile(r"(?<=/)(%2[Bb]|\+|%20)*[0-9]{5,}(?=/|$)")


class SandboxServer(ThreadedWSGIServer):
    """A threaded HTTP/1.1 server of one simulator. Django's settings must be configured when it answers.

    :param host: the address to listen on.
    :param port: 0 picks a free one; see ``url``.
    :param allowed_hosts: host names accepted besides localhost and IP addresses, as in ``ALLOWED_HOSTS``.
    :param log: called with one line per request, without codes and full numbers.
    """

    #: The most connections at a time. Each has a thread; one too many is closed at once.
    max_connections = 500
    request_queue_size = 128

    def __init__(
        self,
        simulator: Simulator,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_hosts: Iterable[str] = (),
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.simulator = simulator
        #: How many TCP connections were accepted so far.
        self.connections = 0
        self.log = log or (lambda line: None)
        self._allowed_hosts = ["localhost", ".localhost", host, *allowed_hosts]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__((host, port), _RequestHandler, ipv6=":" in host)
        self.set_app(self._answer)

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{host}:{self.server_port}"

    def start(self) -> None:
        """Serve from a daemon thread."""
        self._thread = threading.Thread(target=self.serve_forever, name="ding-sandbox-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the listening socket and every connection. The simulator keeps its memory."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
            self._thread = None
        self.server_close()
        # Threads that wait for a client or for a slow answer wake up and end.
        self._stopping.set()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def serve_forever(self, poll_interval: float = 0.05) -> None:
        """Serve in this thread until :meth:`stop` or an exception such as ``KeyboardInterrupt``."""
        super().serve_forever(poll_interval)

    # Called by the standard library's server.

    def server_bind(self) -> None:
        # HTTPServer would look up this machine's name in DNS, which can take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        with self._lock:
            self.connections += 1
            is_free = len(self._open) < self.max_connections
            if is_free:
                self._open.add(request)
            return is_free

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients break connections off all the time. Of the rest, the type alone: a traceback may hold a number.
        error = sys.exception()
        if not isinstance(error, OSError):
            logger.error("The sandbox failed: %s", type(error).__name__)

    def log_request(self, method: str, path: str, result: object) -> None:
        """Log a request by its result: an HTTP status, or ``dropped``."""
        self.log(f"{method} {loggable_path(path)} {result}")

    # The WSGI application.

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        request = WSGIRequest({**environ, SIMULATOR: self.simulator})
        response = self._respond(request)
        is_dropped = getattr(response, "dropped", False)
        # Logged before the client has the answer, or its next request could be logged first.
        self.log_request(request.method or "", request.path_info, "dropped" if is_dropped else response.status_code)
        if is_dropped:
            raise ConnectionAbortedError  # To wsgiref, the client is gone: it sends nothing.
        # Not sleep(): stop() ends the wait, and nothing is sent any more.
        if self._stopping.wait(getattr(response, "delay", 0.0)):
            raise ConnectionAbortedError
        response.headers.setdefault("Content-Length", str(len(response.content)))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [] if request.method == "HEAD" else [response.content]

    def _respond(self, request: WSGIRequest) -> HttpResponse:
        if not self._is_allowed(request.META.get("HTTP_HOST", "")):
            return _error(421, "This host name is not served. Use localhost, an IP address, or --allow-host.")
        try:
            if len(request.body) < int(request.META.get("CONTENT_LENGTH") or 0):
                return ApiResponse.drop()  # The client gave up in the middle of its request.
            return respond(request)
        except Exception as error:  # noqa: BLE001 - a server lives on
            logger.error("The sandbox failed: %s", type(error).__name__)
            return ApiResponse.drop()

    def _is_allowed(self, header: str) -> bool:
        """Return whether a Host header may name this server.

        A page on the web could point a name of its own at 127.0.0.1 (DNS rebinding) and read the codes. With an IP
        address it cannot, but ``ALLOWED_HOSTS`` has no pattern for those, and belongs to the project if there is one.
        """
        host, _ = split_domain_port(header)
        return validate_host(host, self._allowed_hosts) or is_ip_address(host.strip("[]"))


class _RequestHandler(WSGIRequestHandler):
    server: SandboxServer
    timeout = _IDLE_SECONDS
    # One packet per answer: headers and body apart would wait for each other's acknowledgement (Nagle).
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle(self) -> None:
        super().handle()
        # Closing on data that the client still sends would reset the connection, and its answer with it.
        connection: socket.socket = self.request  # type: ignore[assignment]
        connection.settimeout(_DRAIN_SECONDS)
        left = _DRAIN_BYTES
        with suppress(OSError):
            while left > 0 and (data := connection.recv(65536)):
                left -= len(data)

    def handle_one_request(self) -> None:
        self._is_answered = False
        super().handle_one_request()
        # Django's answer to HEAD writes headers without a flush.
        self.wfile.flush()
        # wsgiref leaves the connection of a dropped request open, and its client waiting.
        self.close_connection |= not self._is_answered

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if error := self._request_error():
            self.send_error(*error)
            return False
        return True

    def log_request(self, code: object = "-", size: object = "-") -> None:
        # wsgiref and http.server call this for each answer. Their access log would hold numbers.
        self._is_answered = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer in JSON what this class or ``http.server`` refuses by itself, such as a malformed request line."""
        self.server.log_request(self.command or "-", getattr(self, "path", "-"), int(code))
        response = _error(int(code), message or "The request is malformed.")
        self.close_connection = True
        self.send_response(response.status_code)
        for name, value in response.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.content)
        self.wfile.flush()

    def _request_error(self) -> tuple[int, str] | None:
        """Return the HTTP status and message for a request whose end cannot be found, or that is too long."""
        lengths = self.headers.get_all("Content-Length", ["0"])
        if self.command not in _METHODS:
            return 501, "This method is not supported."
        if "Transfer-Encoding" in self.headers:
            return 411, "Send a Content-Length instead of a Transfer-Encoding."
        if len(lengths) > 1 or not re.fullmatch("[0-9]{1,12}", lengths[0]):
            return 400, "The Content-Length is malformed."
        if int(lengths[0]) > MAX_BODY:
            return 413, f"The body is longer than {MAX_BODY} bytes."
        return None


def loggable_path(path: str) -> str:
    """Return a path without its query, its number masked, fit for a terminal."""
    safe = quote(path.partition("?")[0], safe="/%+")[:200]
    return _NUMBER.sub(lambda match: f"{'*' * 6}{match[0][-2:]}", safe)


def _error(status: int, message: str) -> JsonResponse:
    return JsonResponse({"code": "bad_request", "message": message, "doc_url": ""}, status=status)
