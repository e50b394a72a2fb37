"""The enrollment in a visitor's session: whose password was right, where they have no number for a code yet."""

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch

from django_ding import clock, services
from django_ding.login import session
from django_ding.login.session import FlowState
from django_ding.models import Authentication
from django_ding.reverse import resolve_url

#: The page for the number.
NUMBER_URL = "django_ding_login:enroll"

_KEY = "django_ding.enrollment"
#: How long ago the password may have been entered.
_MAX_AGE_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class EnrollmentState(FlowState):
    """What an enrollment keeps from one page to the next: whose it is, and how to log them in.

    :ivar started_at: in seconds since the epoch.
    """

    started_at: float


def find_url(request: HttpRequest) -> str:
    """Return the URL of the page for the number; empty where the project doesn't have it."""
    try:
        return resolve_url(request, NUMBER_URL)
    except NoReverseMatch:
        return ""


def start(request: HttpRequest, data: dict[str, Any]) -> None:
    """Store whose password was right.

    :param data: the fields of :class:`~django_ding.login.session.FlowState` for a login.
    """
    session.clear(request, Authentication.Purpose.LINK)  # Of another user's enrollment before this one.
    visitor = session.visitor(request)
    if not visitor:
        request.session.cycle_key()  # As where another flow starts.
    state = EnrollmentState(public_id="", visitor=visitor, started_at=clock.now().timestamp(), **data)
    request.session[_KEY] = asdict(state)


def clear(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)


def load(request: HttpRequest) -> tuple[EnrollmentState, Any] | None:
    """Return the visitor's enrollment and its user, while they may verify their first number."""
    try:
        state = EnrollmentState(**request.session[_KEY])
    except (KeyError, TypeError):  # TypeError: another version of this app stored it.
        return None
    age = clock.now().timestamp() - state.started_at
    if not 0 <= age < _MAX_AGE_SECONDS or state.visitor != session.visitor(request):
        return None
    user = session.get_user(state)
    return (state, user) if user is not None and may_enroll(user) else None


def may_enroll(user: Any) -> bool:
    """Return whether a password is enough to verify a number: this user has none, and has never had one."""
    return not services.has_verified_number(user) and not services.has_lost_number(user)
