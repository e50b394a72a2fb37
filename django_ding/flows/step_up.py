"""Step-up: proof that it is still the user who has the session or the token, before their phone numbers change.

OWASP ASVS 5.0, 7.5.1. The proof belongs to the client that gave it: the session keeps when it was given, and other
clients get a signed text. Kept with the user, it would open their account to a stolen session as well.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY, authenticate
from django.core import signing
from django.db.models import Max
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.exceptions import IncorrectPassword, InvalidProof, RateLimited
from django_ding.flows.lookup import normalize_own
from django_ding.flows.numbers import has_verified_number
from django_ding.guard import counters
from django_ding.guard.counters import Exceeded, Limit
from django_ding.models import Authentication, PhoneNumber, RecoveryCode
from django_ding.models.base import load_user, user_key, user_pk
from django_ding.phone import AnyNumber

if TYPE_CHECKING:
    from rest_framework.request import Request  # REST framework is optional.

    _Request = HttpRequest | Request

#: The request header with the proof of a client that has no session.
_HEADER = "Step-Up-Proof"

_SALT = "django_ding.step_up"
_SESSION_KEY = "django_ding.stepped_up_at"

#: A stolen session must not become a way to guess the password.
_MAX_PASSWORDS_PER_HOUR = 10


def needs_step_up(request: "_Request", phone_number: AnyNumber | None = None, *, region: str | None = None) -> bool:
    """Return whether the user has to confirm that it is them before their numbers change.

    ``DING["STEP_UP_CHECK"]`` decides, unless ``DING["STEP_UP_MAX_AGE"]`` is 0.

    :param phone_number: the number to add, as entered. One of the user's own needs nothing: its code is the proof.
    :param region: as for :func:`django_ding.services.send`.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    if not ding_settings.STEP_UP_MAX_AGE or import_string(ding_settings.STEP_UP_CHECK)(request):
        return False
    return phone_number is None or not _has_number(request.user, normalize_own(phone_number, region, user=request.user))


def has_stepped_up(request: "_Request") -> bool:
    """Return whether the user logged in or confirmed that it is them within ``DING["STEP_UP_MAX_AGE"]`` seconds.

    In this session, or by the proof in the header ``Step-Up-Proof``, and after the last recovery of the account. It is
    true as well for a user who has neither a password nor a number, and so nothing to confirm it with. This is the
    default of ``DING["STEP_UP_CHECK"]``.
    """
    user = load_user(request.user)
    if user is None:
        return True
    if _has_shown(request, user, ding_settings.STEP_UP_MAX_AGE) and _has_shown(request, user, _max_age(user)):
        return True
    return not user.has_usable_password() and not has_verified_number(user)


@sensitive_variables()
def step_up_by_password(request: "_Request", password: str) -> str:
    """Check the user's password, and return a proof for the header ``Step-Up-Proof``. A session needs none.

    The authentication backends check it, so what locks a user out of the login page does so here.

    :raises IncorrectPassword: when it isn't the user's.
    :raises RateLimited: after ten passwords within an hour, of this session or token.
    :raises BackendUnavailable: when the store of the rate limits can't be reached.
    """
    user = load_user(request.user)
    # By the client as well, so that a thief's wrong ones don't keep the user from entering the right one.
    subject = "\n".join((user_key(user_pk(request.user)), _client(request)))
    limit = Limit(counters.counter_key("step_up", subject), maximum=_MAX_PASSWORDS_PER_HOUR, seconds=3600)
    outcome = counters.consume([limit])
    if isinstance(outcome, Exceeded):
        raise RateLimited(_("Wait %(wait)s before trying again."), scope="password", retry_after=outcome.retry_after)
    # As Django's own login form calls it. REST framework's request wraps Django's.
    found = user and authenticate(
        getattr(request, "_request", request), username=user.get_username(), password=password
    )
    if not found or found.pk != user.pk:
        raise IncorrectPassword
    return _record(request, user)


