"""Reading an answer within bounds: until a deadline, however slowly its bytes come, and not beyond a size.

A socket's time-out starts anew with every byte, so by itself it lets an answer trickle in for hours. Nothing bounds the
length of a body, and ``http.client`` lets headers grow to some MiB.
"""

import http.client
import io
import time
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

#: The longest answer that is read, head and body, in bytes. Nothing that a provider says takes more than some KiB.
MAX_ANSWER_BYTES = 1024 * 1024


class AnswerTooLong(Exception):
    """An answer is longer than ``MAX_ANSWER_BYTES``. Its connection is closed."""


class BoundedAdapter(HTTPAdapter):
    """Makes the read timeout the time for the whole answer, from the end of the request to the last byte.

    A longer answer ends in ``AnswerTooLong``. It is no ``OSError``, so urllib3 and requests let it pass as it is, once
    they have closed the connection.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_bounds(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        return _use_bounds(super().proxy_manager_for(*args, **kwargs))


class _Reader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)
        self._bytes_left = MAX_ANSWER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        # A socket's time-out is for one read. Cut to what is left, it bounds all of them.
        self._sock.settimeout(remaining)
        count = self._raw.readinto(buffer)
        # Interim answers (100, 103) count as well: the same reader reads them.
        self._bytes_left -= count or 0
        if self._bytes_left < 0:
            raise AnswerTooLong
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # Taken off its buffer, which would read ahead without asking us; a buffer of our own comes on top.
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _TLSConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def _use_bounds(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    return manager
