"""Results and failures as responses. A failure is ``{"code", "detail", "errors"?, "retry_after"?}``."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings

from django_ding.api.exceptions import HTTP_STATUS, PhoneAPIException, to_api_exception, unavailable
from django_ding.api.serializers import ChannelField, PhoneAuthenticationSerializer, format_utc
from django_ding.codes import user_message
from django_ding.exceptions import LockedOut, PhoneNumberTaken, RateLimited
from django_ding.humanize import duration, seconds_until
from django_ding.models import Authentication
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus, SendResult, make_proof


def send_response(
    result: SendResult, serializer_class: type[BaseSerializer[Any]] = PhoneAuthenticationSerializer
) -> Response:
    """Return 201 for a new authentication and 200 for the live one, or raise the failure of its retry."""
    if result.retry and result.retry.status is not RetryStatus.APPROVED:
        return retry_response(result.retry)
    http_status = status.HTTP_201_CREATED if result.is_new else status.HTTP_200_OK
    body = serializer_class(result.authentication).data
    if result.silent_request_url:
        body = {**body, "silent": {"request_url": result.silent_request_url}}
    return Response(body, status=http_status)


def check_response(result: CheckResult, *, proof: str = "") -> Response:
    """Return 200 for the request that won, and raise a failure for any other.

    :param proof: that of a signed-in caller. An anonymous one gets a proof of the verification.
    """
    match result.status:
        case CheckStatus.VALID:
            return _valid(result.authentication, proof)
        case CheckStatus.INVALID if result.is_locked_out:
            raise LockedOut
        case CheckStatus.INVALID:
            raise _invalid(result)
        case CheckStatus.NUMBER_TAKEN:
            raise PhoneNumberTaken
        case CheckStatus.RATE_LIMITED:
            raise _check_limited(result)
    raise _failure(result.status)


def retry_response(result: RetryResult) -> Response:
    """Return 200 when another message was sent, and raise a failure otherwise."""
    match result.status:
        case RetryStatus.APPROVED:
            return Response(
                {
                    "status": result.status.value,
                    "channel": ChannelField().to_representation(result.authentication.channel),
                    "next_retry_at": result.next_retry_at and format_utc(result.next_retry_at),
                    "remaining_retry": result.remaining_retry,
                }
            )
        case RetryStatus.RATE_LIMITED:
            raise _rate_limited("provider", result.next_retry_at or result.authentication.expires_at)
    raise _failure(result.status)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an exception, ``None`` for one that is a bug or a mistake in the settings.

    Unlike REST framework's own handler it never rolls a transaction back: what was counted stays counted.
    """
    error = to_api_exception(error)
    if not isinstance(error, exceptions.APIException):
        return None
    body = _code_and_detail(error)
    if isinstance(error, PhoneAPIException):
        body |= error.extra
    headers = {}
    if (wait := getattr(error, "wait", None)) is not None:
        body["retry_after"] = math.ceil(wait)
        headers["Retry-After"] = str(body["retry_after"])
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    return Response(_plain(body), status=error.status_code, headers=headers)


def _code_and_detail(error: Any) -> dict[str, Any]:
    code, detail = error.get_codes(), error.detail
    if isinstance(error, exceptions.ValidationError):
        # A serializer's errors are a dict, those that a view or a field raises by itself a list.
        errors = detail if isinstance(detail, dict) else {api_settings.NON_FIELD_ERRORS_KEY: detail}
        return {"code": "invalid_input", "detail": _("Some fields are not valid."), "errors": errors}
    if not isinstance(code, str):
        # The exceptions of other packages, such as simplejwt's, may hold a dict or a list.
        fields = detail if isinstance(detail, dict) else {}
        code, detail = fields.get("code", error.default_code), fields.get("detail", error.default_detail)
    if isinstance(error, exceptions.AuthenticationFailed):
        # Each package has codes of its own, which all mean the same to a client: get new credentials.
        code = exceptions.AuthenticationFailed.default_code
    return {"code": code, "detail": detail}


def _plain(value: Any) -> Any:
    """Return the same of exactly the types that JSON has: some renderers take neither lazy text nor a subclass."""
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str() | Promise():
            return str(value)
    return value


def _failure(code: str) -> PhoneAPIException:
    """Return the failure for a status that trying again doesn't change, or an outage for an unfamiliar one."""
    return PhoneAPIException(code, user_message(code)) if code in HTTP_STATUS else unavailable()


def _valid(authentication: Authentication, proof: str) -> Response:
    body = {
        "status": CheckStatus.VALID.value,
        "id": str(authentication.public_id),
        "phone_number": authentication.phone_number,
        "purpose": str(authentication.purpose),
        "validated_at": authentication.validated_at and format_utc(authentication.validated_at),
    }
    if authentication.user_id is None:
        proof = make_proof(authentication)
    if proof:
        body["proof"] = proof
    return Response(body)


def _invalid(result: CheckResult) -> PhoneAPIException:
    remaining, wait = result.remaining_checks, None
    if remaining:
        detail = ngettext(
            "Incorrect code. %(count)d attempt left.", "Incorrect code. %(count)d attempts left.", remaining
        ) % {"count": remaining}
    else:
        wait = seconds_until(result.authentication.expires_at)
        detail = _("Incorrect code. No attempts left; request a new code in %(wait)s.") % {"wait": duration(wait)}
    return PhoneAPIException(CheckStatus.INVALID.value, detail, wait=wait, remaining_checks=remaining)


def _check_limited(result: CheckResult) -> Exception:
    if result.retry_after is not None:
        return RateLimited(user_message("rate_limited"), scope="provider", retry_after=result.retry_after)
    row = result.authentication
    # A closed one blocks no request: another code can be requested after the cooldown.
    is_closed = row.status == Authentication.Status.EXPIRED
    return _rate_limited("checks", (row.next_retry_at or row.expires_at) if is_closed else row.expires_at)


def _rate_limited(scope: str, until: datetime) -> RateLimited:
    return RateLimited(scope=scope, retry_after=seconds_until(until))
