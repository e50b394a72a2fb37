"""What carries a message: the terminal, a file, or an HTTP gateway described by settings."""

import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.http import HttpClient, Reply
from django_ding.backends.unpicklable import Unpicklable
from django_ding.exceptions import BackendRejected, BackendUnavailable, provider_input_error


@dataclass(frozen=True, kw_only=True)
class SMSMessage:
    """A message for a gateway to deliver.

    :ivar phone_number: E.164.
    :ivar text: what the user reads, the code included. A gateway that sends something else instead sets
        ``supports_text = False``, so that it gets no notices.
    :ivar code: the code alone, for gateways with message templates of their own; ``""`` in a notice, which has none.
    :ivar sender_id: the Sender ID that ``send`` was given, ``""`` for the gateway's own.
    :ivar correlation_id: the authentication's ``public_id``, the same for its retries.
    """

    phone_number: str = field(repr=False)
    text: str = field(repr=False)
    code: str = field(repr=False)
    sender_id: str = ""
    correlation_id: str = ""


class ConsoleGateway:
    """Writes messages to the standard output, for development."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @sensitive_variables()
    def deliver(self, message: SMSMessage) -> None:
        with self._lock:
            # Looked up at each message, because test runners replace it.
            sys.stdout.write(_as_text(message))
            sys.stdout.flush()


class FileGateway:
    """Appends messages to a file in a directory, one file per process. Only their owner can read them.

    :param directory: made when it isn't there.
    """

    def __init__(self, *, directory: str | os.PathLike[str]) -> None:
        self._directory = Path(directory)
        if self._directory.exists() and not self._directory.is_dir():
            raise ImproperlyConfigured(f"directory: {str(directory)!r} is not a directory.")
        self._lock = threading.Lock()
        self._paths: dict[int, Path] = {}

    @sensitive_variables()
    def deliver(self, message: SMSMessage) -> None:
        with self._lock:
            descriptor = os.open(self._path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(_as_text(message))

    def _path(self) -> Path:
        process = os.getpid()  # Asked each time: a forked worker writes a file of its own.
        if process not in self._paths:
            self._directory.mkdir(parents=True, exist_ok=True)
            name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{process}-{id(self):x}.log"
            self._paths[process] = self._directory / name
        return self._paths[process]


class HTTPGateway(Unpicklable):
    """Posts messages to an HTTP gateway, as a form or as JSON.

    In the texts of ``form`` and ``json``, however deep, ``{phone_number}`` (E.164), ``{digits}`` (E.164 without the
    plus sign), ``{text}``, ``{code}``, ``{sender_id}`` and ``{correlation_id}`` are replaced; write other braces
    twice. A path such as ``"messages.0.status"`` leads into the JSON of the answer.

    A 2xx is a success, unless ``success`` says more. 401 and 403 blame the account; 408, 429 and 5xx are outages; any
    other answer is the provider's refusal, unless its error code is listed.

    :param url: where messages are posted.
    :param form: the fields of a form. Give either this or ``json``.
    :param json: a JSON document.
    :param auth: user name and password for HTTP Basic authentication.
    :param headers: sent with each request, such as ``{"Authorization": "Bearer …"}``.
    :param success: path → the value, or the values, that a success has there.
    :param error_code: the path to the gateway's error code.
    :param input_errors: error code → this app's code for a mistake of the user's, such as ``"invalid_phone_number"``.
    :param outage_errors: error codes of temporary faults, where nothing was sent.
    """

    @sensitive_variables()
    def __init__(
        self,
        *,
        url: str,
        form: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        success: Mapping[str, Any] | None = None,
        error_code: str = "code",
        input_errors: Mapping[str, str] | None = None,
        outage_errors: Collection[str] = (),
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        connect_retries: int = 1,
        pool_size: int = 100,
    ) -> None:
        if (form is None) == (json is None):
            raise ImproperlyConfigured("Give either form or json.")
        kind, template = ("form", form) if json is None else ("json", json)
        #: Whether notices without a code can be sent.
        self.supports_text = "text" in _placeholders(template)
        # No attribute, which a debugger would show: a template holds the gateway's user name and password.
        self._body: Callable[[SMSMessage], dict[str, Any]] = lambda message: {kind: _fill(template, _values(message))}
        self._success = dict(success or {})
        self._error_code = error_code
        self._input_errors = {str(key): value for key, value in (input_errors or {}).items()}
        self._outage_errors = {str(code) for code in outage_errors}
        # The client removes a slash from the end, because it appends paths. Here the slash belongs to the URL.
        self._path = url[len(options.web_url("url", url)) :]
        self._client = HttpClient(
            url,
            headers=headers,
            auth=auth and (auth[0], auth[1]),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connect_retries=connect_retries,
            pool_size=pool_size,
        )
        self.base_url = self._client.base_url

    @sensitive_variables()
    def deliver(self, message: SMSMessage) -> None:
        """Post a message.

        :raises InputError: for an error code of ``input_errors``; ``Blocked`` for ``blocked_number``.
        :raises BackendRejected: when the gateway refuses the account or the request.
        :raises BackendUnavailable: in an outage.
        """
        # Many gateways answer with plain text. It counts only where the answer has to prove something.
        self._check(self._client.post(self._path, **self._body(message), require_json=bool(self._success)))

    def _check(self, reply: Reply) -> None:
        is_2xx = 200 <= reply.status < 300
        if is_2xx and all(_matches(_find(reply.data, path), wanted) for path, wanted in self._success.items()):
            return
        code = _find(reply.data, self._error_code)
        if code in self._input_errors:
            raise provider_input_error(self._input_errors[code])
        if code in self._outage_errors:
            raise BackendUnavailable(code="gateway_unavailable", may_have_executed=False)
        if reply.status in (401, 403):
            raise BackendRejected(
                f"The gateway answered HTTP {reply.status}: check the credentials in gateway_options.",
                code="unauthorized",
            )
        if is_2xx and not code:
            raise BackendUnavailable(code="unexpected_answer")  # It may well have sent the message.
        # Digits alone: a gateway's words may quote the number.
        shown = f" with its code {code}" if code.isdecimal() and len(code) <= 6 else ""
        raise BackendRejected(
            f"The gateway refused the message with HTTP {reply.status}{shown}: see its documentation.",
            code="gateway_rejected",
        )


@sensitive_variables()
def _values(message: SMSMessage) -> dict[str, str]:
    return {
        "phone_number": message.phone_number,
        "digits": message.phone_number.lstrip("+"),
        "text": message.text,
        "code": message.code,
        "sender_id": message.sender_id,
        "correlation_id": message.correlation_id,
    }


@sensitive_variables()
def _as_text(message: SMSMessage) -> str:
    return f"{message.phone_number}\n{message.text}\n{'-' * 79}\n"


@sensitive_variables()
def _fill(template: Any, values: Mapping[str, str]) -> Any:
    if isinstance(template, str):
        return template.format_map(values)
    if isinstance(template, Mapping):
        return {key: _fill(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_fill(value, values) for value in template]
    return template


@sensitive_variables()
def _placeholders(template: Any) -> set[str]:
    """Return the placeholders. Raise for one that doesn't exist, now and not when the first message is due."""
    known = _values(SMSMessage(phone_number="", text="", code=""))
    try:
        names = [name for text in _texts(template) for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        raise ImproperlyConfigured("A text of form or json has a single brace: write {{ or }} for one.") from None
    for name in names:
        if name not in known:
            raise ImproperlyConfigured(f"{{{name}}} is no placeholder. They are {', '.join(known)}.")
    return set(names)


def _texts(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from _texts(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from _texts(value)


def _find(data: Any, path: str) -> str:
    """Return what is at a path as text, ``""`` where there is nothing."""
    for step in path.split("."):
        if isinstance(data, list):
            data = data[int(step)] if step.isdecimal() and int(step) < len(data) else None
        else:
            data = data.get(step) if isinstance(data, Mapping) else None
    return "" if data is None else str(data)


def _matches(found: str, wanted: Any) -> bool:
    """Return whether a value is the wanted one, or one of them. Numbers and texts are the same: gateways mix them."""
    return found in [str(value) for value in (wanted if isinstance(wanted, list | tuple | set) else [wanted])]
