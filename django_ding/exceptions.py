"""Exceptions, grouped by what the caller can do about them.

Answers that belong to the normal course of events (a wrong code, an expired authentication, no attempts left) are
results, not exceptions. Mistakes in the settings are Django's ``ImproperlyConfigured``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ding.codes import BLOCKED, LOCKED_OUT, UNAVAILABLE, get_code
from django_ding.humanize import duration
from django_ding.typed import Reason

_Text = str | Promise


class DingError(Exception):
    """The root of this app's exceptions.

    ``code`` is stable and meant for programs; ``str(error)`` is a sentence for people. ``may_have_executed`` says
    whether the provider may have executed the request in spite of the error: only an outage leaves that open.
    ``reached`` says of a provider's error whether the request may have reached the provider. ``details`` is more that
    the provider says, for the timeline: JSON, never a code.
    """

    may_have_executed: bool = False
    reached: bool = True
    details: Mapping[str, Any] = MappingProxyType({})
    code: str = "error"
    message: _Text = _("Something went wrong.")

    def __init__(self, message: _Text | None = None, *, code: str | None = None) -> None:
        self.code = code or self.code
        self.message = message or self.message
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), str(self), self.__dict__)


class InputError(DingError):
    """What the user entered can't be used; the user can correct it.

    ``code`` is the provider's (``invalid_line``, ``unsupported_region``, ``invalid_app_version`` …) or one of this
    app's own. The message may be shown to the user.
    """

    code = "invalid_input"
    message = _("This input can't be used.")

    @staticmethod
    def from_code(code: str) -> "InputError":
        """Return the error for one of the input codes of :mod:`django_ding.codes`, with its message."""
        known = get_code(code)
        return InputError(known.user_message if known else None, code=code)


class InvalidPhoneNumber(InputError):
    """What was entered is not a phone number; ``reason`` says why."""

    code = "invalid_phone_number"

    SENTENCES: ClassVar[dict[str, _Text]] = {
        Reason.EMPTY: _("Enter a phone number."),
        Reason.NOT_A_NUMBER: _("This isn't a phone number. Use digits, such as +33 6 12 34 56 78."),
        Reason.NEEDS_COUNTRY: _("Start the number with + and the country code, such as +33 6 12 34 56 78."),
        Reason.UNKNOWN_COUNTRY: _("No country has this country code. Check the digits after the +."),
        Reason.TOO_SHORT: _("This phone number is too short. Check for missing digits."),
        Reason.TOO_LONG: _("This phone number is too long. Check for extra digits."),
        Reason.UNASSIGNED: _("This isn't a valid phone number. Check it and try again."),
        Reason.EXTENSION: _("A number with an extension can't receive a code. Remove the extension."),
    }

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(self.SENTENCES[reason])


class InvalidCode(InputError):
    """What was entered can't be a code, so the provider wasn't asked and no check was counted."""

    code = "invalid_code"
    message = _("This can't be a code. Enter the code that you received.")


class PhoneNumberTaken(InputError):
    """The code was right, but the number belongs to another account."""

    code = "phone_number_taken"
    message = _("This number is already linked to another account.")


class LastPhoneNumber(InputError):
    """A user without a password can't remove their only number, as ``DING["LAST_NUMBER"]`` says."""

    code = "last_phone_number"
    message = _("This is your only phone number. Add another one before you remove it.")


class InvalidProof(InputError):
    """A proof of verification is forged, expired, already used, or for another purpose."""

    code = "invalid_proof"
    message = _("Your verification has expired. Verify your phone number again.")


class NoAccount(InputError):
    """The code was right, but no active account has the number."""

    code = "no_account"
    message = _("No account has this phone number.")


class AccountNotCreated(DingError):
    """The code was right, but ``DING["USER_FACTORY"]`` failed. Only the site's maintainers can fix it.

    Logged at ERROR, with the function's error, which is also its ``__cause__``.
    """

    code = "account_not_created"
    message = _("We couldn't create your account. Contact support.")


class IncorrectPassword(InputError):
    """The password with which a user confirms that it is them is wrong."""

    code = "incorrect_password"
    message = _("Incorrect password.")


