"""Failures as REST framework's exceptions, so that any exception handler understands them."""

import math
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ParseError
from rest_framework.exceptions import PermissionDenied as APIPermissionDenied

from django_ding.codes import UNAVAILABLE
from django_ding.database import OUTAGES, report_outage
from django_ding.exceptions import (
    AccountNotCreated,
    BackendRejected,
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    RateLimited,
    StepUpRequired,
)

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


class PhoneAPIException(APIException):
    """A failure of a service, or a result that is one to the caller.

    ``detail`` is the sentence for the user, and its ``code`` the stable one, as with REST framework's own exceptions.

    :ivar wait: seconds to wait, rounded up; ``None`` where waiting doesn't help.
    :ivar extra: further keys of the body, such as ``remaining_checks``.
    """

    def __init__(self, code: str, detail: Any, *, wait: float | None = None, **extra: Any) -> None:
        super().__init__(detail, code)
        self.status_code = HTTP_STATUS.get(code, status.HTTP_400_BAD_REQUEST)
        self.wait = None if wait is None else math.ceil(wait)
        self.extra = extra


def unavailable(retry_after: float | None = None) -> PhoneAPIException:
    """Return the failure for an outage.

    :param retry_after: seconds, if the provider says.
    """
    wait = _OUTAGE_RETRY_AFTER if retry_after is None else retry_after
    return PhoneAPIException("unavailable", UNAVAILABLE, wait=wait)


def to_api_exception(error: Exception) -> Exception:
    """Return one of REST framework's exceptions for one of this app's or Django's, whose cause it is.

    A database that can't be used is logged. Any other is returned unchanged: it is a bug, or a mistake in the settings.
    """
    if isinstance(error, APIException):
        return error
    if isinstance(error, OUTAGES):
        report_outage(error)
        return unavailable()
    match error:
        case DingError():
            translated = _from_ding_error(error)
        case Http404() | ObjectDoesNotExist():  # The latter when a row was deleted during the request.
            translated = NotFound()
        case PermissionDenied():
            translated = APIPermissionDenied()
        case SuspiciousOperation():  # Such as a body with more fields than Django's settings allow.
            translated = ParseError()
        case _:
            return error
    if translated is None:
        return error
    translated.__cause__ = error
    return translated


def _from_ding_error(error: DingError) -> APIException | None:
    match error:
        case Blocked():  # The response doesn't say why: the user may be the reason.
            return PhoneAPIException("blocked", str(error))
        case InputError() | StepUpRequired() | AccountNotCreated():
            return PhoneAPIException(error.code, str(error))
        case RateLimited():
            return PhoneAPIException(error.code, str(error), wait=error.retry_after)
        case BackendUnavailable():
            return unavailable(error.retry_after)
        case BackendRejected():  # Only the site's developers can fix it, and users need not know.
            return unavailable()
    return None
