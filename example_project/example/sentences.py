"""What the pages say to each outcome."""

from django_ding.exceptions import BackendUnavailable, DingError, InputError, RateLimited
from django_ding.models import Authentication
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus
from example.words import seconds_until, time_until

_START_AGAIN = "Start again with your number."

_SENDS = {
    Authentication.Status.RATE_LIMITED: "Too many codes were sent to this number. Try again later.",
    Authentication.Status.SPAM_DETECTED: "Codes can't be sent to this number.",
}
_CHECKS = {
    CheckStatus.ALREADY_VALIDATED: "This code was used already.",
    CheckStatus.WITHOUT_ATTEMPT: f"No code was sent, so there is none to enter. {_START_AGAIN}",
    CheckStatus.RATE_LIMITED: f"Too many wrong codes. {_START_AGAIN}",
    CheckStatus.EXPIRED_AUTH: f"The time to enter this code is over. {_START_AGAIN}",
    CheckStatus.UNKNOWN: "The code could not be checked. Try again.",
}
_RETRIES = {
    RetryStatus.DENIED: "No further code can be sent. Enter the one you have.",
    RetryStatus.NO_ATTEMPT: f"There is no message to repeat. {_START_AGAIN}",
    RetryStatus.EXPIRED_AUTH: f"The time to enter the code is over. {_START_AGAIN}",
    RetryStatus.ALREADY_VALIDATED: "This number is verified already.",
    RetryStatus.UNKNOWN: "Another code could not be sent. Try again.",
}


def of_error(error: DingError) -> str:
    """Return what to tell a visitor; troubles with our account are not their business."""
    return str(error if isinstance(error, InputError | RateLimited | BackendUnavailable) else BackendUnavailable())


def of_send(authentication: Authentication) -> str:
    """Return why no code was sent; empty when one is on its way."""
    return _SENDS.get(authentication.status, "")


def of_state(authentication: Authentication) -> str:
    """Return why no code can be entered any more; empty while one can."""
    status = authentication.status
    if status == Authentication.Status.VALIDATED:
        return "This number is verified already."
    if status == Authentication.Status.EXPIRED or not seconds_until(authentication.expires_at):
        return _CHECKS[CheckStatus.EXPIRED_AUTH]
    if status not in Authentication.LIVE_STATUSES:
        return _CHECKS[CheckStatus.WITHOUT_ATTEMPT]
    return "" if authentication.remaining_checks else _CHECKS[CheckStatus.RATE_LIMITED]


def of_check(result: CheckResult) -> str:
    """Return why a code proved nothing; empty when the number is the user's now."""
    if result.number_taken:
        return "The code is right, but this number belongs to another account."
    if result.status is CheckStatus.VALID:
        return ""
    if result.status is CheckStatus.INVALID and result.remaining_checks:
        return "This is not the code. Check the message and try again."
    return _CHECKS.get(result.status, _CHECKS[CheckStatus.RATE_LIMITED])


def of_retry(result: RetryResult) -> str:
    """Return why no further code was sent; empty when one is on its way."""
    if result.status is RetryStatus.APPROVED:
        return ""
    if result.status is RetryStatus.RATE_LIMITED and seconds_until(result.next_retry_at):
        return f"It is too early for another code. Wait {time_until(result.next_retry_at)}."
    return _RETRIES.get(result.status, _RETRIES[RetryStatus.DENIED])
