"""Answers of a provider gone mad: each names the request that it is for, whatever else is wrong with it.

What follows the end of an answer is written together with it. Bytes that come later, once the next request is on its
way, can't be told from its answer by any client of HTTP/1.1.
"""

import json
import socket
import threading
from contextlib import suppress
from random import Random

#: Seconds without a request after which the server hangs up, so that no answer without an end takes longer.
IDLE = 0.01
#: Seconds between two parts of an answer.
PAUSE = 0.001

_INTERIM = [
    "100 Continue",
    "102 Processing",
    "103 Early Hints",
    "103",
    "150 Odd",
    "199 Last",
    "101 Switching Protocols",
]
_STATUS_LINES = [
    *["HTTP/1.1 200 OK"] * 12,
    *["HTTP/1.1 201 Created", "HTTP/1.1 400 Bad Request", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK"] * 2,
    *[
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 304 Not Modified",
        "HTTP/1.1 301 Moved",
        "HTTP/1.1 500 Oh",
        "HTTP/1.1 429 No",
    ],
    *["HTTP/2 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 +200 OK", "HTTP/1.1 99 Low", "HTTP/1.1 1000 High", "ICY 200 OK"],
    *["\r\nHTTP/1.1 200 OK", "HTTP/1.1 2\x00", "HTTP/1.1 200 O\rK", "", "HTTP/0.9 200 OK", "HTTP/1.9 200 OK"],
]
_ODD_HEADERS = [
    "X: y",
    "X: " + "y" * 9000,
    "Connection: close",
    "Connection: keep-alive, Close",
    "Connection: upgrade",
    "Keep-Alive: timeout=5",
    "Retry-After: 9",
    "Content-Encoding: gzip",
    "no colon here",
    "Spaced : name",
    ": nameless",
    " folded",
    "Content-Length:\r\n 3",
    "X: a\rContent-Length: 3",
    "X: a\nContent-Length: 3",
    "X: a\nTransfer-Encoding: chunked",
    "X: \x00",
    "From me on",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: xchunked",
    "transfer-encoding:\tCHUNKED ",
]
_SIZES = [
    "{:x}",
    "{:X}",
    "{:x} ; a=b",
    "000{:x}",
    "-{:x}",
    "+{:x}",
    "0x{:x}",
    " {:x}",
    "{:x}_0",
    "{:x}0",
    "ffffffffffff",
    "",
]


class Answer:
    """One generated answer: its parts in the order in which they are written."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = Random(f"{seed} {name}")  # noqa: S311 - not a secret
        self._name = name
        self.parts = [part for _ in range(self._count()) for part in self._split(self._interim())]
        self.parts += self._split(self._final(), end=self._after())
        self.closes = self._one_in(8)

    def _one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0

    def _count(self) -> int:
        return self._random.choice([0, 0, 0, 0, 1, 1, 2, 20])

    def _split(self, data: bytes, end: bytes = b"") -> list[bytes]:
        """Cut at random places; ``end`` is never apart from the last byte before it."""
        cuts = sorted(self._random.randrange(len(data)) for _ in range(self._random.choice([0, 0, 1, 3])))
        parts = [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        return [*parts[:-1], parts[-1] + end]

    def _body(self, **more: str) -> bytes:
        return json.dumps({"name": self._name, **more}).encode()

    def _interim(self) -> bytes:
        # The last one is in the way of the final answer.
        status = self._random.choice(_INTERIM[:-1] if not self._one_in(20) else _INTERIM)
        headers = self._random.choice(
            ["", "", "Link: </a>\r\n", "Content-Length: 0\r\n", "Content-Length: 30\r\n", "odd\r\n"]
        )
        body = self._body() if self._one_in(20) else b""
        return f"HTTP/1.1 {status}\r\n{headers}\r\n".encode() + body

    def _after(self) -> bytes:
        if not self._one_in(4):
            return b""
        second = self._plain(self._body(second="yes"))
        return self._random.choice(
            [b"\r\n", b"x", b"HTTP/1.1 200 OK\r\n", second, b"\r\n" + second, b"0\r\n\r\n" + second]
        )

    def _plain(self, body: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def _final(self) -> bytes:
        body = self._body(filler="x" * self._random.choice([0, 0, 10, 9000]))
        if self._one_in(3):  # Nothing is wrong with it, so that connections are kept.
            return self._plain(body)
        if self._one_in(10):  # A second answer in the first one's body.
            body += self._plain(self._body(second="yes"))
        headers, body = self._chunked(body) if self._one_in(3) else self._measured(body)
        headers += [self._random.choice(_ODD_HEADERS) for _ in range(self._random.choice([0, 1, 1, 2]))]
        self._random.shuffle(headers)
        newline = self._random.choice(["\r\n"] * 9 + ["\n"])
        head = [self._random.choice(_STATUS_LINES), *headers, "", ""]
        data = newline.join(head).encode("latin-1") + body
        return data[: self._random.randrange(1, len(data))] if self._one_in(12) else data

    def _measured(self, body: bytes) -> tuple[list[str], bytes]:
        size = len(body)
        right = [[f"Content-Length: {size}"]] * 6
        lengths = [
            f"{size + 7}",
            f"{size - 7}",
            "0",
            "-1",
            f"+{size}",
            f"{size}, {size}",
            f"{size}, 1",
            "9" * 30,
            "x",
            "",
        ]
        wrong = [[f"Content-Length: {length}"] for length in lengths]
        twice = [[f"Content-Length: {size}", f"Content-Length: {other}"] for other in (size, size - 9)]
        return list(self._random.choice([*right, *wrong, *twice, [], []])), body

    def _chunked(self, body: bytes) -> tuple[list[str], bytes]:
        cut = self._random.randrange(len(body))
        chunks = [chunk for chunk in (body[:cut], body[cut:]) if chunk]
        encoded = b"".join(self._size(len(chunk)) + b"\r\n" + chunk + self._chunk_end() for chunk in chunks)
        last = self._random.choice(
            [b"0\r\n\r\n"] * 8 + [b"0\r\nA: b\r\n\r\n", b"0\r\nodd\r\n\r\n", b"", b"0\r\n", b"00;x\r\n\r\n"]
        )
        both = [f"Content-Length: {len(encoded)}"] if self._one_in(8) else []
        return ["Transfer-Encoding: chunked", *both], encoded + last

    def _size(self, size: int) -> bytes:
        return (self._random.choice(_SIZES) if self._one_in(4) else "{:x}").format(size).encode()

    def _chunk_end(self) -> bytes:
        return self._random.choice([b"\r\n"] * 12 + [b"\n", b"", b"xx\r\n"])


class MadProvider:
    """A server that answers each request with the answer generated for its path."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept)

    def __enter__(self) -> "MadProvider":
        self._accepting.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        serving: list[threading.Thread] = []
        with suppress(OSError):  # The listener's end.
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                serving = [thread for thread in serving if thread.is_alive()]
                serving.append(threading.Thread(target=self._serve, args=[connection]))
                serving[-1].start()
        for thread in serving:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(IDLE)
        pause = threading.Event().wait
        with connection, suppress(OSError):
            while request := self._read(connection):
                answer = Answer(self._seed, request)
                for number, part in enumerate(answer.parts):
                    if number:
                        pause(PAUSE)
                    connection.sendall(part)
                if answer.closes:
                    return

    def _read(self, connection: socket.socket) -> str:
        """Return the name in the path of a request without a body, empty at the end of the connection."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            if not (more := connection.recv(4096)):
                return ""
            data += more
        return data.split(b" ", 2)[1].decode().strip("/")
