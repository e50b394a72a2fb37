"""What became of the webhooks, as the inbox shows it. No ``repr`` holds a full number or a URL."""

import http.client
import re
import socket
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django_ding import phone

#: Webhooks remembered, the oldest forgotten first. A message has up to five.
MAX_WEBHOOKS = 500

#: Long parts of a path are secrets, as the tokens of this app are. A UUID is none.
_SECRET = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/|$))[^/]{16,}")


@dataclass(frozen=True, kw_only=True, repr=False)
class SimWebhook:
    """A webhook and the last answer to it.

    :ivar url: where it goes, without credentials, query and the token of its path.
    :ivar status: ``delivered``, ``retrying``, or ``failed`` when it was given up.
    :ivar attempts: how often it was posted; 0 when it was lost before.
    :ivar http_status: that of the last answer, ``None`` without one.
    :ivar reason: why it was not delivered.
    """

    id: int
    type: str
    phone_number: str
    url: str
    status: str
    attempts: int
    http_status: int | None
    reason: str
    attempted_at: datetime

    def __repr__(self) -> str:
        return f"<SimWebhook {self.type} about {phone.mask(self.phone_number)}: {self.status}>"


class WebhookLog:
    """The webhooks that were posted or lost. Not thread-safe by itself."""

    def __init__(self) -> None:
        self._webhooks: OrderedDict[int, SimWebhook] = OrderedDict()

    def add(self, webhook: SimWebhook) -> None:
        """Remember a webhook as it is now, instead of as it was before."""
        self._webhooks.pop(webhook.id, None)
        self._webhooks[webhook.id] = webhook
        if len(self._webhooks) > MAX_WEBHOOKS:
            self._webhooks.popitem(last=False)

    def clear(self) -> None:
        self._webhooks.clear()

    def newest(self) -> list[SimWebhook]:
        """Return the webhooks, the one posted last first."""
        return list(reversed(self._webhooks.values()))


def webhook_number(payload: Mapping[str, Any]) -> str:
    """Return the number that a payload of either version is about."""
    target = payload.get("payload", {}).get("target", {})
    return str(payload.get("recipient_phone_number") or target.get("value", ""))


def shown_url(url: str) -> str:
    """Return a URL without what is secret in it: credentials, query, token."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}{port}{_SECRET.sub('…', parts.path)}"


def status_reason(http_status: int) -> str:
    """Return what a status other than 200 says."""
    if 300 <= http_status < 400:
        return "Redirects are not followed"
    return HTTPStatus(http_status).phrase if http_status in HTTPStatus else "Not 200"


def error_reason(error: Exception) -> str:
    """Return why there was no answer, without the address that errors quote."""
    return next((reason for classes, reason in _ERRORS if isinstance(error, classes)), "Connection failed")


_ERRORS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TimeoutError, "No answer in time"),
    (ConnectionRefusedError, "Connection refused"),
    (socket.gaierror, "Host name not found"),
    (ssl.SSLError, "TLS failed"),
    (ConnectionError, "Connection lost"),
    (http.client.HTTPException, "The answer is not HTTP"),
    (ValueError, "The URL can't be used"),
)