def step_up_by_code(request: "_Request", authentication: Authentication) -> str:
    """Return a proof for the header ``Step-Up-Proof`` when a right code was entered. A session needs none.

    :param authentication: a validated one of the user's own, of purpose ``step_up``.
    :raises InvalidProof: when it isn't, was validated more than ``DING["PROOF_TIMEOUT"]`` seconds ago, or its number
        isn't the user's any longer.
    """
    is_own = user_key(authentication.user_id) == user_key(user_pk(request.user))
    is_step_up = authentication.purpose == Authentication.Purpose.STEP_UP
    # A code that was entered long ago says nothing about who has the session now.
    oldest = clock.now() - timedelta(seconds=ding_settings.PROOF_TIMEOUT)
    is_fresh = authentication.validated_at is not None and authentication.validated_at > oldest
    user = load_user(request.user)
    if not (user and is_own and is_fresh and is_step_up and _has_number(user, authentication.phone_number)):
        raise InvalidProof
    return _record(request, user)


def make_step_up_proof(user: Any) -> str:
    """Return a proof for the header ``Step-Up-Proof``: for the client that the user has just logged in with.

    It is valid for ``DING["STEP_UP_MAX_AGE"]`` seconds or until the user changes the password.
    """
    return signing.dumps(user_key(user.pk), salt=_salt(user))


def record_login(sender: Any, request: "_Request | None", user: Any, **kwargs: Any) -> None:
    """Count a login as proof: the receiver of Django's ``user_logged_in``."""
    if request is not None and (session := _session(request, user)) is not None:
        session[_SESSION_KEY] = clock.now().timestamp()


def _record(request: "_Request", user: Any) -> str:
    if (session := _session(request, user)) is not None:
        session.cycle_key()  # A copy of the cookie that was stolen before is invalid from now on.
        session[_SESSION_KEY] = clock.now().timestamp()
    return make_step_up_proof(user)


def _client(request: "_Request") -> str:
    """Return what distinguishes the clients of one user: their session, or else their token."""
    session = getattr(request, "session", None)
    return (session and session.session_key) or request.headers.get("Authorization", "")


def _session(request: "_Request", user: Any) -> Any:
    """Return the session if it belongs to the user, ``None`` if it is anonymous or another user's."""
    session = getattr(request, "session", None)
    if session is None or session.get(SESSION_KEY) != user._meta.pk.value_to_string(user):
        return None
    return session


def _max_age(user: Any) -> float:
    """Return how many seconds ago the user may have confirmed it: not before the account's last recovery."""
    longest: int = ding_settings.STEP_UP_MAX_AGE
    now = clock.now()
    recoveries = RecoveryCode.write_db.filter(user=user, completed_at__gt=now - timedelta(seconds=longest))
    last = recoveries.aggregate(last=Max("completed_at"))["last"]
    # The login that follows a recovery counts, also in a proof, whose time is in whole seconds.
    return longest if last is None else (now - last).total_seconds() + 1


def _has_shown(request: "_Request", user: Any, max_age: float) -> bool:
    return _is_in_session(request, user, max_age) or _is_proof(request.headers.get(_HEADER, ""), user, max_age)


def _is_in_session(request: "_Request", user: Any, max_age: float) -> bool:
    session = _session(request, user)
    at = session.get(_SESSION_KEY) if session is not None else None
    return at is not None and 0 <= clock.now().timestamp() - at < max_age


@sensitive_variables()
def _is_proof(proof: str, user: Any, max_age: float) -> bool:
    try:
        proven = signing.loads(proof, salt=_salt(user), max_age=timedelta(seconds=max_age))
    except (signing.BadSignature, UnicodeError):  # The latter for half of a surrogate pair.
        return False
    return bool(proven == user_key(user.pk))


def _salt(user: Any) -> str:
    return f"{_SALT}\n{user.get_session_auth_hash()}"  # A new password ends it.


def _has_number(user: Any, phone_number: str) -> bool:
    return PhoneNumber.write_db.of_user(user).filter(phone_number=phone_number).exists()
