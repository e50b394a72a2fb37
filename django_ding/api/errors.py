"""Failures as answers: ``{"code": …, "detail": …}`` with a stable code and a sentence for people."""

import math
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from django_ding.exceptions import AccountError, BackendUnavailable, DingError, InputError, NoAccount, RateLimited

#: Seconds after which to try again in an outage, when the provider doesn't say.
RETRY_AFTER_OUTAGE = 30

_BLOCKED = {"blocked_number", "spam_detected"}


def failure(http_status: int, code: str, detail: Any, *, retry_after: float | None = None, **facts: Any) -> Response:
    """Return an answer that says what failed. ``retry_after`` is in seconds."""
    headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
    return Response({"code": code, "detail": detail, **facts}, status=http_status, headers=headers)


def blocked() -> Response:
    """Return the answer to somebody who gets no code. It doesn't say why: they may be the reason."""
    return failure(status.HTTP_403_FORBIDDEN, "blocked", InputError.SENTENCES["blocked_number"])


def unavailable(retry_after: float | None = None) -> Response:
    """Return the answer in an outage, and while only the site's maintainers can help."""
    return failure(
        status.HTTP_503_SERVICE_UNAVAILABLE,
        BackendUnavailable.code,
        BackendUnavailable.message,
        retry_after=RETRY_AFTER_OUTAGE if retry_after is None else retry_after,
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate an exception into an answer; ``None`` for one that is a fault of ours.

    Unlike REST framework's own handler it never rolls a transaction back: what was counted stays counted.
    """
    match error:
        case DingError():
            return _ding_failure(error)
        case exceptions.ValidationError():
            return _malformed(error.detail)
        case exceptions.APIException():
            return _api_failure(error)
        case Http404() | ObjectDoesNotExist():  # The latter when a row was deleted meanwhile.
            return _api_failure(exceptions.NotFound())
        case PermissionDenied():
            return _api_failure(exceptions.PermissionDenied())
        case SuspiciousOperation():
            return _api_failure(exceptions.ParseError())
    return None


def _ding_failure(error: DingError) -> Response | None:
    match error:
        case InputError(code=code) if code in _BLOCKED:
            return blocked()
        case NoAccount():
            return failure(status.HTTP_403_FORBIDDEN, error.code, str(error))
        case InputError():
            return failure(status.HTTP_400_BAD_REQUEST, error.code, str(error))
        case RateLimited():
            return failure(status.HTTP_429_TOO_MANY_REQUESTS, error.code, str(error), retry_after=error.retry_after)
        case BackendUnavailable():
            return unavailable(error.retry_after)
        case AccountError():
            return unavailable()
    return None


def _malformed(detail: Any) -> Response:
    """Answer with REST framework's field errors, a code beside them. The field ``code`` gives way to the code."""
    facts = dict(detail) if isinstance(detail, dict) else {"non_field_errors": detail}
    code = "invalid_code" if facts.pop("code", None) else "invalid_input"
    sentence = (
        _("The code must be text of 4 to 8 digits.") if code == "invalid_code" else _("Some fields are not valid.")
    )
    return failure(status.HTTP_400_BAD_REQUEST, code, sentence, **facts)


def _api_failure(error: exceptions.APIException) -> Response:
    code, detail = _code_and_detail(error)
    response = failure(error.status_code, code, detail, retry_after=getattr(error, "wait", None))
    if getattr(error, "auth_header", None):
        response.headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    return response


def _code_and_detail(error: exceptions.APIException) -> tuple[str, Any]:
    """Return both as texts. The errors of other packages, such as simplejwt's, may hold a dict or a list."""
    code, detail = error.get_codes(), error.detail
    if isinstance(code, str):
        return code, detail
    told = detail if isinstance(detail, dict) else {}
    return str(told.get("code", error.default_code)), told.get("detail", error.default_detail)
