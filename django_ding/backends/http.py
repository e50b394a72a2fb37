"""HTTP to a provider: one pooled session, time limits, JSON both ways, and outages told from answers.

The only module that imports ``requests``.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from django.core.exceptions import ImproperlyConfigured
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError
from urllib3.util import Retry

from django_ding.exceptions import BackendUnavailable


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer the provider gave on purpose: a status below 500 and a JSON object."""

    status: int
    data: Mapping[str, Any]


class HttpClient:
    """JSON over HTTP with one connection pool per process, shared by its threads and made anew after ``fork``.

    A request is repeated only when it cannot have been executed: the connection was refused or timed out, or the
    name was not found. A POST whose answer never came is not, since the message may have been sent and paid for.
    Redirects are not followed and cookies not kept.

    :param base_url: where paths are appended, ``https://…`` or, for a local sandbox, ``http://…``.
    :param headers: sent with each request. They hold secrets, so they stay inside the session.
    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds that the provider may stay silent.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open; make it at least the number of threads.
    :raises ImproperlyConfigured: when the URL is not one, or a number is out of range.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        connect_timeout: float,
        read_timeout: float,
        connect_retries: int,
        pool_size: int,
    ) -> None:
        self._base_url = _validated_url(base_url)
        self._headers = _Secrets(headers)
        self._timeout = (
            _positive("connect_timeout", connect_timeout),
            _positive("read_timeout", read_timeout),
        )
        self._adapter_options = {"connect_retries": connect_retries, "pool_size": pool_size}
        self._sessions: dict[int, requests.Session] = {}

    def post(self, path: str, body: Mapping[str, object]) -> Reply:
        """POST a JSON object. :raises BackendUnavailable: in an outage."""
        return self._request("POST", path, data=json.dumps(body).encode())

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        """GET. :raises BackendUnavailable: in an outage."""
        return self._request("GET", path, headers=headers)

    def _request(self, method: str, path: str, **content: Any) -> Reply:
        session = self._session()
        request = session.prepare_request(requests.Request(method, self._base_url + path, **content))
        try:
            response = session.send(request, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as error:
            outage = _outage(error)
        else:
            return read_reply(response.status_code, response.headers, response.content)
        raise outage  # Outside the except block: the original error names the URL, and so the phone number.

    def _session(self) -> requests.Session:
        """Return this process's session. A forked child must not share its parent's sockets."""
        session = self._sessions.get(os.getpid())
        if session is None:
            self._sessions = {os.getpid(): self._open_session()} if not self._sessions else self._sessions
            session = self._sessions.setdefault(os.getpid(), self._open_session())
        return session

    def _open_session(self) -> requests.Session:
        session = requests.Session()
        environment = session.merge_environment_settings(self._base_url, {}, None, None, None)
        session.proxies, session.verify = environment["proxies"], environment["verify"]
        session.trust_env = False  # Proxies and certificates were just read, once instead of at each request.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update(self._headers)
        adapter = _adapter(**self._adapter_options)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


class _Secrets(dict[str, str]):
    """Headers that don't show their values when a traceback or a debugger prints them."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


def read_reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """Return what the provider answered.

    :raises BackendUnavailable: for 429, 5xx, a redirect, and a body that is not a JSON object.
    """
    if status == requests.codes.too_many_requests:
        raise BackendUnavailable(
            code="too_many_requests",
            retry_after=_retry_after(headers.get("Retry-After")),
            may_have_executed=False,
        )
    if status >= 500:
        raise BackendUnavailable(code=f"http_{status}", retry_after=_retry_after(headers.get("Retry-After")))
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if isinstance(data, dict) and not 300 <= status < 400:
        return Reply(status=status, data=data)
    if status >= 400:
        return Reply(status=status, data={})
    raise BackendUnavailable(code="not_json")


def _validated_url(base_url: str) -> str:
    parts = urlsplit(base_url) if isinstance(base_url, str) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(
            'base_url must be a URL such as "https://api.ding.live/v1", without credentials, query or fragment.'
        )
    return base_url.rstrip("/")


def _positive(name: str, seconds: float) -> float:
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
        return seconds
    raise ImproperlyConfigured(f"{name} must be a number of seconds above zero, not {seconds!r}.")


def _adapter(*, connect_retries: int, pool_size: int) -> HTTPAdapter:
    for name, value, least in (("connect_retries", connect_retries, 0), ("pool_size", pool_size, 1)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ImproperlyConfigured(f"{name} must be a whole number, {least} or more, not {value!r}.")
    only_connecting = Retry(connect=connect_retries, total=connect_retries, read=False, redirect=False, status=False)
    return HTTPAdapter(pool_maxsize=pool_size, max_retries=only_connecting)


def _outage(error: requests.RequestException) -> BackendUnavailable:
    reason = error.args[0] if error.args else None
    never_connected = isinstance(error, requests.ConnectTimeout) or (
        isinstance(reason, MaxRetryError) and isinstance(reason.reason, ConnectTimeoutError)
    )
    if isinstance(error, requests.Timeout):
        code = "timeout"
    elif isinstance(error, requests.exceptions.SSLError):
        code = "tls_error"
    else:
        code = "connection_failed" if never_connected else "connection_lost"
    return BackendUnavailable(code=code, reached=not never_connected)


def _retry_after(value: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((then - datetime.now(UTC)).total_seconds(), 0.0)
