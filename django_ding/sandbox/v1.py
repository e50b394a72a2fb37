"""Version 1 of the provider's API over the simulator: routes, authentication, JSON, faults."""

import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from . import fields, timeline
from .errors import ERRORS, ProviderError
from .simulator import Simulator
from .timeline import rfc3339
from .wire import MAX_BODY, Request, Response, json_response

__all__ = ["Request", "Response", "respond"]

logger = logging.getLogger(__name__)

_DOCUMENTATION = "https://docs.prelude.so/verify/v1/documentation/errors"
_FORBIDDEN = {401: "Unauthorized", 403: "Forbidden"}

Content = Mapping[str, object]


class _Call(NamedTuple):
    """A well-formed call: whose number it is about, and how to execute it with an outcome."""

    phone_number: str
    execute: Callable[[str], Content]


def respond(simulator: Simulator, request: Request) -> Response:
    """Answer a request to ``/v1/…``. Never raises and never sleeps."""
    try:
        return _respond(simulator, request)
    except ProviderError as error:
        return _error(simulator, error)
    except Exception as error:  # noqa: BLE001 - a server answers 500 and lives on; the type tells what went wrong
        logger.error("The sandbox failed on %s: %s", request.method, type(error).__name__)
        return _error(simulator, ProviderError("internal_server_error"))


def _respond(simulator: Simulator, request: Request) -> Response:
    operation, argument = _route(request)
    simulator.count(operation)
    if not _is_authorized(simulator, request):
        status = simulator.options.unauthorized_status
        return json_response(status, {"message": _FORBIDDEN.get(status, "Forbidden")})
    call = _OPERATIONS[operation](simulator, request, argument)
    return _carry(simulator, call, simulator.outcome(operation, call.phone_number))


# Routing and authentication.


def _route(request: Request) -> tuple[str, str]:
    """Return the operation and, when the path has one, its argument."""
    match [unquote(segment) for segment in request.path.split("/")[2:]]:
        case ["authentication"]:
            operation, argument, method = "send", "", "POST"
        case ["check" | "retry" as operation]:
            argument, method = "", "POST"
        case ["authentication", "feedback"]:
            operation, argument, method = "feedback", "", "POST"
        case ["authentication", argument] if argument:
            operation, method = "status", "GET"
        case ["lookup", argument] if argument:
            operation, method = "lookup", "GET"
        case _:
            raise ProviderError("bad_request", "There is nothing at this path.", status=404)
    if request.method != method:
        raise ProviderError("bad_request", f"Use {method} here.", status=405, headers={"Allow": method})
    return operation, argument


def _is_authorized(simulator: Simulator, request: Request) -> bool:
    given, expected = request.header("x-api-key") or "", simulator.options.api_key
    if expected is None:
        return bool(given.strip())
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


# The operations: validate, then return the call.


def _send(simulator: Simulator, request: Request, _: str) -> _Call:
    asked = fields.send_request(_body(simulator, request), simulator.options)

    def execute(outcome: str) -> Content:
        sent = simulator.send(asked, outcome)
        nameless = sent.is_new and sent.status != "pending" and not simulator.options.refusals_have_uuid
        return {
            **({} if nameless else {"authentication_uuid": sent.authentication_uuid}),
            "status": sent.status,
            "created_at": rfc3339(sent.created_at),
            "expires_at": rfc3339(sent.expires_at),
        }

    return _Call(asked.phone_number, execute)


def _check(simulator: Simulator, request: Request, _: str) -> _Call:
    body = _body(simulator, request)
    uuid = fields.required_text(body, "authentication_uuid")
    code = fields.required_text(body, "check_code")

    def execute(outcome: str) -> Content:
        return {"authentication_uuid": uuid, "status": simulator.check(uuid, code, outcome)}

    return _Call(simulator.phone_number(uuid), execute)


