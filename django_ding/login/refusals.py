"""Why a visitor can request or enter no code for now: until when, and what they can do instead."""

import json
import math
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ding import clock, services
from django_ding.exceptions import LockedOut, RateLimited
from django_ding.humanize import countdown, duration, seconds_until
from django_ding.login.flows import FlowError
from django_ding.models import Authentication, Lockout, PhoneNumber

_Text = str | Promise

_WRONG_CODES = _("Too many incorrect codes")
_OTHER_NUMBER = _("Use a different number")

#: The link to where a flow starts.
_OTHER_WAYS: dict[str, _Text] = {
    Authentication.Purpose.LOGIN: _OTHER_NUMBER,
    Authentication.Purpose.LINK: _OTHER_NUMBER,
    Authentication.Purpose.STEP_UP: _("Confirm another way"),
    Authentication.Purpose.SECOND_FACTOR: _("Log in another way"),
}
_LOCKED: dict[str, _Text] = {
    Lockout.Scope.PHONE: _("For your security, we no longer accept codes for this number."),
    Lockout.Scope.USER: _("For your security, we no longer accept codes for your account."),
}
_LOCKED_ADVICE: dict[str, _Text] = {
    Authentication.Purpose.LOGIN: _("Waiting won't help. Log in another way, or contact support."),
    Authentication.Purpose.LINK: _("Waiting won't help. Use a different number, or contact support."),
    Authentication.Purpose.STEP_UP: _("Waiting won't help. Confirm another way, or contact support."),
    Authentication.Purpose.SECOND_FACTOR: _("Waiting won't help. Log in another way, or contact support."),
}
_SUPPORT = _("Waiting won't help. Contact support.")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A sentence that says how long to wait, and what the script needs to keep it true.

    :ivar sentence: with ``%(time)s`` in place of the wait.
    :ivar seconds: the wait.
    :ivar ready: what to say when it has ended.
    """

    sentence: _Text
    seconds: float
    ready: _Text

    def __str__(self) -> str:
        return str(self.sentence) % {"time": duration(self.seconds)}

    @property
    def script_data(self) -> str:
        """Return the wait as JSON: the seconds, the sentence with ``{time}``, and the words for the time left."""
        sentence = str(self.sentence) % {"time": "{time}"}
        return json.dumps([math.ceil(self.seconds), sentence, countdown(self.seconds)], ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What the page says to a visitor who can request or enter no code for now.

    :ivar wait: until another code can be requested; ``None`` where waiting doesn't help.
    :ivar message: what holds instead of a wait.
    :ivar advice: what to do in the meantime, or instead.
    :ivar other_way: the label of the link to where the flow starts; empty where that leads to the same refusal.
    """

    heading: _Text
    wait: Wait | None = None
    message: _Text = ""
    advice: _Text
    other_way: _Text


def request_wait(seconds: float) -> Wait:
    """Return the wait before another code can be requested."""
    sentence, ready = _("You can request another code in %(time)s."), _("You can request another code now.")
    return Wait(sentence=sentence, seconds=seconds, ready=ready)


def check_wait(seconds: float) -> Wait:
    """Return the wait before a code can be checked again."""
    sentence, ready = _("Too many requests. You can try again in %(time)s."), _("You can try again now.")
    return Wait(sentence=sentence, seconds=seconds, ready=ready)


def code_refusal(authentication: Authentication) -> Refusal | None:
    """Return why the code that was sent can't be entered any more, unless its status says it."""
    row = authentication
    if not row.is_open(clock.now()):
        return None
    if lockout := services.find_lockout(row):
        return _lockout(row.purpose, row.user, lockout.scope)
    if row.remaining_checks:
        return None
    return Refusal(
        heading=_WRONG_CODES,
        wait=request_wait(seconds_until(row.expires_at)),
        advice=_("Next time, enter the code from the newest message, digit by digit."),
        other_way=_other_way(row.purpose, row.user),
    )


def send_refusal(error: FlowError, *, purpose: str, user: Any = None) -> Refusal | None:
    """Return why no code can be sent, unless what the visitor entered is the reason, or an outage."""
    if error.code == LockedOut.code:
        return _lockout(purpose, user, error.scope)
    if error.code != RateLimited.code or error.retry_after is None:
        return None
    return Refusal(
        heading=_("Too many requests"),
        wait=request_wait(error.retry_after),
        advice=_("Meanwhile, check that your phone is on and has reception."),
        other_way=_other_way(purpose, user),
    )


def _lockout(purpose: str, user: Any, scope: str) -> Refusal:
    other_way = _other_way(purpose, user, scope)
    return Refusal(
        heading=_WRONG_CODES,
        message=_LOCKED[scope],
        advice=_LOCKED_ADVICE[purpose] if other_way else _SUPPORT,
        other_way=other_way,
    )


def _other_way(purpose: str, user: Any, locked_scope: str = "") -> _Text:
    """Return the link to where the flow starts, if there is a way from there that is not refused as well."""
    is_user_locked = locked_scope == Lockout.Scope.USER
    if purpose == Authentication.Purpose.LINK and is_user_locked:
        return ""
    if purpose == Authentication.Purpose.STEP_UP and not user.has_usable_password():
        has_other_number = PhoneNumber.write_db.of_user(user).count() > 1
        return _OTHER_WAYS[purpose] if has_other_number and not is_user_locked else ""
    return _OTHER_WAYS.get(purpose, "")
