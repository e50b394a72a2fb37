"""The sandbox over HTTP, on the standard library alone."""

import logging
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import quote

from . import hosts
from .application import respond
from .simulator import Simulator
from .wire import MAX_BODY, Request, Response, json_response

logger = logging.getLogger(__name__)

_IDLE_SECONDS = 60
_LINGER_SECONDS = 1
_LINGER_BYTES = 1024 * 1024

#: A path segment that is a phone number, its plus sign percent-encoded or not.
_NUMBER = re.compile(r"(?<=/)(%2[Bb]|\+|%20)*[0-9]{5,}(?=/|$)")


class SandboxServer:
    """A threaded HTTP/1.1 server around a simulator.

    :param host: the address to listen on.
    :param port: 0 picks a free one; ``url`` tells which.
    :param allowed_hosts: names that requests may call the server by, besides localhost and IP addresses.
    :param log: called with one line per request, without codes and full numbers.
    """

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
        self._http = _HTTPServer(simulator, host, port, names=(host, *allowed_hosts), log=log)
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        host, port = self._http.server_address[:2]
        return f"http://{hosts.in_url(str(host))}:{port}"

    @property
    def connections(self) -> int:
        """Return how many TCP connections were accepted so far."""
        return self._http.accepted

    def start(self) -> None:
        """Serve from a daemon thread."""
        self._thread = threading.Thread(target=self.serve_forever, name="ding-sandbox-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the listening socket and every connection. The simulator keeps what it knows."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.close_connections()

    def serve_forever(self) -> None:
        """Serve in this thread until :meth:`stop` or an exception such as ``KeyboardInterrupt``."""
        self._http.serve_forever(poll_interval=0.05)


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        simulator: Simulator,
        host: str,
        port: int,
        *,
        names: Iterable[str],
        log: Callable[[str], None] | None,
    ) -> None:
        self.simulator = simulator
        self.names = frozenset(name.lower() for name in names)
        self.log = log
        self.accepted = 0
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name as ``HTTPServer`` does: it can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self.accepted += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that clients break off, and of the rest its kind only: no numbers."""
        error = sys.exception()
        if not isinstance(error, OSError):
            logger.error("The sandbox failed: %s", type(error).__name__)

    def close_connections(self) -> None:
        """Wake the threads that wait for a client or for a slow answer, so that they end."""
        self.stopping.set()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _HTTPServer
    protocol_version = "HTTP/1.1"
    server_version = "ding-sandbox"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Read the request, let the application answer, write the answer."""
        refusal = self._refusal()
        if refusal:
            self.close_connection = True
            self._write(refusal)
            self._linger()
            return
        body = self._read_body()
        if body is None:
            self.close_connection = True
            return
        self._write(respond(self.server.simulator, self._request(body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what ``http.server`` refuses by itself, such as a malformed request line, in JSON too."""
        self.close_connection = True
        self._write(_refuse(int(code), message or "The request is malformed."))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence the access log of ``http.server``, which holds full numbers."""

    def _refusal(self) -> Response | None:
        length = self.headers.get("Content-Length", "0")
        if not hosts.is_allowed(self.headers.get("Host"), self.server.names):
            return _refuse(421, "This host name is not served. Use localhost, an IP address, or --allow-host.")
        if self.headers.defects or any(name != name.rstrip() for name in self.headers):
            return _refuse(400, "A header is malformed.")  # What follows it could hide the length of the body.
        if "Transfer-Encoding" in self.headers:
            return _refuse(411, "Send a Content-Length instead of a Transfer-Encoding.")
        if len(self.headers.get_all("Content-Length", [])) > 1 or not _is_length(length):
            return _refuse(400, "The Content-Length is malformed.")
        if int(length) > MAX_BODY:
            return _refuse(413, f"The body is longer than {MAX_BODY} bytes.")
        return None

    def _linger(self) -> None:
        """Take in what a refused client still sends: closing on unread data would reset the answer away."""
        self.wfile.flush()
        self.connection.settimeout(_LINGER_SECONDS)
        left = _LINGER_BYTES
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (data := self.connection.recv(65536)):
                left -= len(data)

    def _read_body(self) -> bytes | None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _request(self, body: bytes) -> Request:
        path, _, query = self.path.partition("?")
        return Request(method=self.command, path=path, query=query, headers=dict(self.headers.items()), body=body)

    def _write(self, response: Response) -> None:
        self._log(response)
        if response.delay:
            self.server.stopping.wait(response.delay)
        if response.dropped:
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _log(self, response: Response) -> None:
        if self.server.log:
            told = "dropped" if response.dropped else response.status
            self.server.log(f"{self.command or '-'} {loggable(getattr(self, 'path', '-'))} {told}")


def loggable(target: str) -> str:
    """Return a request's path without its query, its number masked, fit for a terminal."""
    path = quote(target.partition("?")[0], safe="/%+")[:200]
    return _NUMBER.sub(lambda match: f"{'*' * 6}{match[0][-2:]}", path)


def _refuse(status: int, message: str) -> Response:
    return json_response(status, {"code": "bad_request", "message": message, "doc_url": ""})


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
