"""HTTP to a provider: one pooled session, limits of time and size, JSON both ways, and outages told from answers.

The only package that imports ``requests``.
"""

import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, ProxyError, ReadTimeoutError, SSLError

from django_ding import __version__
from django_ding.backends import options
from django_ding.backends.http.bounds import AnswerTooLong, BoundedAdapter
from django_ding.exceptions import BackendUnavailable

_HEADERS = {
    "User-Agent": f"django-ding/{__version__}",
    "Accept": "application/json",
    # What is compressed has no bound before it is unpacked, so it is not asked for, nor unpacked when it comes.
    "Accept-Encoding": "identity",
}
_CHUNK = 16 * 1024

#: The longest ``Retry-After`` taken at its word, in seconds.
LONGEST_RETRY_AFTER = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer the provider gave on purpose: a success or a refusal, and its JSON object."""

    status: int
    data: Mapping[str, Any] = field(repr=False)


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """JSON over HTTP with one connection pool per process, shared by its threads and made anew after ``fork``.

    A request is repeated only when it cannot have been executed: the connection was refused or timed out, or the
    name was not found. A POST whose answer never came is not, since the message may have been sent and paid for.
    Redirects are not followed and cookies not kept. Proxies and certificates are those that the environment names
    (``HTTPS_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE``) when the process makes its first request.

    A request takes at most ``connect_timeout`` for each address of the host, as often as it is tried, plus
    ``read_timeout``, plus the time in which the system's resolver finds the name. Of its answer at most 1 MiB is read;
    a longer one is an outage. A compressed one, which nobody asked for, is not unpacked, and so not JSON.

    :param base_url: where paths are appended, ``https://…`` or, for a local sandbox, ``http://…``.
    :param headers: sent with each request. They hold secrets, so they stay inside the session.
    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds until the whole answer must be there.
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
        self.base_url = options.web_url("base_url", base_url)
        self._headers = _Secrets({**_HEADERS, **headers})
        self._timeout = (
            options.seconds("connect_timeout", connect_timeout),
            options.seconds("read_timeout", read_timeout),
        )
        self._connect_retries = options.whole("connect_retries", connect_retries, least=0)
        self._pool_size = options.whole("pool_size", pool_size, least=1)
        self._sessions: dict[int, requests.Session] = {}

    def post(self, path: str, body: Mapping[str, object]) -> Reply:
        """POST a JSON object. :raises BackendUnavailable: in an outage."""
        return self._request("POST", path, headers={"Content-Type": "application/json"}, data=json.dumps(body).encode())

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        """GET. :raises BackendUnavailable: in an outage."""
        return self._request("GET", path, headers=headers or {})

    def _request(self, method: str, path: str, *, headers: Mapping[str, str], data: bytes | None = None) -> Reply:
        request = requests.PreparedRequest()
        request.prepare(method, self.base_url + path, headers=_Secrets({**self._headers, **headers}), data=data)
        answer = self._try(request)
        for _ in range(self._connect_retries):
            if not isinstance(answer, BackendUnavailable) or answer.reached:
                break
            answer = self._try(request)
        if isinstance(answer, BackendUnavailable):
            raise answer
        return read_reply(answer.status, answer.headers, answer.body)

    def _try(self, request: requests.PreparedRequest) -> _Answer | BackendUnavailable:
        """Return the answer, read to its end, or the outage.

        An outage raised in here would be chained to an error that names the URL, and so a phone number. The adapter
        is called directly, because a session would also follow redirects and keep cookies.
        """
        session = self._session()
        adapter = session.get_adapter(self.base_url)
        try:
            response = adapter.send(
                request, timeout=self._timeout, verify=session.verify or True, proxies=session.proxies
            )
            body = b"".join(response.raw.stream(_CHUNK, decode_content=False))
        except AnswerTooLong:
            return BackendUnavailable(code="answer_too_long")
        except (requests.RequestException, HTTPError) as error:
            return _outage(error)
        return _Answer(response.status_code, response.headers, body)

    def _session(self) -> requests.Session:
        """Return this process's session: a forked child must not share its parent's sockets.

        The parent's is kept all the same. Closing it here could wait for a lock that another thread of the parent
        held at the moment of the fork.
        """
        process = os.getpid()
        return self._sessions.get(process) or self._sessions.setdefault(process, self._open_session())

    def _open_session(self) -> requests.Session:
        """Return a new session. Proxies and certificates are read from the environment now, not at each request."""
        session = requests.Session()
        environment = session.merge_environment_settings(self.base_url, {}, None, None, None)
        session.proxies, session.verify = environment["proxies"], environment["verify"]
        adapter = BoundedAdapter(pool_maxsize=self._pool_size)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


class _Secrets(dict[str, str]):
    """Headers that don't show their values when a traceback or a debugger prints them."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


class _NumberFilter(logging.Filter):
    """Masks the number in the path of a lookup. urllib3 logs paths: of each answer at DEBUG, of odd ones at WARNING."""

    _number = re.compile(r"(?<=/lookup/)(%2B|\+)?[0-9]+", re.ASCII | re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(self._number.sub("***", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


for _name in ("urllib3.connectionpool", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_NumberFilter())


def read_reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """Return what the provider answered.

    :param headers: with case-insensitive names, or with ``Retry-After`` spelled like that.
    :raises BackendUnavailable: for 408, 429, 5xx, a redirect, and a success whose body is not a JSON object.
    """
    if status == 429:
        raise BackendUnavailable(
            code="too_many_requests",
            retry_after=_retry_after(headers.get("Retry-After")),
            may_have_executed=False,
        )
    if status == 408 or status >= 500:
        raise BackendUnavailable(code=f"http_{status}", retry_after=_retry_after(headers.get("Retry-After")))
    if 300 <= status < 400:
        raise BackendUnavailable(code="redirected")
    data = _json_object(body)
    if data is None and status < 400:
        raise BackendUnavailable(code="not_json")
    return Reply(status=status, data=data or {})


def _json_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _outage(error: requests.RequestException | HTTPError) -> BackendUnavailable:
    cause: object = error.args[0] if isinstance(error, requests.RequestException) and error.args else error
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, ProxyError):
        cause = cause.original_error
    reached = not isinstance(cause, ConnectTimeoutError)  # Its subclasses: refused, and name not found.
    return BackendUnavailable(code=_outage_code(error, cause, reached=reached), reached=reached)


def _outage_code(error: Exception, cause: object, *, reached: bool) -> str:
    if isinstance(error, requests.Timeout) or isinstance(cause, ReadTimeoutError):
        return "timeout"
    if isinstance(error, requests.exceptions.SSLError) or isinstance(cause, SSLError):
        return "tls_error"
    return "connection_lost" if reached else "connection_failed"


def _retry_after(value: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    seconds = float(value) if value.strip().isdecimal() else _seconds_until(value)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)  # "-0000" is UTC of unknown origin (RFC 5322, 3.3).
    return (then - datetime.now(UTC)).total_seconds()
