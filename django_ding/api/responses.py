"""Results and exceptions as responses. A failure is ``{"code", "detail", "errors"?, "retry_after"?}``."""

import math
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings

from django_ding.api.serializers import ChannelField, PhoneAuthenticationSerializer, format_utc
from django_ding.codes import UNAVAILABLE, user_message
from django_ding.exceptions import (
    AccountNotCreated,
    BackendRejected,
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    PhoneNumberTaken,
    RateLimited,
    StepUpRequired,
)
from django_ding.humanize import duration, seconds_until
from django_ding.models import Authentication
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus, SendResult, make_proof

#: The HTTP statuses of the app's codes. Any other code is about the input, so 400.
HTTP_STATUS = {
    "blocked": status.HTTP_403_FORBIDDEN,
    "no_account": status.HTTP_403_FORBIDDEN,
    "step_up_required": status.HTTP_403_FORBIDDEN,
    "already_validated": status.HTTP_409_CONFLICT,
    "denied": status.HTTP_409_CONFLICT,
    "last_phone_number": status.HTTP_409_CONFLICT,
    "no_attempt": status.HTTP_409_CONFLICT,
    "phone_number_taken": status.HTTP_409_CONFLICT,
    "without_attempt": status.HTTP_409_CONFLICT,
    "expired_auth": status.HTTP_410_GONE,
    "rate_limited": status.HTTP_429_TOO_MANY_REQUESTS,
    "account_not_created": status.HTTP_503_SERVICE_UNAVAILABLE,
    "unavailable": status.HTTP_503_SERVICE_UNAVAILABLE,
}

#: Seconds to wait after an outage when the provider doesn't say.
_OUTAGE_RETRY_AFTER = 30


def send_response(
    result: SendResult, serializer_class: type[BaseSerializer[Any]] = PhoneAuthenticationSerializer
) -> Response:
    """Return 201 for a new authentication, 200 for the live one, or the failure of its retry."""
    if result.retry and result.retry.status is not RetryStatus.APPROVED:
        return retry_response(result.retry)
    http_status = status.HTTP_201_CREATED if result.is_new else status.HTTP_200_OK
    body = serializer_class(result.authentication).data
    if result.silent_request_url:
        body = {**body, "silent": {"request_url": result.silent_request_url}}
    return Response(body, status=http_status)


def check_response(result: CheckResult, *, proof: str = "") -> Response:
    """Return 200 for the request that won, a failure for any other.

    :param proof: that of a signed-in caller. An anonymous one gets a proof of the verification.
    """
    match result.status:
        case CheckStatus.VALID:
            return _valid(result.authentication, proof)
        case CheckStatus.INVALID:
            return _invalid(result)
        case CheckStatus.NUMBER_TAKEN:
            return error_response(PhoneNumberTaken.code, PhoneNumberTaken.message)
        case CheckStatus.RATE_LIMITED:
            return _check_limited(result)
    return _state_response(result.status)


def retry_response(result: RetryResult) -> Response:
    """Return 200 when another message was sent, a failure otherwise."""
    match result.status:
        case RetryStatus.APPROVED:
            next_retry_at = result.next_retry_at and format_utc(result.next_retry_at)
            remaining_retry = result.remaining_retry
            return Response(
                {
                    "status": result.status,
                    "channel": ChannelField().to_representation(result.authentication.channel),
                    "next_retry_at": next_retry_at,
                    "remaining_retry": remaining_retry,
                }
            )
        case RetryStatus.RATE_LIMITED:
            return _rate_limited("provider", result.next_retry_at or result.authentication.expires_at)
    return _state_response(result.status)