class StepUpRequired(DingError):
    """The user has to confirm that it is them before their phone numbers change: see ``DING["STEP_UP_MAX_AGE"]``."""

    code = "step_up_required"
    message = _("Confirm that it's you first.")


class RateLimited(DingError):
    """Too many requests; nothing was sent.

    The message says only when to try again. For programs and logs:

    :ivar scope: the limit that was hit: that of a rate (``phone``, ``user``, ``ip``, ``prefix``, ``country`` or
        ``all``), ``conversion`` when too few codes to the number's prefix or country are entered, ``checks`` or
        ``retries`` when the live authentication has none left or must wait for one, ``password`` when too many were
        tried to confirm who the user is, ``recovery`` when too many recovery codes were entered for a number, or
        ``provider``.
    :ivar retry_after: seconds until the next request is allowed.
    """

    code = "rate_limited"
    message = _("Wait %(wait)s before requesting another code.")

    def __init__(self, message: _Text | None = None, *, scope: str, retry_after: float) -> None:
        super().__init__((message or self.message) % {"wait": duration(retry_after)})
        self.scope = scope
        self.retry_after = retry_after


class Blocked(DingError):
    """The provider sends no code to this number or for this user: it suspects fraud, or the number is on a block list.

    ``code`` is ``spam_detected`` or ``blocked_number``. The message doesn't say which: the user may be the reason.
    """

    code = "blocked_number"
    message = BLOCKED


class LockedOut(Blocked):
    """Too many wrong codes in a row were entered for this number or by this user, so no more are sent or accepted.

    It ends when the number or user is verified in another way, or the lockout is lifted.

    :ivar scope: what the codes were counted by, ``phone`` or ``user``: for ``phone``, another number helps.
    """

    code = "locked_out"
    message = LOCKED_OUT

    def __init__(self, message: _Text | None = None, *, code: str | None = None, scope: str = "") -> None:
        super().__init__(message, code=code)
        self.scope = scope


def provider_input_error(code: str) -> InputError | Blocked:
    """Return the error for a provider's error code that blames what the user entered."""
    return Blocked(code=code) if code == Blocked.code else InputError.from_code(code)


class InvalidWebhook(DingError):
    """A webhook that isn't the provider's (``code`` ``"bad_signature"``) or can't be read (``"unreadable"``)."""

    code = "unreadable"
    message = "The webhook can't be read."


class BackendRejected(DingError):
    """The provider rejects our configuration or account. Only the site's maintainers can fix it.

    ``code`` is the provider's, or ``unauthorized``. Logged at ERROR and never shown to the user.
    """

    code = "account_error"
    message = "The provider rejected the request."


class BackendUnavailable(DingError):
    """The provider couldn't be reached or gave no usable response. A later attempt may work.

    :ivar retry_after: seconds to wait according to the provider, ``None`` when it didn't say.
    :ivar reached: whether the request may have reached the provider: false when no connection was made.
    :ivar may_have_executed: whether the provider may have executed the request: false also when it rejected the
        request because of too many requests.
    :ivar state: the backend's state if the request was executed, as in a response: a code that arrives although its
        gateway timed out can be checked.
    :ivar authentication: of ``send``, the one whose message may come although the response was lost; else ``None``.
    """

    code = "unavailable"
    message = UNAVAILABLE

    def __init__(
        self,
        message: _Text | None = None,
        *,
        code: str | None = None,
        retry_after: float | None = None,
        reached: bool = True,
        may_have_executed: bool = True,
        state: Mapping[str, Any] | None = None,
        authentication: Any = None,
    ) -> None:
        super().__init__(message, code=code)
        self.authentication = authentication
        self.retry_after = retry_after
        self.reached = reached
        self.may_have_executed = reached and may_have_executed
        self.state = state


class UnsupportedOperation(DingError):
    """The backend has no such operation; its ``supports_…`` flags say so beforehand."""

    reached = False
    code = "unsupported_operation"
    message = "This backend has no such operation."


def _restore(cls: type[DingError], message: str, state: dict[str, Any]) -> DingError:
    """Rebuild an error after pickling, whatever arguments its class takes."""
    error = cls.__new__(cls, message)
    error.__dict__.update(state)
    return error
