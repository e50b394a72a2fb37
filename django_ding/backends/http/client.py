"""One pooled session per process, limits of time and size, and outages separated from answers."""

import json as json_module
import logging
import os
import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests
from django.views.decorators.debug import sensitive_variables
from urllib3 import HTTPConnectionPool, Retry, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from django_ding import __version__
from django_ding.backends import options
from django_ding.backends.http.adapter import StrictAdapter
from django_ding.backends.http.bounds import AnswerTooLong
from django_ding.backends.http.reply import Reply, read_reply
from django_ding.backends.unpicklable import Unpicklable
from django_ding.exceptions import BackendUnavailable

_HEADERS = {
    "User-Agent": f"django-ding/{__version__}",
    "Accept": "application/json",
    # Compressed data has no bound before it is unpacked, so it is neither requested nor unpacked.
    "Accept-Encoding": "identity",
}

#: urllib3 repeats nothing: it can't know what may have been executed.
_NO_RETRIES = Retry(0, read=False)


class _Route(NamedTuple):
    """How this process reaches the provider: a pool of connections, and what comes before the path in a request line.

    That is the path of the base URL or, for a proxy that isn't tunnelled through, the whole of it.
    """

    pool: HTTPConnectionPool
    prefix: str


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Unpicklable):
    """HTTP with one connection pool per process, shared by its threads and made anew after ``fork``.

    A request is repeated only when it cannot have been executed: the connection was refused or timed out, or the
    name was not found. A POST whose answer never came is not, since the message may have been sent and paid for.
    Redirects are not followed and cookies not kept. Proxies and certificates are those that the environment names
    (``HTTPS_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE``) when the process makes its first request.

    A request takes at most ``connect_timeout`` for each address of the host, as often as it is tried, plus
    ``read_timeout``, plus the time in which the system's resolver finds the name. Of its answer at most 1 MiB is read;
    a longer one is an outage. A compressed answer is not unpacked, and so is not JSON.

    A connection is used again only after exactly one complete answer: interim answers (1xx) are skipped, and an answer
    whose end is in doubt is an outage, so that no request reads the answer to another.

    :param base_url: where paths are appended, ``https://…`` or, for a local sandbox, ``http://…``.
    :param headers: sent with each request. They hold secrets, so they stay inside the session.
    :param auth: user name and password for HTTP Basic authentication.
    :param connect_timeout: connection timeout in seconds.
    :param read_timeout: seconds within which the whole answer must arrive.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open; make it at least the number of threads.
    :raises ImproperlyConfigured: when the URL is not one, or a number is out of range.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        connect_retries: int = 1,
        pool_size: int = 100,
    ) -> None:
        self.base_url = options.web_url("base_url", base_url)
        self._headers = _Secrets({**_HEADERS, **(headers or {}), **_basic_auth(auth)})
        self._timeout = Timeout(
            connect=options.seconds("connect_timeout", connect_timeout),
            read=options.seconds("read_timeout", read_timeout),
        )
        self._connect_retries = options.integer("connect_retries", connect_retries, minimum=0)
        self._pool_size = options.integer("pool_size", pool_size, minimum=1)
        self._routes: dict[int, _Route] = {}

    def get(self, path: str = "", **kwargs: Any) -> Reply:
        """Send a GET request: :meth:`request` lists the arguments."""
        return self.request("GET", path, **kwargs)

    def post(self, path: str = "", **kwargs: Any) -> Reply:
        """Send a POST request: :meth:`request` lists the arguments."""
        return self.request("POST", path, **kwargs)

    def delete(self, path: str = "", **kwargs: Any) -> Reply:
        """Send a DELETE request: :meth:`request` lists the arguments."""
        return self.request("DELETE", path, **kwargs)

    @sensitive_variables()
    def request(
        self,
        method: str,
        path: str = "",
        *,
        json: object = None,
        form: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        returned: Collection[int] = (),
        require_json: bool = True,
    ) -> Reply:
        """Send a request and return the provider's answer, a refusal (4xx) included.

        :param path: appended to ``base_url``; quote what it is made of with ``urllib.parse.quote(…, safe="")``.
        :param json: sent as a JSON body.
        :param form: sent as ``application/x-www-form-urlencoded``; lists repeat their name.
        :param query: appended to the path as a query string.
        :param headers: in addition to the client's.
        :param auth: in place of the client's.
        :param returned: statuses to return that are an outage otherwise, such as a 429 whose body says more.
        :param require_json: whether a success without a JSON object is an outage. A 204 needs none.
        :raises BackendUnavailable: in an outage, for 408, 429 and 5xx, and for a redirect.
        """
        content_type, body = _encode(json, form)
        target = path + (f"?{urlencode(query, doseq=True)}" if query else "")
        all_headers = _Secrets({**self._headers, **content_type, **(headers or {}), **_basic_auth(auth)})
        answer = self._try(method, target, all_headers, body)
        for _ in range(self._connect_retries):
            if not isinstance(answer, BackendUnavailable) or answer.reached:
                break
            answer = self._try(method, target, all_headers, body)
        if isinstance(answer, BackendUnavailable):
            raise answer
        return read_reply(*answer, returned=returned, require_json=require_json)

    @sensitive_variables()
    def _try(self, method: str, target: str, headers: "_Secrets", body: bytes | None) -> _Answer | BackendUnavailable:
        """Return the answer, read to its end, or the outage.

        An outage raised in here would be chained to an error that names the URL, and so a phone number. The pool is
        called directly: a session would follow redirects, keep cookies, and parse the same URL many times.
        """
        pool, prefix = self._route()
        try:
            response = pool.urlopen(
                method,
                prefix + target or "/",
                body=body,
                headers=headers,
                retries=_NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                timeout=self._timeout,
                decode_content=False,
            )
        except AnswerTooLong:
            return BackendUnavailable(code="answer_too_long")
        except (HTTPError, OSError) as error:
            return _outage(error)
        return _Answer(response.status, response.headers, response.data)

    def _route(self) -> _Route:
        """Return this process's route: a forked child must not share its parent's sockets.

        The parent's is kept as well. Closing it here could wait for a lock that another thread of the parent held at
        the moment of the fork.
        """
        process = os.getpid()
        return self._routes.get(process) or self._routes.setdefault(process, self._find_route())

    def _find_route(self) -> _Route:
        """Return a new route, by what requests knows of proxies and certificates in the environment now."""
        session = requests.Session()
        environment = session.merge_environment_settings(self.base_url, {}, None, None, None)
        # ``or True``: an empty REQUESTS_CA_BUNDLE must not turn the verification off.
        proxies, verify = environment["proxies"], environment["verify"] or True
        adapter = StrictAdapter(pool_maxsize=self._pool_size)
        request = requests.Request("GET", self.base_url).prepare()
        pool: Any = adapter.get_connection_with_tls_context(request, verify, proxies=proxies)
        adapter.cert_verify(pool, request.url, verify, None)  # type: ignore[no-untyped-call]
        return _Route(pool, adapter.request_url(request, proxies).rstrip("/"))


class _Secrets(Unpicklable, dict[str, str]):
    """Headers that don't show their values when a traceback or a debugger prints them."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


