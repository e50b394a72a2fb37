"""What a code has: whose fault the failure is, what the user reads, and what support reads and does."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_Text = str | Promise


class Fault(StrEnum):
    """Who can do something about a failure."""

    USER = "user"  # enters something else
    LIMIT = "limit"  # the user, by waiting
    STATE = "state"  # no one's: it follows from earlier steps
    ACCOUNT = "account"  # the site's maintainers: configuration, or the account at the provider
    OUTAGE = "outage"  # the user, by trying again later


@dataclass(frozen=True, kw_only=True)
class Code:
    """What one code means.

    :ivar fault: who can do something about it.
    :ivar explanation: the cause, for support.
    :ivar advice: what support can do, or say to the user.
    :ivar user_message: for the user; empty where the user gets a general message.
    :ivar may_have_sent: whether a message may have been sent in spite of the failure.
    :ivar wait: the seconds of which the advice says that they should pass first.
    """

    fault: Fault
    explanation: _Text
    advice: _Text
    user_message: _Text = ""
    may_have_sent: bool = False
    wait: int = 0

    @property
    def needs_fix(self) -> bool:
        """Whether codes fail until the site or its provider fixes the cause."""
        return self.advice in (ACCOUNT, DEVELOPERS)

    @property
    def asks_for_new_code(self) -> bool:
        """Whether the advice is only to request another code."""
        return self.advice in (NEW_CODE, NEWEST_CODE)


#: What support can do, where several codes have the same advice.
WAIT = _("Ask the user to try again in a few minutes.")
WAIT_LONGER = _("Ask the user to wait an hour before requesting another code.")
OTHER_NUMBER = _("Ask the user for a mobile number.")
OTHER_COUNTRY = _("Ask the user for a number of another country.")
DEVELOPERS = _("The user can't fix this. Send this error code to your developers.")
ACCOUNT = _("The user can't fix this. Tell the account owner: no codes are being sent at all.")
APP = _("The user can't fix this. Tell the developers of the app that sends this field.")
APP_SDK = _("If the user is genuine, tell the developers of the app: its SDK or its keys may be set up wrong.")
NEW_CODE = _("Ask the user to request a new code and to enter it soon.")
NEWEST_CODE = _("Ask the user to enter the code from the newest message, digit by digit.")
MAY_HAVE_COME = _("A code may have been sent. Ask the user to check their messages, or to try again in a few minutes.")
MANY_REQUESTS = _(
    "Many codes were requested, which may be fraud. Ask the user to try again in an hour. If it continues, tell your "
    "developers."
)
NOTHING = _("Nothing needs to be done.")


def user(message: _Text, explanation: _Text, advice: _Text) -> Code:
    """Return a code that the user can do something about."""
    return Code(fault=Fault.USER, user_message=message, explanation=explanation, advice=advice)


def limit(explanation: _Text, advice: _Text, message: _Text = "") -> Code:
    """Return a code that passes with time."""
    wait = 3600 if advice is WAIT_LONGER else 0
    return Code(fault=Fault.LIMIT, explanation=explanation, advice=advice, user_message=message, wait=wait)


def state(message: _Text, explanation: _Text, advice: _Text) -> Code:
    """Return a code that follows from what happened before."""
    return Code(fault=Fault.STATE, user_message=message, explanation=explanation, advice=advice)


def account(explanation: _Text, advice: _Text = ACCOUNT) -> Code:
    """Return a code that the maintainers of the site can do something about."""
    return Code(fault=Fault.ACCOUNT, explanation=explanation, advice=advice)


def outage(explanation: _Text, advice: _Text = MAY_HAVE_COME) -> Code:
    """Return a code of an outage, after which a message may have been sent unless the advice says otherwise."""
    may_have_sent, wait = advice is MAY_HAVE_COME, 300 if advice is WAIT else 0
    return Code(fault=Fault.OUTAGE, explanation=explanation, advice=advice, may_have_sent=may_have_sent, wait=wait)
