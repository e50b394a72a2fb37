"""The services as the pages call them: what fails is a sentence for the visitor."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, services
from django_ding.backends.types import DeviceType
from django_ding.channels import SELECTABLE_CHANNELS, Channel
from django_ding.codes import user_message
from django_ding.conf import ding_settings
from django_ding.exceptions import (
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    LastPhoneNumber,
    LockedOut,
    RateLimited,
)
from django_ding.humanize import duration, seconds_until
from django_ding.models import Authentication, PhoneNumber, RecoveryCode
from django_ding.services import CheckResult, CheckStatus, DeviceSignals, RetryResult, RetryStatus

PAGE_EXPIRED = _("This page has expired. Start over.")
ACCOUNT_CHANGED = _("Your account has changed. Log in again.")
NO_NUMBER = _("Your account has no phone number. Contact support.")
_UNCONFIRMED = _("We couldn't confirm that another code was sent. It may still arrive.")
LOST_NUMBER = _("Your phone number is no longer linked to your account. Contact support to log in again.")
#: The page says beside it how long to wait.
_NOT_RESENT = _("We didn't send another code.")

#: The statuses of an authentication that have no message of their own, by the code of what they mean to the visitor.
_STATUS_CODES = {
    Authentication.Status.VALIDATED: "already_validated",
    Authentication.Status.CREATED: "without_attempt",
    Authentication.Status.FAILED: "without_attempt",
}

#: The results after which the same code may still be right.
_UNDECIDED = (CheckStatus.UNKNOWN, CheckStatus.RATE_LIMITED, CheckStatus.WITHOUT_ATTEMPT)

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


class FlowError(Exception):
    """A step of a flow failed; ``str(error)`` is what to say to the visitor.

    It is empty where the next page says it by itself, and the session is best left alone.

    :ivar code: of :mod:`django_ding.codes`, or that of a :class:`~django_ding.exceptions.DingError`.
    :ivar is_input: whether the visitor's input is the cause, so that the message belongs beside its field.
    :ivar is_temporary: whether the same input may be right a little later, as after an outage, so that it is kept.
    :ivar retry_after: seconds until then, if they are known.
    :ivar scope: the limit that was hit, as of :class:`~django_ding.exceptions.RateLimited`; empty for none.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str,
        is_input: bool = False,
        is_temporary: bool = False,
        retry_after: float | None = None,
        scope: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_input = is_input
        self.is_temporary = is_temporary
        self.retry_after = retry_after
        self.scope = scope

    @classmethod
    def from_error(cls, error: DingError) -> "FlowError":
        is_input = isinstance(error, InputError | Blocked)
        return cls(
            error_message(error),
            code=error.code,
            is_input=is_input,
            is_temporary=not is_input,
            retry_after=getattr(error, "retry_after", None),
            scope=getattr(error, "scope", ""),
        )


@sensitive_variables()
def send(
    request: HttpRequest, phone_number: str, *, purpose: str, user: Any = None, dispatch_id: str | None = None
) -> Authentication:
    """Send a code in the language of the page.

    A code whose response was lost is one to enter, too: its message may come, and another can't be sent at once.

    :param dispatch_id: as for :func:`django_ding.services.send`.
    :raises FlowError: when there is no code to enter.
    """
    language = get_language()
    try:
        result = services.send(
            phone_number,
            user=user,
            purpose=purpose,
            request=request,
            device_signals=DeviceSignals(device_type=DeviceType.WEB),
            locale=to_locale(language).replace("_", "-") if language else None,  # BCP 47: pt-BR for Django's pt-br.
            dispatch_id=dispatch_id,
        )
    except DingError as error:
        lost: Authentication | None = getattr(error, "authentication", None)
        if lost:
            return lost
        raise FlowError.from_error(error) from None
    return result.authentication


@sensitive_variables()
def check(request: HttpRequest, authentication: Authentication, code: str) -> CheckResult:
    """Check a code, and return the result of a right one: ``valid`` or ``number_taken``.

    :raises FlowError: for any other code.
    """
    try:
        result = services.check(authentication, code, request=request)
    except DingError as error:
        raise FlowError.from_error(error) from None
    match result.status:
        case CheckStatus.VALID | CheckStatus.NUMBER_TAKEN:
            return result
        case CheckStatus.ALREADY_VALIDATED:
            # A parallel request may just have won this code and logged the visitor in under a new session key. A
            # message would have to be saved to the former session, which is gone.
            raise FlowError(code=result.status)
    raise _check_error(result)


@sensitive_variables()
def redeem_recovery_code(
    request: HttpRequest, code: str, *, user: Any = None, authentication: Authentication | None = None
) -> RecoveryCode:
    """Check a recovery code, and return the row of a right one. The arguments are those of the service.

    :raises FlowError: for any other code, with the words for a wrong code of a message.
    """
    try:
        result = services.redeem_recovery_code(code, user=user, authentication=authentication, request=request)
    except DingError as error:
        raise FlowError.from_error(error) from None
    if result.recovery_code is not None:
        return result.recovery_code
    if result.check is None:
        raise FlowError(
            str(_("Incorrect code. Try again, or ask support for a new one.")), code="invalid", is_input=True
        )
    raise _check_error(result.check)


def retry(authentication: Authentication, *, channel: str | None = None) -> None:
    """Send another code, by the channel that the visitor chose.

    :raises FlowError: when none was sent.
    """
    try:
        result = services.retry(authentication, channel=channel)
    except DingError as error:
        if error.may_have_executed:
            raise FlowError(str(_UNCONFIRMED), code=error.code) from None
        raise FlowError.from_error(error) from None
    if result.status is not RetryStatus.APPROVED:
        raise FlowError(retry_message(result), code=result.status)


def resend(request: HttpRequest, authentication: Authentication, *, channel: str | None = None) -> Authentication:
    """Send another code, and return the authentication that it is for: another one after a response was lost.

    :raises FlowError: when none was sent.
    """
    row = authentication
    if row.is_lost and row.is_cooling(clock.now()):
        raise FlowError(str(_NOT_RESENT), code=RetryStatus.RATE_LIMITED)
    try:
        if row.is_lost:
            return send(request, row.phone_number, purpose=row.purpose, user=row.user)
        retry(row, channel=channel)
    except FlowError as error:
        if error.code == RateLimited.code and error.retry_after:
            raise FlowError(str(_NOT_RESENT), code=error.code, retry_after=error.retry_after) from None
        raise
    return row


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
        return str(_UNCONFIRMED)
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
        return str(_NOT_RESENT)
    if result.status is RetryStatus.UNKNOWN:
        return str(_("We couldn't send another code. Try again."))
    return user_message("denied" if result.status is RetryStatus.RATE_LIMITED else result.status)


def _check_error(result: CheckResult) -> FlowError:
    if result.is_locked_out:
        return FlowError.from_error(LockedOut())
    return FlowError(
        check_message(result),
        code=result.status,
        is_input=result.status is CheckStatus.INVALID,
        is_temporary=result.status in _UNDECIDED and is_open(result.authentication),
        retry_after=result.retry_after,
    )


def _is_sending(authentication: Authentication) -> bool:
    """Return whether another request, such as the first of a double click, is still waiting for the provider."""
    return authentication.status == Authentication.Status.CREATED and authentication.is_cooling(clock.now())


def _no_attempts_message(authentication: Authentication) -> str:
    wait = duration(seconds_until(authentication.expires_at))
    return str(_("Incorrect code. No attempts left; request a new code in %(wait)s.")) % {"wait": wait}
