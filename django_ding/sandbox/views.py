"""What the versions of the API share: how a call is read and executed, and what its outcome does to the answer."""

import errno
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from .errors import ProviderError, is_error
from .handler import MAX_BODY, SIMULATOR, ApiResponse, request_simulator
from .refusals import DROPPED, MAX_NUMBER, explain_refusal
from .simulator import Simulator
from .special_numbers import FAULTS, NORMAL
from .validation import Body

logger = logging.getLogger(__name__)

#: The longest that a slow answer holds a worker of a project, in seconds, and how many may do so at a time. Anybody who
#: can reach a mounted sandbox can ask for slow answers; a site must not stop over them.
_MAX_DELAY = 3.0
_MAX_DELAYED = 2
_delayed = threading.BoundedSemaphore(_MAX_DELAYED)


class ApiView(View):
    """An operation of one version of the API: reads a call, executes it unless its outcome forbids it.

    A version has a base class with its credentials and errors, and a subclass for each operation.
    """

    api: ClassVar[str]
    operation: str = ""
    #: The methods of the path; an operation has one of them.
    methods: ClassVar[tuple[str, ...]] = ("POST",)

    simulator: Simulator
    #: The number of a request, as far as it was read.
    requested_number: str = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, exempt from CSRF checks and logins and, since it may wait for long, from transactions."""
        return csrf_exempt(login_not_required(transaction.non_atomic_requests(super().as_view(**initkwargs))))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.simulator = request_simulator(request, kwargs.get("options", {}))
        try:
            response = self.respond()
        except ProviderError as error:
            response = self.error_response(error)
        except Exception as error:  # noqa: BLE001 - a server answers 500 and lives on
            # The type alone: the message and the traceback of an error may hold a number or a code.
            logger.error("The sandbox failed on %s: %s", request.method, type(error).__name__)
            response = self.error_response(ProviderError("internal_server_error"))
        self._record_refusal(response)
        return response if SIMULATOR in request.META else _apply_fault(response, request)

    def check_method(self) -> None:
        """Refuse a method that the path does not have.

        :raises ProviderError: with HTTP status 405.
        """
        if self.request.method not in self.methods:
            methods = ", ".join(self.methods)
            raise ProviderError("bad_request", f"Use {methods} here.", status=405, headers={"Allow": methods})

    def respond(self) -> ApiResponse:
        """Count, authorize, parse, execute.

        Only a well-formed call uses up a scripted outcome, so a client's mistake does not shift those behind it.
        """
        self.check_method()
        if not self.is_authorized():
            self.simulator.count(self.operation)
            with suppress(ProviderError):
                self.json_body()  # The inbox shows whose code it was.
            return self.unauthorized_response()
        try:
            phone_number = self.parse()
        finally:
            # For any request: in version 2, only parsing distinguishes a send from a retry.
            self.simulator.count(self.operation)
        self.requested_number = phone_number
        return self._respond_with(self.simulator.outcome(self.operation, phone_number, api=self.api))

    def require_destination(self, url: str | None, code: str) -> None:
        """Refuse a URL that this sandbox posts no webhooks to.

        :raises ProviderError: with this code.
        """
        if url is not None and not self.simulator.accepts_webhooks_to(url):
            raise ProviderError(code, "In a project, webhooks go to WEBHOOK_BASE_URL and to this machine only.")

    # What a version says.

    def is_authorized(self) -> bool:
        """Return whether the credentials of the request are accepted."""
        raise NotImplementedError

    def unauthorized_response(self) -> ApiResponse:
        """Return the answer to credentials that are not accepted."""
        raise NotImplementedError

    def error_response(self, error: ProviderError) -> ApiResponse:
        """Return an error as this version shows it."""
        raise NotImplementedError

    def too_many_requests_response(self, headers: Mapping[str, str]) -> ApiResponse:
        """Return the answer with HTTP status 429 that something before the API gives."""
        return ApiResponse({"message": "Too Many Requests"}, status=429, headers=dict(headers))

    def json_response(self, content: Mapping[str, object]) -> ApiResponse:
        """Return an answer of this version."""
        return ApiResponse(content)

    def json_body(self) -> Body:
        """Return the body of a request, and keep the number that it has.

        :raises ProviderError: for what is no body of this version.
        """
        raise NotImplementedError

    # What an operation says.

    def parse(self) -> str:
        """Validate the request and return the number that the call is about.

        :raises ProviderError: for what is not a well-formed call.
        """
        raise NotImplementedError

    def execute(self, outcome: str) -> Mapping[str, object]:
        """Execute the parsed call and return the body of its answer."""
        raise NotImplementedError

    def _respond_with(self, outcome: str) -> ApiResponse:
        options = self.simulator.options
        match outcome:
            case "server_error":
                raise ProviderError("internal_server_error")
            case "too_many_requests":
                return self.too_many_requests_response({"Retry-After": str(options.retry_after)})
            case "dropped_before":
                return ApiResponse.drop(executed=False)
            case _ if is_error(outcome):
                raise ProviderError(outcome)
        # The other faults change how the answer arrives, not what it is.
        response = self.json_response(self.execute(NORMAL if outcome in FAULTS else outcome))
        match outcome:
            case "slow":
                response.delay = options.slow_seconds
            case "dropped":
                return ApiResponse.drop()
            case "garbage":
                response.content = b"<html>Bad Gateway</html>"
        return response

    def _record_refusal(self, response: ApiResponse) -> None:
        """Remember a send or a retry that was answered without a message, for the inbox."""
        if self.operation not in ("send", "retry") or self.request.method != "POST":
            return
        refused = _refusal(response)
        if refused is None:
            return
        code, reason = refused
        self.simulator.add_refusal(
            api=self.api,
            operation=self.operation,
            phone_number=self.requested_number[:MAX_NUMBER],
            http_status=None if response.dropped else response.status_code,
            code=code,
            reason=reason,
        )

    def read_body(self) -> bytes:
        """Return the body.

        :raises ProviderError: with HTTP status 413 when it is too long.
        """
        body = self.request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise ProviderError("bad_request", "The body is too large.", status=413)
        return body


def by_method(**views: type[ApiView]) -> Callable[..., HttpResponseBase]:
    """Return the view of a path whose methods are an operation each: ``by_method(GET=ListView, POST=AddView)``."""
    methods = tuple(views)
    operations = {method: view.as_view(methods=methods) for method, view in views.items()}
    # Any of them answers to other methods.
    fallback = operations[methods[0]]

    @csrf_exempt
    @login_not_required
    @transaction.non_atomic_requests
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = operations.get(request.method or "", fallback)(request, **kwargs)
        return response

    return view


def _refusal(response: ApiResponse) -> tuple[str, str] | None:
    """Return the code and the reason of a response that sent no message, ``None`` for one that sent it."""
    if response.dropped:
        return None if response.executed else ("", DROPPED)
    try:
        answer = json.loads(response.content)
    except ValueError:  # The fault "garbage", which is executed.
        return None
    return explain_refusal(answer, response.status_code)


def _apply_fault(response: ApiResponse, request: HttpRequest) -> HttpResponseBase:
    """Wait, or drop the connection as far as WSGI allows: by breaking off in the middle of an answer.

    Most servers close the connection when the application fails, so that the client gets a body shorter than its
    Content-Length.
    """
    if response.delay and _delayed.acquire(blocking=False):
        try:
            time.sleep(min(response.delay, _MAX_DELAY))
        finally:
            _delayed.release()
    if not response.dropped:
        return response
    broken = StreamingHttpResponse(_broken_body(), content_type="application/json")
    # The server of runserver keeps such a connection open: a length never reached would hang the client.
    if not request.META.get("SERVER_SOFTWARE", "").startswith("WSGIServer"):
        broken["Content-Length"] = "1024"
    return broken


def _broken_body() -> Iterator[bytes]:
    yield b"{"
    raise ConnectionResetError(errno.ECONNRESET, "The sandbox drops this connection on purpose.")
