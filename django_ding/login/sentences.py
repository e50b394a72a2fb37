"""What the pages say to each outcome."""

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ding.exceptions import BackendUnavailable, DingError, InputError, RateLimited, wait_in_words
from django_ding.models import Authentication
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus
from django_ding.services.records import seconds_until

_Text = str | Promise

ANOTHER_SENT = _("Another code is on its way.")
VERIFIED = _("Your number is verified.")
REMOVED = _("The number is removed.")
PRIMARY = _("This is your primary number now.")
TAKEN = _("The code is right, but this number belongs to another account.")
LOST = _("The code can't be entered here any more. Start again.")
CHANGED = _("Your account has changed in the meantime. Log in again.")
NO_NUMBER = _("This account has no phone number that a code could be sent to.")

_USED = _("This code was used already.")
_EXPIRED = _("The time to enter the code is over. Ask for a new one.")
_NOT_SENT = _("No code was sent, so there is none to enter.")
_UNCHECKED = _("The code could not be checked. Try again.")
_NO_FURTHER = _("No further code can be sent. Enter the one you have, or try again later.")

_STATES = {
    Authentication.Status.VALIDATED: _USED,
    Authentication.Status.EXPIRED: _EXPIRED,
    Authentication.Status.RATE_LIMITED: _("Too many codes were sent to this number. Try again later."),
    Authentication.Status.SPAM_DETECTED: InputError.SENTENCES["blocked_number"],
}
_CHECKS = {
    CheckStatus.WITHOUT_ATTEMPT: _NOT_SENT,
    CheckStatus.EXPIRED_AUTH: _EXPIRED,
    CheckStatus.ALREADY_VALIDATED: _USED,
}
_RETRIES = {
    RetryStatus.DENIED: _NO_FURTHER,
    RetryStatus.NO_ATTEMPT: _("No code was sent, so it can't be sent again."),
    RetryStatus.EXPIRED_AUTH: _EXPIRED,
    RetryStatus.ALREADY_VALIDATED: _USED,
    RetryStatus.UNKNOWN: _("Another code could not be sent. Try again."),
}


def of_error(error: DingError) -> str:
    """Return what to tell a visitor. Troubles with the site's account at the provider are not their business."""
    return str(error if isinstance(error, InputError | RateLimited | BackendUnavailable) else BackendUnavailable())


def of_state(authentication: Authentication) -> str:
    """Return why no code can be entered, or none any more; empty while one can, or is being sent."""
    if _is_being_sent(authentication):
        return ""
    if authentication.status in _STATES:
        return str(_STATES[Authentication.Status(authentication.status)])
    if authentication.status not in Authentication.LIVE_STATUSES:
        return str(_NOT_SENT)
    if not seconds_until(authentication.expires_at):
        return str(_EXPIRED)
    return "" if authentication.remaining_checks else _too_many_checks(authentication)


def of_check(result: CheckResult) -> str:
    """Return why a code proved nothing."""
    if result.status is CheckStatus.INVALID and result.remaining_checks:
        return str(_("This is not the code. Check the message and try again."))
    if result.status in (CheckStatus.INVALID, CheckStatus.RATE_LIMITED):
        return _too_many_checks(result.authentication)
    if _is_being_sent(result.authentication):
        return str(_UNCHECKED)
    return str(_CHECKS.get(result.status, _UNCHECKED))


def of_retry(result: RetryResult) -> str:
    """Return why no further code was sent."""
    is_early = result.status is RetryStatus.RATE_LIMITED or _is_being_sent(result.authentication)
    if is_early and seconds_until(result.next_retry_at):
        wait = wait_in_words(seconds_until(result.next_retry_at))
        return str(_("It is too early for another code. Try again in %(wait)s.")) % {"wait": wait}
    return str(_RETRIES.get(result.status, _NO_FURTHER))


def _is_being_sent(authentication: Authentication) -> bool:
    """Tell whether another request, as of somebody who clicks twice, awaits the provider's answer to the send."""
    return authentication.status == Authentication.Status.CREATED and authentication.is_cooling(timezone.now())


def _too_many_checks(authentication: Authentication) -> str:
    wait = wait_in_words(seconds_until(authentication.expires_at))
    return str(_("Too many wrong codes. Try again in %(wait)s.")) % {"wait": wait}
