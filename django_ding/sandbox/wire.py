"""A request and a response, whatever server carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})

#: The longest body accepted, in bytes.
MAX_BODY = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request. ``path`` is percent-encoded and begins at the sandbox's root: ``/v1/check``."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING, repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Return a header's value; names are case-insensitive."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response, and what the server has to do about it.

    :param delay: seconds to wait before answering.
    :param dropped: close the connection without answering.
    """

    status: int
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    delay: float = 0.0
    dropped: bool = False


def json_response(status: int, content: object, headers: Mapping[str, str] = _NOTHING) -> Response:
    return Response(status=status, body=json.dumps(content).encode(), headers=headers)
