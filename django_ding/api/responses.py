"""The services' results as answers."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import status
from rest_framework.response import Response

from django_ding.api.errors import blocked, failure, unavailable
from django_ding.api.serializers import AUTHENTICATION
from django_ding.conf import ding_settings
from django_ding.exceptions import PhoneNumberTaken
from django_ding.models import Authentication
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus, SendResult, make_proof
from django_ding.services.records import seconds_until

_TOO_MANY_CHECKS = _("Too many wrong codes. Try again later.")
_TOO_MANY_SENDS = _("Too many codes were sent. Try again later.")
#: Refusals that asking again doesn't mend, by the status of the check or the retry.
_REFUSALS = {
    "already_validated": (status.HTTP_409_CONFLICT, _("This code was used already.")),
    "without_attempt": (status.HTTP_409_CONFLICT, _("No code was sent, so there is none to enter.")),
    "no_attempt": (status.HTTP_409_CONFLICT, _("No code was sent, so it can't be sent again.")),
    "denied": (
        status.HTTP_409_CONFLICT,
        _("No further code can be sent. Enter the one you have, or try again later."),
    ),
    "expired_auth": (status.HTTP_410_GONE, _("The time to enter the code is over. Ask for a new one.")),
}


def sent(result: SendResult) -> Response:
    """Answer a request to send: 201 for a new authentication, 200 for the one that lives."""
    authentication = result.authentication
    if result.retry and result.retry.status is not RetryStatus.APPROVED:
        return retried(result.retry)
    if authentication.status == Authentication.Status.SPAM_DETECTED:
        return blocked()
    if authentication.status == Authentication.Status.RATE_LIMITED:
        return _rate_limited(_TOO_MANY_SENDS, ding_settings.RETRY_COOLDOWN)
    if not authentication.remaining_checks:
        return _rate_limited(_TOO_MANY_CHECKS, seconds_until(authentication.expires_at))
    created = status.HTTP_201_CREATED if result.is_new else status.HTTP_200_OK
    return Response(AUTHENTICATION.to_representation(authentication), status=created)


def checked(result: CheckResult) -> Response:
    """Answer a check: 200 for the one that won, a failure for any other."""
    match result.status:
        case CheckStatus.VALID:
            return _taken() if result.number_taken else _valid(result.authentication)
        case CheckStatus.INVALID:
            return _invalid(result.remaining_checks)
        case CheckStatus.RATE_LIMITED:
            return _rate_limited(_TOO_MANY_CHECKS, seconds_until(result.authentication.expires_at))
    return _refused(result.status)


def retried(result: RetryResult) -> Response:
    """Answer a retry: 200 when a new message is on its way, a failure otherwise."""
    match result.status:
        case RetryStatus.APPROVED:
            return Response(
                {
                    "status": result.status,
                    "next_retry_at": result.next_retry_at,
                    "remaining_retry": result.remaining_retry,
                }
            )
        case RetryStatus.RATE_LIMITED:
            return _rate_limited(
                _TOO_MANY_SENDS, seconds_until(result.next_retry_at or result.authentication.expires_at)
            )
    return _refused(result.status)


def _refused(reason: str) -> Response:
    """Answer a refusal; a status this version doesn't know is an outage."""
    if reason not in _REFUSALS:
        return unavailable()
    http_status, sentence = _REFUSALS[reason]
    return failure(http_status, reason, sentence)


def _valid(authentication: Authentication) -> Response:
    answer = {
        "status": CheckStatus.VALID,
        "id": authentication.public_id,
        "phone_number": authentication.phone_number,
        "purpose": authentication.purpose,
        "validated_at": authentication.validated_at,
    }
    if authentication.user_id is None:
        answer["proof"] = make_proof(authentication)
    return Response(answer)


def _invalid(remaining: int) -> Response:
    sentence = ngettext(
        "This is not the code. %(count)d more try.", "This is not the code. %(count)d more tries.", remaining
    ) % {"count": remaining}
    return failure(status.HTTP_400_BAD_REQUEST, CheckStatus.INVALID, sentence, remaining_checks=remaining)


def _taken() -> Response:
    return failure(status.HTTP_409_CONFLICT, PhoneNumberTaken.code, PhoneNumberTaken.message)


def _rate_limited(sentence: str | Promise, retry_after: float) -> Response:
    return failure(status.HTTP_429_TOO_MANY_REQUESTS, "rate_limited", sentence, retry_after=retry_after)
