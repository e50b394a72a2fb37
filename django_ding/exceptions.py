"""What can go wrong, told apart by what the caller can do about it.

Answers that belong to the normal course of things (a wrong code, a spent authentication, too many tries) are
results, not exceptions. Mistakes in the settings are Django's ``ImproperlyConfigured``.
"""

import math
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_ding.phone import Reason

_Text = str | Promise


class DingError(Exception):
    """The root of this app's exceptions.

    ``code`` is stable and meant for programs; ``str(error)`` is a sentence for people. ``may_have_executed`` tells
    whether the provider may have carried the request out all the same: only an outage leaves that open.
    """

    may_have_executed: bool = False
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
    """What the user gave cannot be used; the user can mend it.

    ``code`` is the provider's (``invalid_line``, ``unsupported_region``, ``invalid_app_version`` …) or one of this
    app's own. The sentence may be shown to the user.
    """

    code = "invalid_input"
    message = _("This input can't be used.")

    #: The provider's codes that blame the user's input, each with what to tell the user.
    SENTENCES: ClassVar[dict[str, _Text]] = {
        "invalid_phone_number": _("This phone number doesn't exist. Check it and try again."),
        "invalid_line": _("This kind of line can't receive a code. Use a mobile number."),
        "unsupported_region": _("Codes can't be sent to this country."),
        "blocked_number": _("Codes can't be sent to this number."),
        "impossible_code": _("This can't be a code. Enter the digits of the message you received."),
        "invalid_app_realm": _("app_realm is not an SMS Retriever hash of eleven characters."),
        "app_realm_require_device_type": _("app_realm needs device_type."),
        "unsupported_app_realm_device_type": _("app_realm is not available for this device_type."),
        "invalid_app_version": _("app_version is not valid."),
        "invalid_os_version": _("os_version is not valid."),
        "invalid_device_model": _("device_model is not valid."),
        "invalid_device_id": _("device_id is not valid."),
        "no_associated_auth_found": _("No authentication was made for this number, so there is nothing to report on."),
        "duplicated_feedback_status": _("This feedback was already given for this number."),
        "invalid_feedback_status": _("The feedback status must be onboarded or not_onboarded."),
    }

    @staticmethod
    def from_code(code: str) -> "InputError":
        """Return the error for one of the provider's input codes, with its sentence."""
        return InputError(InputError.SENTENCES.get(code), code=code)


class InvalidPhoneNumber(InputError):
    """What was typed is not a phone number; ``reason`` tells why."""

    code = "invalid_phone_number"

    SENTENCES: ClassVar[dict[str, _Text]] = {
        Reason.EMPTY: _("Enter a phone number."),
        Reason.NOT_A_NUMBER: _("This is not a phone number. Use digits, such as +33 6 12 34 56 78."),
        Reason.NEEDS_COUNTRY: _("Start the number with + and the country code, such as +33 6 12 34 56 78."),
        Reason.UNKNOWN_COUNTRY: _("No country has this country code. Check the digits after the +."),
        Reason.TOO_SHORT: _("This phone number is too short. Check that no digit is missing."),
        Reason.TOO_LONG: _("This phone number is too long. Check it for extra digits."),
        Reason.UNASSIGNED: _("This phone number doesn't exist. Check it and try again."),
        Reason.EXTENSION: _("A number with an extension can't receive a code. Leave the extension out."),
    }

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(self.SENTENCES[reason])


class InvalidCode(InputError):
    """What was typed cannot be a code, so the provider was not asked and no check was counted."""

    code = "invalid_code"
    message = _("A code is 4 to 8 digits. Enter the digits of the message you received.")


class PhoneNumberTaken(InputError):
    """The number was proven, but it belongs to another account."""

    code = "phone_number_taken"
    message = _("This phone number belongs to another account.")


class InvalidProof(InputError):
    """A proof of verification is forged, too old, or for another purpose."""

    code = "invalid_proof"
    message = _("The proof of verification is not valid any more. Verify the phone number again.")


class NoAccount(InputError):
    """The number was proven, but it opens no account: nobody has it, or its owner is not active."""

    code = "no_account"
    message = _("No account has this phone number.")


class RateLimited(DingError):
    """Too many codes were asked for; nothing was sent.

    The sentence says no more than when to try again. For programs and logs:

    :ivar scope: which family of rates is exhausted: ``phone``, ``user``, ``ip``, ``prefix``, ``country`` or ``all``;
        ``conversion`` when too few of the codes to the number's prefix or country are entered.
    :ivar retry_after: seconds until it has room again.
    """

    code = "rate_limited"

    def __init__(self, *, scope: str, retry_after: float) -> None:
        super().__init__(
            _("Too many codes were asked for. Try again in %(wait)s.") % {"wait": wait_in_words(retry_after)}
        )
        self.scope = scope
        self.retry_after = retry_after


class AccountError(DingError):
    """The provider refuses our configuration or account. Only the site's maintainers can mend it.

    ``code`` is the provider's, or ``unauthorized``. Logged at ERROR and never shown to the user.
    """

    code = "account_error"
    message = "The provider refused the request."


class BackendUnavailable(DingError):
    """The provider could not be reached or gave no usable answer. Trying again later may work.

    :ivar retry_after: seconds to wait as told by the provider, ``None`` when it said nothing.
    :ivar reached: whether the request may have reached the provider: false when no connection came about.
    :ivar may_have_executed: whether the provider may have carried the request out: false, too, when it answered that
        it was asked too often.
    """

    code = "unavailable"
    message = _("Codes can't be sent or checked at the moment. Try again in a while.")

    def __init__(
        self,
        message: _Text | None = None,
        *,
        code: str | None = None,
        retry_after: float | None = None,
        reached: bool = True,
        may_have_executed: bool = True,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        self.reached = reached
        self.may_have_executed = reached and may_have_executed


class UnsupportedOperation(DingError):
    """The backend has no such operation; its ``supports_…`` flags tell beforehand."""

    code = "unsupported_operation"
    message = "This backend has no such operation."


def wait_in_words(seconds: float) -> str:
    """Return how long to wait, rounded up: ``"25 seconds"``, ``"10 minutes"``, ``"24 hours"``."""
    if seconds <= 90:
        count = max(math.ceil(seconds), 1)
        return ngettext("%(count)d second", "%(count)d seconds", count) % {"count": count}
    if seconds <= 5400:
        count = math.ceil(seconds / 60)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    count = math.ceil(seconds / 3600)
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _restore(cls: type[DingError], message: str, state: dict[str, Any]) -> DingError:
    """Rebuild an error after pickling, whatever arguments its class takes."""
    error = cls.__new__(cls, message)
    error.__dict__.update(state)
    return error
