"""What version 2 of Prelude's API answers instead of a success, in this app's terms.

Its codes and statuses are documented in part only, so the HTTP status decides the family of a code that isn't listed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django_ding.backends import parsing
from django_ding.backends.http import Reply
from django_ding.codes import is_user_fault
from django_ding.exceptions import BackendRejected, BackendUnavailable, DingError, provider_input_error

#: The statuses that have an error in their body, for ``HttpClient.request(returned=…)``.
ERROR_STATUSES = range(400, 600)

#: The ends of a window that its limits bring about.
USED_UP = ("too_many_attempts", "too_many_checks")

#: Outcomes of a request, although the API gives them as errors; so is any HTTP 429.
OUTCOMES = ("blocked", *USED_UP)
TOO_MANY_REQUESTS = "too_many_requests"

#: No digits, so that no number or code gets into a message by way of it.
_ERROR_CODE = re.compile(r"[a-z][a-z_]{0,63}")


@dataclass(frozen=True)
class Answer:
    """A success, or an outcome that the API gives as an error.

    :ivar data: the body; ``{"status": …}`` with one of ``OUTCOMES`` or ``TOO_MANY_REQUESTS`` for an error.
    :ivar retry_after: the seconds of ``Retry-After``, if there is one.
    """

    data: Mapping[str, Any]
    retry_after: float | None = None


@dataclass(frozen=True)
class _Error:
    """An error of the provider's.

    :ivar code: this app's, from :mod:`django_ding.codes`.
    :ivar explanation: for the site's maintainers, where it isn't the user's mistake.
    """

    code: str
    explanation: str = ""


_KEY = _Error("unauthorized", "The API key is missing, wrong or revoked: check OPTIONS['api_key'].")
_TEMPLATE = _Error(
    "invalid_template_id", "The account has no such template for this country, or it takes other variables."
)
_REALM = _Error("invalid_app_realm")
_MESSAGING = _Error("bad_request", "The error belongs to another Prelude product: check OPTIONS['base_url'].")

ERRORS: Mapping[str, _Error] = {
    "missing_api_token": _KEY,
    "invalid_api_token": _KEY,
    "invalid_api_key": _KEY,
    "invalid_bearer_token": _KEY,
    "insufficient_balance": _Error(
        "negative_balance", "The account's balance is too low: top it up in the provider's dashboard."
    ),
    "suspended_account": _Error("suspended_account", "The account is suspended: ask the provider why."),
    "spending_limit_exceeded": _Error(
        "spending_limit_exceeded", "The account's spending limit is reached: raise it in the provider's dashboard."
    ),
    "invalid_request": _Error(
        "bad_request",
        "The provider could not read the request: check OPTIONS['base_url'] and the version of this app.",
    ),
    "invalid_phone_number": _Error("invalid_phone_number"),
    "invalid_line_type": _Error("invalid_line"),
    "unsupported_country": _Error("unsupported_region"),
    "channel_not_enabled_in_region": _Error("unsupported_region"),
    "impossible_code": _Error("impossible_code"),  # Of a check; see PreludeBackend.check().
    "invalid_app_realm": _REALM,
    "invalid_app_realm_platform": _REALM,
    "invalid_app_realm_value": _REALM,
    "invalid_device_id": _Error("invalid_device_id"),
    "invalid_os_version": _Error("invalid_os_version"),
    "invalid_template_id": _TEMPLATE,
    "template_not_found": _TEMPLATE,
    "template_not_registered_in_country": _TEMPLATE,
    "invalid_template_variables": _TEMPLATE,
    "invalid_sender_id": _Error("invalid_sender_id", "The account may not use this Sender ID, or it is malformed."),
    "custom_code_not_allowed": _Error(
        "custom_code_not_allowed", "The account may not choose codes itself: ask the provider to allow it."
    ),
    "custom_size_conflict": _Error("custom_size_conflict", "Give either custom_code or code_size."),
    "invalid_code_size": _Error("invalid_code_size", "code_size must be 4 to 8."),
    "email_verification_not_allowed": _Error(
        "email_verification_not_allowed", "The account may not verify email addresses."
    ),
    "invalid_callback_url": _Error(
        "invalid_callback_url", "The provider can't use this site's URL for webhooks: check DING['WEBHOOK_BASE_URL']."
    ),
    "invalid_correlation_id": _Error("invalid_correlation_id", "The provider rejected the correlation ID."),
    "invalid_locale": _Error("invalid_locale", "The provider rejected the locale: use a BCP 47 tag such as fr-FR."),
    "invalid_date_format": _MESSAGING,
    "expires_at_in_past": _MESSAGING,
    "expires_at_too_far_in_future": _MESSAGING,
    "batch_size_exceeded": _MESSAGING,
    "empty_batch": _MESSAGING,
    "category_forbidden": _MESSAGING,
}


def check_reply(reply: Reply) -> Answer:
    """Return a success, or the outcome when the provider blocks the request or reaches a limit.

    :raises InputError: when the provider blames the user's input.
    :raises BackendRejected: when it refuses our configuration or account, or for a reason this app doesn't know.
    :raises BackendUnavailable: when it reports a fault of its own.
    """
    if reply.status < 400:
        return Answer(reply.data)
    code = error_code(reply)
    if code in OUTCOMES or reply.status == 429:
        return Answer({"status": code if code in OUTCOMES else TOO_MANY_REQUESTS}, retry_after=reply.retry_after)
    raise _error(reply, code)


def error_code(reply: Reply) -> str:
    """Return the provider's error code, empty for what can't be one."""
    code = parsing.text(reply.data.get("code")) or ""
    return code if _ERROR_CODE.fullmatch(code) else ""


def check_limited_reply(reply: Reply) -> Mapping[str, Any]:
    """Return the body of a success of an operation that has no other outcomes: a limit is an outage there.

    :raises BackendUnavailable: as for :func:`check_reply`, and for a limit.
    """
    answer = check_reply(reply)
    if reply.status >= 400:
        raise BackendUnavailable(code=TOO_MANY_REQUESTS, retry_after=reply.retry_after, may_have_executed=False)
    return answer.data


def _error(reply: Reply, code: str) -> DingError:
    if reply.status == 408 or reply.status >= 500:
        outage = "internal_server_error" if code == "internal" else code or f"http_{reply.status}"
        return BackendUnavailable(code=outage, retry_after=reply.retry_after)
    error = ERRORS.get(code) or (_KEY if reply.status in (401, 403) else _unknown(code))
    if is_user_fault(error.code):
        return provider_input_error(error.code)
    answered = f"The provider answered HTTP {reply.status}{f' {code}' if code else ''}."
    return BackendRejected(f"{answered} {error.explanation}", code=error.code)


def _unknown(code: str) -> _Error:
    return _Error(code or "bad_request", "This app does not know the error: see the provider's documentation.")
