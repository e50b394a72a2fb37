"""A provider on loopback that records each request exactly and answers what a test says, faults included."""

import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What happens on a connection: ``data`` is written, or the connection ends without it.

    ``later`` is written after 30 ms; ``unread`` answers before the request is read; ``silent`` leaves the client
    waiting after the data; ``slowly`` waits that many seconds before each byte; ``endless`` is written until the client
    hangs up; ``close`` ends the connection, and ``reset`` does so with a TCP reset.
    """

    data: bytes = b""
    later: bytes = b""
    unread: bool = False
    silent: bool = False
    slowly: float = 0.0
    endless: bytes = b""
    close: bool = False
    reset: bool = False


def answer(content=None, *, status=200, body=None, headers=None) -> Answer:
    """Return a well-formed answer: ``content`` as JSON, or the bytes of ``body``."""
    body = json.dumps({} if content is None else content).encode() if body is None else body
    lines = {"Content-Type": "application/json", "Content-Length": len(body), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Answer(data=f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode("latin-1") + body)


def refusal(code, *, status=400) -> Answer:
    return answer({"code": code, "message": "Whatever.", "doc_url": "https://example.com"}, status=status)


class Provider:
    """A threaded server. ``requests`` are those read in full; an answer not scripted is the ``usual`` one.

    :param tls: the server's side of TLS, if it is spoken.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.usual = answer({})
        self._script: deque[Answer] = deque()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._run(self._accept)

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def will(self, *answers: Answer) -> None:
        """Answer the next requests like this, in turn."""
        self._script.extend(answers)

    def _run(self, target, *args) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError):
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
                self.connections += 1
                self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as stream:
            while self._serve_one(connection, stream):
                pass

    def _serve_one(self, connection, stream) -> bool:
        if not (self._script and self._script[0].unread):
            request = _read(stream)
            if request is None:
                return False
            self.requests.append(request)
        else:
            stream.peek(1)
        with self._lock:
            chosen = self._script.popleft() if self._script else self.usual
        self._write(connection, chosen)
        if chosen.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not (chosen.close or chosen.reset)

    def _write(self, connection, chosen: Answer) -> None:
        if not chosen.slowly:
            connection.sendall(chosen.data)
        else:
            for byte in chosen.data:
                if self._stopping.wait(chosen.slowly):
                    return
                connection.sendall(bytes([byte]))
        if chosen.later and not self._stopping.wait(0.03):
            connection.sendall(chosen.later)
        while chosen.endless:
            connection.sendall(chosen.endless)
        if chosen.silent:
            self._stopping.wait()


def refusing_port() -> socket.socket:
    """Return a socket whose port is taken but refuses connections. Close it afterwards."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def _read(stream) -> Request | None:
    line = stream.readline().decode("latin-1").split(" ")
    if len(line) != 3:
        return None
    headers = {}
    while header := stream.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(
        method=line[0], path=line[1], headers=headers, body=stream.read(int(headers.get("content-length", 0)))
    )