def error_response(
    code: str, detail: Any, *, http_status: int | None = None, retry_after: float | None = None, **more: Any
) -> Response:
    """Return a failure.

    :param detail: a sentence for the user.
    :param http_status: by default the one of the code.
    :param retry_after: seconds, rounded up in the body and in ``Retry-After``.
    """
    body = {"code": code, "detail": detail, **more}
    headers = {}
    if retry_after is not None:
        body["retry_after"] = math.ceil(retry_after)
        headers["Retry-After"] = str(body["retry_after"])
    return Response(body, status=http_status or HTTP_STATUS.get(code, 400), headers=headers)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an exception, ``None`` for one that is a bug or a mistake in the settings.

    Unlike REST framework's own handler it never rolls a transaction back: what was counted stays counted.
    """
    match error:
        case DingError():
            return _ding_error_response(error)
        case exceptions.ValidationError():
            return _validation_error_response(error.detail)
        case exceptions.APIException():
            return _api_exception_response(error)
        case Http404() | ObjectDoesNotExist():  # The latter when a row was deleted during the request.
            return _api_exception_response(exceptions.NotFound())
        case PermissionDenied():
            return _api_exception_response(exceptions.PermissionDenied())
        case SuspiciousOperation():  # Such as a body with more fields than Django's settings allow.
            return _api_exception_response(exceptions.ParseError())
    return None


def _ding_error_response(error: DingError) -> Response | None:
    match error:
        case Blocked():  # The response doesn't say why: the user may be the reason.
            return error_response("blocked", str(error))
        case InputError() | StepUpRequired() | AccountNotCreated():
            return error_response(error.code, str(error))
        case RateLimited():
            return error_response(error.code, str(error), retry_after=error.retry_after)
        case BackendUnavailable():
            return _unavailable(error.retry_after)
        case BackendRejected():  # Only the site's developers can fix it, and users need not know.
            return _unavailable()
    return None


def _validation_error_response(detail: Any) -> Response:
    # A serializer's errors are a dict, those that a view or a field raises by itself a list.
    errors = detail if isinstance(detail, dict) else {api_settings.NON_FIELD_ERRORS_KEY: detail}
    if "code" in errors:
        return error_response("invalid_code", user_message("invalid_code"), errors=errors)
    return error_response("invalid_input", _("Some fields are not valid."), errors=errors)


def _api_exception_response(error: Any) -> Response:
    code, detail = error.get_codes(), error.detail
    if not isinstance(code, str):
        # The exceptions of other packages, such as simplejwt's, may hold a dict or a list.
        fields = detail if isinstance(detail, dict) else {}
        code, detail = str(fields.get("code", error.default_code)), fields.get("detail", error.default_detail)
    response = error_response(code, detail, http_status=error.status_code, retry_after=getattr(error, "wait", None))
    if getattr(error, "auth_header", None):
        response.headers["WWW-Authenticate"] = error.auth_header
    return response


def _state_response(code: str) -> Response:
    """Return the failure for a status that trying again doesn't change, or an outage for an unfamiliar one."""
    return error_response(code, user_message(code)) if code in HTTP_STATUS else _unavailable()


def _valid(authentication: Authentication, proof: str) -> Response:
    body = {
        "status": CheckStatus.VALID,
        "id": str(authentication.public_id),
        "phone_number": authentication.phone_number,
        "purpose": authentication.purpose,
        "validated_at": authentication.validated_at and format_utc(authentication.validated_at),
    }
    if authentication.user_id is None:
        proof = make_proof(authentication)
    if proof:
        body["proof"] = proof
    return Response(body)


def _invalid(result: CheckResult) -> Response:
    remaining = result.remaining_checks
    if remaining:
        detail = ngettext(
            "Incorrect code. %(count)d attempt left.", "Incorrect code. %(count)d attempts left.", remaining
        ) % {"count": remaining}
    else:
        wait = duration(seconds_until(result.authentication.expires_at))
        detail = _("Incorrect code. No attempts left; request a new code in %(wait)s.") % {"wait": wait}
    return error_response(CheckStatus.INVALID.value, detail, remaining_checks=remaining)


def _check_limited(result: CheckResult) -> Response:
    if result.retry_after is not None:
        error = RateLimited(scope="provider", retry_after=result.retry_after)
        return error_response(error.code, user_message("rate_limited"), retry_after=error.retry_after)
    row = result.authentication
    # A closed one is in nobody's way: another code can be requested after the cooldown.
    is_closed = row.status == Authentication.Status.EXPIRED
    return _rate_limited("checks", (row.next_retry_at or row.expires_at) if is_closed else row.expires_at)


def _rate_limited(scope: str, until: datetime) -> Response:
    error = RateLimited(scope=scope, retry_after=seconds_until(until))
    return error_response(error.code, str(error), retry_after=error.retry_after)


def _unavailable(retry_after: float | None = None) -> Response:
    return error_response(
        "unavailable", UNAVAILABLE, retry_after=_OUTAGE_RETRY_AFTER if retry_after is None else retry_after
    )
