"""Which codes each endpoint fails with, by its HTTP status, and what they mean to a client."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request

from django_ding.api.exceptions import HTTP_STATUS
from django_ding.codes import user_message
from django_ding.exceptions import (
    AccountNotCreated,
    Blocked,
    IncorrectPassword,
    LastPhoneNumber,
    NoAccount,
    PhoneNumberTaken,
)

#: The codes that need other words here than in a response, and REST framework's own.
_EXPLANATIONS = {
    "authentication_failed": "The credentials are not valid.",
    "blocked": Blocked.message,
    "content_too_large": "The body is too long.",
    "invalid": "Incorrect code. `remaining_checks` says how many more can be tried.",
    "invalid_input": "Some fields are not valid. `errors` says which.",
    "last_phone_number": LastPhoneNumber.message,
    "not_acceptable": "The response is not available in the format that `Accept` asks for.",
    "not_authenticated": "The caller must log in.",
    "no_account": NoAccount.message,
    "account_not_created": AccountNotCreated.message,
    "not_found": "It doesn't exist, or it belongs to another user.",
    "parse_error": "The body can't be parsed.",
    "permission_denied": "The caller lacks a permission or a CSRF token.",
    "phone_number_taken": PhoneNumberTaken.message,
    "incorrect_password": IncorrectPassword.message,
    "invalid_proof": "The number was removed while its code was entered.",
    "step_up_required": "The caller must confirm that they are still the user: see `step-up/`.",
    "rate_limited": "Too many requests. Wait for `retry_after` seconds.",
    "throttled": "Too many requests of this client. Wait for `retry_after` seconds, if it is there.",
    "unavailable": "An outage. Wait for `retry_after` seconds. A message may have been sent.",
    "too_many_tokens": "The user is logged in on too many devices.",
    "unsupported_media_type": "The content type of the body is not supported.",
}
_STATUS = HTTP_STATUS | {
    "permission_denied": 403,
    "too_many_tokens": 403,
    "not_found": 404,
    "not_acceptable": 406,
    "content_too_large": 413,
    "unsupported_media_type": 415,
    "throttled": 429,
}

_DESTINATION = ("invalid_phone_number", "invalid_line", "unsupported_region", "unsupported_channel")
_SIGNALS = (
    "app_realm_require_device_type",
    "unsupported_app_realm_device_type",
    "invalid_app_realm",
    "invalid_app_version",
    "invalid_os_version",
    "invalid_device_model",
    "invalid_device_id",
)
_BODY = ("invalid_input", "parse_error", "content_too_large", "unsupported_media_type")
_CODE = ("not_found", "invalid", "invalid_code", "already_validated", "without_attempt", "expired_auth", "blocked")

_RESEND = (*_BODY, *_DESTINATION, "denied", "blocked", "rate_limited")

#: The number of an authentication is outdated where ``phonenumbers`` was updated after the code was sent.
RETRY = ("not_found", *_RESEND, "already_validated", "no_attempt", "expired_auth", "outdated_phone_number")
#: A live authentication is retried.
SEND_LOGIN = (*_RESEND, *_SIGNALS, "untrusted_number")
#: An outdated number of the user's own; to others it is none.
SEND = (*SEND_LOGIN, "outdated_phone_number")
CHECK = (*_CODE, *_BODY, "rate_limited", "phone_number_taken", "invalid_proof")
LOG_IN = (*_CODE, *_BODY, "rate_limited", "no_account", "account_not_created")


def explain(code: str) -> str:
    """Return what a code means, in a sentence."""
    return str(_EXPLANATIONS.get(code) or user_message(code))


def by_status(view: Any, method: str, codes: Iterable[str]) -> dict[int, list[str]]:
    """Return the codes of an endpoint by their status: its own, and those that its view's classes bring along.

    :param method: of HTTP, in lower case.
    """
    found = defaultdict(list)
    for code in (*codes, *_common_codes(view, method)):
        status = _caller_status(view) if code in ("not_authenticated", "authentication_failed") else _STATUS.get(code)
        found[status or 400].append(code)
    return {status: list(dict.fromkeys(codes)) for status, codes in found.items()}


def _common_codes(view: Any, method: str) -> Iterable[str]:
    yield from ("not_acceptable", "unavailable")  # The latter when the database can't be used.
    if view.throttle_classes:
        yield "throttled"
    if not set(view.permission_classes) <= {AllowAny}:
        yield "not_authenticated"
    if view.authentication_classes:
        yield "authentication_failed"
    if _may_deny(view, method):
        yield "permission_denied"


def _may_deny(view: Any, method: str) -> bool:
    """Return whether a class of the project's own may deny permission, or the check of a session's CSRF token."""
    is_own = not set(view.permission_classes) <= {AllowAny, IsAuthenticated}
    has_session = any(issubclass(item, SessionAuthentication) for item in view.authentication_classes)
    return is_own or (has_session and method != "get")


def _caller_status(view: Any) -> int:
    """Return what REST framework answers to a caller without valid credentials: 403 where no header asks for them."""
    first = next(iter(view.authentication_classes), None)
    return 401 if first and first().authenticate_header(Request(HttpRequest())) else 403
