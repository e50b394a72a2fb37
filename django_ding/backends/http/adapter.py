"""Make requests and urllib3 read answers within bounds, and one answer per request."""

import http.client
import io
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from django_ding.backends.http.bounds import BoundedReader
from django_ding.backends.http.framing import AnswerReader


class StrictAdapter(HTTPAdapter):
    """Keeps a connection only after exactly one complete answer to each request.

    The read timeout becomes the time for the whole answer, from the end of the request to the last byte.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_strict_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        return _use_strict_pools(super().proxy_manager_for(*args, **kwargs))


class _Response(http.client.HTTPResponse):
    """An answer that has been read to its end when ``http.client`` decides whether its connection stays open.

    Bytes that come later, before the next request, make urllib3 drop the connection.
    """

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._sock = sock
        # Taken off its buffer, which would read ahead without asking us; a buffer of our own comes on top.
        self._reader = BoundedReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read the answer, and give its parts to ``http.client`` as if they came one by one."""
        if self.headers is not None:
            return
        stream, self.fp = self.fp, None  # Which means to http.client that it is closed.
        with stream:
            answer = AnswerReader(stream, self._method).read()
            self._reader.stop()
            self.will_close = answer.is_last or bool(stream.peek(1)) or self._has_decrypted_bytes()
        self.version = 11 if answer.minor_version else 10
        self.code = self.status = answer.status
        self.reason = answer.reason
        self.headers = self.msg = answer.headers
        del self.headers["Transfer-Encoding"]  # The chunks have been put together.
        self.chunked, self.length = False, len(answer.body)
        self.fp = io.BytesIO(answer.body)

    def _has_decrypted_bytes(self) -> bool:
        """Return whether TLS holds back bytes, which waiting for the socket wouldn't show."""
        pending = getattr(self._sock, "pending", None)
        return pending is not None and pending() > 0


class _Connection(HTTPConnection):
    response_class = _Response


class _TLSConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def _use_strict_pools(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    return manager
