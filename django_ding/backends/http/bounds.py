"""Reading an answer within bounds: until a deadline, however slowly its bytes come, and not beyond a size.

A socket's time-out starts anew with every byte, so by itself it lets an answer trickle in for hours. Nothing bounds the
length of a body, and ``http.client`` lets headers grow to some MiB.
"""

import io
import time
from socket import socket
from typing import Any

#: The longest answer that is read, head and body, in bytes. Nothing that a provider says takes more than some KiB.
MAX_ANSWER_BYTES = 1024 * 1024


class AnswerTooLong(Exception):
    """An answer is longer than ``MAX_ANSWER_BYTES``. Its connection is closed.

    It isn't an ``OSError``, so urllib3 and requests let it pass as it is, once they have closed the connection.
    """


class BoundedReader(io.RawIOBase):
    """Reads a socket for as long as its time-out, counted from now, and up to ``MAX_ANSWER_BYTES``."""

    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)
        self._bytes_left = MAX_ANSWER_BYTES
        self._is_stopped = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._is_stopped:
            return 0
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

    def stop(self) -> None:
        """Read no more, so that a buffer on top returns what it holds without waiting for more."""
        self._is_stopped = True

    def close(self) -> None:
        self._raw.close()
        super().close()
