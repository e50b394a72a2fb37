"""The one final answer to a request, read to its end, and whether its connection may be used again.

``http.client`` takes every interim answer but 100 for the final one, and lines and lengths for good that two programs
may read in two ways. On a connection that is used again, each such doubt gives the next request the answer to this one
(RFC 9112, 6.3 and 9.2).
"""

import io
import re
from http.client import BadStatusLine, HTTPException, HTTPMessage, IncompleteRead, RemoteDisconnected, parse_headers
from typing import NamedTuple

from django_ding.backends.http.bounds import MAX_ANSWER_BYTES, AnswerTooLong

_MAX_LINE = 65_536
#: More than any provider sends. They are read within the bounds of the answer, too.
_MAX_INTERIM_ANSWERS = 16

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: (.*))?")
#: A name (RFC 9110, 5.6.2) with its colon, or the continuation of the line before.
_FIELD_LINE = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:|[ \t]).*")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")
_LENGTH = re.compile(r"[0-9]{1,16}", re.ASCII)


class FinalAnswer(NamedTuple):
    """An answer that was read to its end.

    :ivar minor_version: of HTTP/1.
    :ivar is_last: whether nothing further can be read from its connection.
    """

    minor_version: int
    status: int
    reason: str
    headers: HTTPMessage
    body: bytes
    is_last: bool


class _Head(NamedTuple):
    minor_version: int
    status: int
    reason: str
    headers: HTTPMessage


class AnswerReader:
    """Reads one answer.

    :param method: of the request.
    """

    def __init__(self, stream: io.BufferedReader, method: str) -> None:
        self._stream = stream
        self._method = method
        self._is_last = False

    def read(self) -> FinalAnswer:
        """Return the final answer, after any interim ones (RFC 9110, 15.2).

        :raises HTTPException: when it isn't HTTP/1, or leaves a doubt about where it ends.
        :raises AnswerTooLong: when it is too long, or there are too many interim ones.
        """
        for _ in range(_MAX_INTERIM_ANSWERS + 1):
            head = self._read_head()
            if head.status == 101:
                raise HTTPException("The server switched to another protocol without being asked.")
            if head.status >= 200:
                connection = ",".join(head.headers.get_all("Connection", []))
                if head.minor_version == 0 or "close" in connection.lower():
                    self._is_last = True
                body = self._read_body(head)
                return FinalAnswer(*head, body=body, is_last=self._is_last)
        raise AnswerTooLong

    def _read_head(self) -> _Head:
        status_line = self._read_line()
        match = _STATUS_LINE.fullmatch(status_line)
        if match is None:
            raise BadStatusLine(status_line.decode("latin-1"))
        lines = []
        while line := self._read_field_line():
            lines.append(line + b"\r\n")
        headers = parse_headers(io.BytesIO(b"".join([*lines, b"\r\n"])))
        return _Head(int(match[1]), int(match[2]), (match[3] or b"").decode("latin-1").strip(), headers)

    def _read_body(self, head: _Head) -> bytes:
        """Return the body, whose end must be beyond doubt (RFC 9112, 6.3)."""
        encodings, length = head.headers.get_all("Transfer-Encoding", []), _content_length(head.headers)
        if head.status in (204, 304) or self._method == "HEAD":
            # It has no body. If it announces one, that may come nevertheless.
            self._is_last = self._is_last or bool(encodings or length)
            return b""
        if encodings:
            is_chunked = [encoding.strip().lower() for encoding in encodings] == ["chunked"]
            if not is_chunked or length is not None or head.minor_version == 0:
                raise HTTPException("The answer's transfer encoding leaves its length open.")
            return self._read_chunks()
        if length is None:
            self._is_last = True
            return self._stream.read()
        return self._read_exactly(length)

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := self._read_chunk_size():
            body += self._read_exactly(size)
            if self._read_line():
                raise HTTPException("A chunk is longer than its size.")
        while self._read_field_line():
            pass  # Trailers aren't used.
        return bytes(body)

    def _read_chunk_size(self) -> int:
        match = _CHUNK_SIZE.fullmatch(self._read_line())
        if match is None:
            raise HTTPException("The size of a chunk is malformed.")
        return int(match[1], 16)

    def _read_exactly(self, length: int) -> bytes:
        if length > MAX_ANSWER_BYTES:  # A buffer of this length would be made before the first byte is read.
            raise AnswerTooLong
        content = self._stream.read(length)
        if len(content) < length:
            raise IncompleteRead(content, length - len(content))
        return content

    def _read_field_line(self) -> bytes:
        """Return a header's line, empty at the end of the headers."""
        line = self._read_line()
        if line and not _FIELD_LINE.fullmatch(line):
            raise HTTPException("A line among the headers is not one.")
        return line

    def _read_line(self) -> bytes:
        """Return a line without its end. A bare CR in it ends it for some readers, so that it is refused."""
        line = self._stream.readline(_MAX_LINE + 1)
        if not line:
            raise RemoteDisconnected("The connection ended before the answer.")
        content = line.removesuffix(b"\n").removesuffix(b"\r")
        if not line.endswith(b"\n") or b"\r" in content or b"\0" in content:
            raise HTTPException("A line of the answer is malformed.")
        if not line.endswith(b"\r\n"):
            # Readable (RFC 9112, 2.2), but the server is not to be relied on, or part of a value that it passed on.
            self._is_last = True
        return content


def _content_length(headers: HTTPMessage) -> int | None:
    """Return the length, which may be repeated, but neither differ nor be anything but digits."""
    values = {part.strip() for value in headers.get_all("Content-Length", []) for part in value.split(",")}
    if not values:
        return None
    if len(values) > 1 or not _LENGTH.fullmatch(text := values.pop()):
        raise HTTPException("The answer's length is malformed.")
    return int(text)