def _retry(simulator: Simulator, request: Request, _: str) -> _Call:
    uuid = fields.required_text(_body(simulator, request), "authentication_uuid")

    def execute(outcome: str) -> Content:
        retried = simulator.retry(uuid, outcome)
        following = retried.next_retry_at
        return {
            "authentication_uuid": uuid,
            "status": retried.status,
            "created_at": rfc3339(retried.created_at),
            **({"next_retry_at": rfc3339(following)} if following else {}),
            "remaining_retry": retried.remaining_retry,
        }

    return _Call(simulator.phone_number(uuid), execute)


def _feedback(simulator: Simulator, request: Request, _: str) -> _Call:
    body = _body(simulator, request)
    phone_number = fields.require_phone_number(fields.required_text(body, "phone_number"))
    status = fields.required_text(body, "status")
    if status not in ("onboarded", "not_onboarded"):
        raise ProviderError("invalid_feedback_status")
    return _Call(phone_number, lambda _: {"uuid": simulator.feedback(phone_number, status)})


def _status(simulator: Simulator, request: Request, uuid: str) -> _Call:
    def execute(_: str) -> Content:
        return timeline.describe(simulator.inspect(uuid), simulator.clock(), simulator.options)

    return _Call(simulator.phone_number(uuid), execute)


def _lookup(simulator: Simulator, request: Request, phone_number: str) -> _Call:
    fields.require_customer(request.header("customer-uuid"), simulator.options)
    fields.require_phone_number(phone_number)
    wanted = parse_qs(request.query, keep_blank_values=True).get("type", [])
    if set(wanted) - {"cnam"}:
        raise ProviderError("bad_request", "type must be cnam.")

    def execute(outcome: str) -> Content:
        line = simulator.lookup(phone_number, outcome)
        return {
            "phone_number": phone_number,
            "country_code": line.country_code,
            "mcc": line.mcc,
            "mnc": line.mnc,
            "carrier": simulator.options.carrier,
            "number_ported": line.number_ported,
            "line_type": line.line_type,
            "temporary_phone_number": line.temporary_phone_number,
            **({"caller_name": line.caller_name} if wanted else {}),
        }

    return _Call(phone_number, execute)


_OPERATIONS = {
    "send": _send,
    "check": _check,
    "retry": _retry,
    "feedback": _feedback,
    "status": _status,
    "lookup": _lookup,
}


def _body(simulator: Simulator, request: Request) -> fields.Body:
    if len(request.body) > MAX_BODY:
        raise ProviderError("bad_request", "The body is too large.", status=413)
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProviderError("bad_request", "The Content-Type must be application/json.")
    body = fields.parse_body(request.body)
    fields.require_customer(fields.required_text(body, "customer_uuid"), simulator.options)
    return body


# From an outcome to a response.


def _carry(simulator: Simulator, call: _Call, outcome: str) -> Response:
    """Execute a call unless its outcome forbids it, and answer the way the outcome says."""
    match outcome:
        case "server_error":
            raise ProviderError("internal_server_error")
        case "too_many_requests":
            headers = {"Retry-After": str(simulator.options.retry_after)}
            return json_response(429, {"message": "Too Many Requests"}, headers)
        case "dropped_before":
            return Response(status=0, body=b"", dropped=True)
        case _ if outcome in ERRORS:
            raise ProviderError(outcome)
    response = json_response(200, call.execute(outcome))
    match outcome:
        case "slow":
            return replace(response, delay=simulator.options.slow_seconds)
        case "dropped":
            return Response(status=0, body=b"", dropped=True)
        case "garbage":
            return replace(response, body=b"<html>Bad Gateway</html>")
    return response


def _error(simulator: Simulator, error: ProviderError) -> Response:
    content = {
        "code": error.code,
        "message": error.message,
        "doc_url": f"{_DOCUMENTATION}#{error.code}",
    }
    return json_response(error.status or simulator.options.error_status, content, error.headers)
