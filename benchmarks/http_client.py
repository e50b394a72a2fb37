"""An HTTP client that does as little as possible, because the client isn't measured."""

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, and the status that its response must have.

    :ivar headers: further ones, each with its line ending.
    """

    method: str = "POST"
    path: str
    body: str = ""
    headers: str = "Authorization: Bearer 1\r\nContent-Type: application/json\r\n"
    status: int = 200

    def encoded(self, *, keep_alive: bool) -> bytes:
        ending = "" if keep_alive else "Connection: close\r\n"
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n{self.headers}{ending}"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n{self.body}".encode()


@dataclass
class Client:
    """Makes requests to one address, several at a time."""

    address: tuple[str, int]
    keep_alive: bool
    _free: "SimpleQueue[socket.socket]" = field(default_factory=SimpleQueue)

    def send_all(self, requests: Sequence[Request], *, at_a_time: int) -> list[str]:
        """Return the responses, each with its headers, in the order of the requests."""
        if at_a_time == 1:
            return [self.send(request) for request in requests]
        with ThreadPoolExecutor(at_a_time) as threads:
            return list(threads.map(self.send, requests))

    def send(self, request: Request) -> str:
        """Return the response with its headers."""
        connection = self._connect()
        connection.sendall(request.encoded(keep_alive=self.keep_alive))
        response = _read(connection)
        if self.keep_alive:
            self._free.put(connection)
        else:
            connection.close()
        if not response.startswith(f"HTTP/1.1 {request.status} "):
            raise SystemExit(f"{request.method} {request.path} was answered with {response[:1000]}")
        return response

    def close(self) -> None:
        """Close the connections that were kept."""
        while not self._free.empty():
            self._free.get().close()

    def _connect(self) -> socket.socket:
        if not self._free.empty():
            return self._free.get()
        connection = socket.create_connection(self.address, timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _read(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        part = _receive(connection)
        body, received = body + part, received + part
    return received.decode()


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise SystemExit("A server closed the connection. See its output for the reason.")
    return received
