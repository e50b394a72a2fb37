"""The recovery in a visitor's session: whose password was right, and which recovery code was entered."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest
from django.urls import NoReverseMatch

from django_ding import clock
from django_ding.login import session
from django_ding.login.session import FlowState
from django_ding.models import Authentication, RecoveryCode
from django_ding.reverse import resolve_url
from django_ding.services import is_recovering

#: The page where the recovery code alone is entered, and the one for the new number.
CODE_URL = "django_ding_login:recovery"
NUMBER_URL = "django_ding_login:recovery-number"
#: The page where the number and the recovery code of a user without a password are entered.
LOGIN_URL = "django_ding_login:login-recovery"

_KEY = "django_ding.recovery"
#: How long ago the password may have been entered: its user calls support in between.
_MAX_AGE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class RecoveryState(FlowState):
    """What a recovery keeps from one page to the next: whose it is, and how to log them in.

    :ivar public_id: the recovery code that was entered; empty before.
    :ivar started_at: in seconds since the epoch.
    """

    started_at: float = 0.0


def find_url(request: HttpRequest, name: str = CODE_URL) -> str:
    """Return the URL of a page of the recovery; empty where the project doesn't have it."""
    try:
        return resolve_url(request, name)
    except NoReverseMatch:
        return ""


def start(request: HttpRequest, state: RecoveryState, *, code: RecoveryCode | None = None) -> None:
    """Store who may recover their account, and the code that they entered."""
    public_id = str(code.public_id) if code else ""
    # Of another user's recovery before this one.
    session.clear(request, Authentication.Purpose.LINK)
    if not state.visitor:
        request.session.cycle_key()  # As where another flow starts.
    request.session[_KEY] = asdict(replace(state, public_id=public_id, started_at=clock.now().timestamp()))


def clear(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)


def load(request: HttpRequest) -> RecoveryState | None:
    """Return who may enter a recovery code here: after a right password, or signed in."""
    if state := _load_stored(request):
        return state
    flow = session.load(request, Authentication.Purpose.SECOND_FACTOR)
    authentication = session.get_authentication(flow) if flow and not flow.is_finished else None
    if flow and authentication and _is_fresh(authentication.created_at.timestamp()):
        return from_flow(flow)
    return None


def load_entered(request: HttpRequest) -> tuple[RecoveryState, RecoveryCode] | None:
    """Return the recovery whose code was entered, while a new number may be verified with it."""
    state = _load_stored(request)
    if state is None or not state.public_id:
        return None
    code = RecoveryCode.write_db.filter(public_id=state.public_id).first()
    return (state, code) if code is not None and is_recovering(code) else None


def from_flow(flow: FlowState) -> RecoveryState:
    """Return the recovery of a user whose password was right."""
    return RecoveryState(**asdict(flow) | {"public_id": ""})


def of_user(request: HttpRequest, user: Any, *, backend: str = "", success_url: str, restart_url: str) -> RecoveryState:
    """Return the recovery of a user who is signed in, or whom a backend logs in."""
    return RecoveryState(
        public_id="",
        visitor=session.visitor(request),
        user=session.user_pk_to_str(user),
        backend=backend or request.session.get(BACKEND_SESSION_KEY, ""),
        auth_hash=user.get_session_auth_hash(),
        success_url=success_url,
        restart_url=restart_url,
    )


def _load_stored(request: HttpRequest) -> RecoveryState | None:
    try:
        state = RecoveryState(**request.session[_KEY])
    except (KeyError, TypeError):  # TypeError: another version of this app stored it.
        return None
    return state if _is_fresh(state.started_at) and state.visitor == session.visitor(request) else None


def _is_fresh(started_at: float) -> bool:
    return 0 <= clock.now().timestamp() - started_at < _MAX_AGE_SECONDS