class _URLFilter(logging.Filter):
    """Masks URLs in what urllib3 logs: of each answer at DEBUG, of odd ones at WARNING.

    A path may hold a phone number, in any spelling, and a query may hold anything: a number, a code, a key.
    """

    _value = re.compile(r"(?<=[?&])([^=&\s]*)=[^&\s]*")
    # From seven digits on it may be a number (ITU-T E.164: the shortest in use), with a plus sign from five on.
    _number = re.compile(r"(?:\+|%2B|%252B)[0-9]{5,}|[0-9]{7,}", re.ASCII | re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(self._masked(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True

    def _masked(self, text: str) -> str:
        return self._number.sub("***", self._value.sub(r"\1=***", text))


for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_URLFilter())


@sensitive_variables()
def _basic_auth(auth: tuple[str, str] | None) -> Mapping[str, str]:
    return {} if auth is None else {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"}


@sensitive_variables()
def _encode(json: object, form: Mapping[str, Any] | None) -> tuple[Mapping[str, str], bytes | None]:
    """Return the Content-Type header and the body."""
    if json is not None:
        return {"Content-Type": "application/json"}, json_module.dumps(json).encode()
    if form is not None:
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form, doseq=True).encode()
    return {}, None


def _outage(error: HTTPError | OSError) -> BackendUnavailable:
    cause: object = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, ProxyError):
        cause = cause.original_error
    reached = not isinstance(cause, ConnectTimeoutError)  # Its subclasses: refused, and name not found.
    return BackendUnavailable(code=_outage_code(cause, reached=reached), reached=reached)


def _outage_code(cause: object, *, reached: bool) -> str:
    is_timeout = isinstance(cause, ConnectTimeoutError) and not isinstance(cause, NewConnectionError)
    if is_timeout or isinstance(cause, ReadTimeoutError):
        return "timeout"
    if isinstance(cause, SSLError):
        return "tls_error"
    return "connection_lost" if reached else "connection_failed"
