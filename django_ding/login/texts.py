"""What the pages say: how a code was sent, why it can't be entered or resent, and the other ways to get one."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_ding import clock, services
from django_ding.channels import SELECTABLE_CHANNELS, Channel
from django_ding.codes import user_message
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, Blocked, DingError, InputError, LastPhoneNumber, RateLimited
from django_ding.humanize import duration, seconds_until
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import CheckResult, CheckStatus, RetryResult, RetryStatus

PAGE_EXPIRED = _("This page has expired. Start over.")
ACCOUNT_CHANGED = _("Your account has changed. Log in again.")
NO_NUMBER = _("Your account has no phone number. Contact support.")
LOST_NUMBER = _("Your phone number is no longer linked to your account. Contact support to log in again.")
UNCONFIRMED = _("We couldn't confirm that another code was sent. It may still arrive.")
#: The page says beside it how long to wait.
NOT_RESENT = _("We didn't send another code.")

#: The statuses of an authentication that have no message of their own, by the code of what they mean to the visitor.
_STATUS_CODES = {
    Authentication.Status.VALIDATED: "already_validated",
    Authentication.Status.CREATED: "without_attempt",
    Authentication.Status.FAILED: "without_attempt",
}

#: What reaches a phone with a code to enter. Email goes elsewhere, and these pages can't do a silent verification.
_CHANNELS = SELECTABLE_CHANNELS - {Channel.EMAIL, Channel.SILENT}


@dataclass(frozen=True, kw_only=True)
class ChannelChoice:
    """A way to get another code.

    :ivar label: short, for a button.
    :ivar description: the same for screen readers, which may read the button alone.
    """

    value: str
    label: str
    description: str


def removal_warning(number: PhoneNumber) -> str:
    """Return what its user should know before they remove a number: empty unless it is their only one."""
    user = number.user
    if PhoneNumber.write_db.of_user(user).exclude(pk=number.pk).exists():
        return ""
    if services.must_keep_number(user):
        return str(LastPhoneNumber.message)
    if user.has_usable_password():
        return str(_("This is your only phone number. Without one, you may have to contact support to log in."))
    if ding_settings.LOGIN_CREATES_USER:
        return str(
            _(
                "This is your only phone number, and you have no password: you may lose access to this account. If you "
                "log in with the number later, you get a new, empty account."
            )
        )
    return str(_("This is your only phone number, and you have no password: you may lose access to this account."))


def other_channels(authentication: Authentication) -> list[ChannelChoice]:
    """Return the channels that may be chosen for the next message, without the one of the last."""
    if authentication.is_lost:  # The next one is a first message, whose channel the provider decides.
        return []
    last = authentication.channel or Channel.SMS
    return [
        channel_choice(channel)
        for channel in services.get_channels(authentication)
        if channel in _CHANNELS and channel != last
    ]


def channel_choice(channel: Channel) -> ChannelChoice:
    """Return the button for a channel."""
    if channel == Channel.VOICE:
        return ChannelChoice(value=channel, label=str(_("Call me")), description=str(_("Call me with a code")))
    name = str(channel.label)
    return ChannelChoice(value=channel, label=name, description=str(_("Send by %(channel)s")) % {"channel": name})


def sent_message(authentication: Authentication) -> str:
    """Return how the last code was sent, as far as it is known. The number follows."""
    if authentication.is_lost:
        return str(_("We couldn't confirm that your code was sent. It may still arrive at this number:"))
    channel = authentication.channel
    if channel == Channel.VOICE:
        return str(_("We're calling this number with a code:"))
    if channel in _CHANNELS - {Channel.SMS}:
        return str(_("We sent a code by %(channel)s to this number:")) % {"channel": Channel(channel).label}
    return str(_("We sent a code to this number:"))


def resent_message(authentication: Authentication) -> str:
    """Return that another code is on its way."""
    if authentication.is_lost:
        return str(UNCONFIRMED)
    if authentication.channel == Channel.VOICE:
        return str(_("We're calling you with a code."))
    return str(_("We sent another code."))


def error_message(error: DingError) -> str:
    """Return what to say about an exception. A problem with the site's account at the provider looks like an outage."""
    is_for_users = isinstance(error, InputError | Blocked | RateLimited | BackendUnavailable)
    return str(error if is_for_users else BackendUnavailable())


def status_message(authentication: Authentication) -> str:
    """Return why the code can't be entered; empty while it can or may come, or while it is being sent."""
    if _is_sending(authentication):
        return ""
    status = authentication.status
    if status not in Authentication.LIVE_STATUSES and not authentication.is_lost:
        return user_message(_STATUS_CODES.get(Authentication.Status(status), status))
    return "" if seconds_until(authentication.expires_at) else user_message("expired")


def is_open(authentication: Authentication | None) -> bool:
    """Return whether there is a code that can be entered."""
    return bool(authentication and authentication.remaining_checks and not status_message(authentication))


def check_message(result: CheckResult) -> str:
    """Return why a code was not accepted."""
    match result.status:
        case CheckStatus.INVALID | CheckStatus.RATE_LIMITED if not result.remaining_checks:
            return _no_attempts_message(result.authentication)
        case CheckStatus.INVALID:
            count = result.remaining_checks
            return ngettext(
                "Incorrect code. %(count)d attempt left.", "Incorrect code. %(count)d attempts left.", count
            ) % {"count": count}
        case CheckStatus.RATE_LIMITED | CheckStatus.EXPIRED_AUTH:
            return user_message(result.status)
        case CheckStatus.WITHOUT_ATTEMPT if result.authentication.is_lost:
            return str(_("This code can't be checked. Request another one."))
        case CheckStatus.WITHOUT_ATTEMPT if not _is_sending(result.authentication):
            return user_message(result.status)
    return str(_("We couldn't check the code. Try again."))


def retry_message(result: RetryResult) -> str:
    """Return why no other code was sent."""
    is_early = result.status is RetryStatus.RATE_LIMITED or _is_sending(result.authentication)
    if is_early and seconds_until(result.next_retry_at):
        return str(NOT_RESENT)
    if result.status is RetryStatus.UNKNOWN:
        return str(_("We couldn't send another code. Try again."))
    return user_message("denied" if result.status is RetryStatus.RATE_LIMITED else result.status)


def _is_sending(authentication: Authentication) -> bool:
    """Return whether another request, such as the first of a double click, is still waiting for the provider."""
    return authentication.status == Authentication.Status.CREATED and authentication.is_cooling(clock.now())


def _no_attempts_message(authentication: Authentication) -> str:
    wait = duration(seconds_until(authentication.expires_at))
    return str(_("Incorrect code. No attempts left; request a new code in %(wait)s.")) % {"wait": wait}
