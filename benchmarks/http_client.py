"""An HTTP client that does as little as possible, because the client isn't measured."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, and the status that its response must have.

    :ivar headers: further ones, each with its line ending.
    """

    method: str = "POST"
    path: str
    body: str = ""
    headers: str
    status: int = 200

    def encoded(self, *, keep_alive: bool) -> bytes:
        ending = "" if keep_alive else "Connection: close\r\n"
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n{self.headers}{ending}"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n{self.body}".encode()


@dataclass
class _Exchange:
    """A request that was sent, and what has been received of its response."""

    number: int
    request: Request
    received: bytes = b""

    @property
    def is_complete(self) -> bool:
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return len(body) >= length

    def response(self) -> str:
        text = self.received.decode()
        if not text.startswith(f"HTTP/1.1 {self.request.status} "):
            raise SystemExit(f"{self.request.method} {self.request.path} was answered with {text[:1000]}")
        return text


@dataclass
class Client:
    """Makes requests to one address, several at a time, in one thread: it shares a core with what is measured."""

    address: tuple[str, int]
    keep_alive: bool
    _free: list[socket.socket] = field(default_factory=list)

    def send(self, request: Request) -> str:
        """Return the response with its headers."""
        (response,) = self.send_all([request], at_a_time=1)
        return response

    def send_all(self, requests: Sequence[Request], *, at_a_time: int) -> list[str]:
        """Return the responses, each with its headers, in the order of the requests."""
        responses = [""] * len(requests)
        waiting = iter(enumerate(requests))
        with DefaultSelector() as selector:
            for number, request in [next(waiting) for _ in range(min(at_a_time, len(requests)))]:
                self._start(_Exchange(number, request), selector)
            while selector.get_map():
                for key, _ in selector.select():
                    exchange, connection = key.data, key.fileobj
                    if not _receive(exchange, connection):
                        continue
                    selector.unregister(connection)
                    self._release(connection)
                    if following := next(waiting, None):
                        self._start(_Exchange(*following), selector)
                    responses[exchange.number] = exchange.response()
        return responses

    def close(self) -> None:
        """Close the connections that were kept."""
        while self._free:
            self._free.pop().close()

    def _start(self, exchange: _Exchange, selector: DefaultSelector) -> None:
        connection = self._connect()
        connection.sendall(exchange.request.encoded(keep_alive=self.keep_alive))
        selector.register(connection, EVENT_READ, exchange)

    def _connect(self) -> socket.socket:
        if self._free:
            return self._free.pop()
        connection = socket.create_connection(self.address, timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _release(self, connection: socket.socket) -> None:
        if self.keep_alive:
            self._free.append(connection)
        else:
            connection.close()


def _receive(exchange: _Exchange, connection: socket.socket) -> bool:
    """Read what has arrived, and return whether the response is complete."""
    part = connection.recv(65_536)
    if not part:
        raise SystemExit("A server closed the connection. See its output for the reason.")
    exchange.received += part
    return exchange.is_complete
