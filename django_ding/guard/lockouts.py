"""Wrong codes in a row, over all authentications of a number or user: after too many, no code is accepted any more.

NIST SP 800-63B-4, 3.2.2, allows 100 consecutive failures, and then none until the account is proven another way. Each
authentication counts its own wrong codes before the provider is asked, so they are the count: there is no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from django.db import IntegrityError
from django.db.models import Max

from django_ding import clock, log
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, LockedOut
from django_ding.guard import counters
from django_ding.guard.counters import Limit, counter_key
from django_ding.guard.limits import parse_check_limits
from django_ding.models import Authentication, Lockout
from django_ding.models.base import user_key, write_alias
from django_ding.signals import locked_out
from django_ding.transactions import atomic, retry_on_conflict

#: The scope of what is refused during a lockout.
SCOPE = "lockout"

#: What a user does with a number that is theirs already.
_OF_OWN_NUMBERS = (Authentication.Purpose.SECOND_FACTOR, Authentication.Purpose.STEP_UP)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TEN_YEARS = 10 * 365 * 86_400
_COLUMNS = ("check_count", "validated_at", "created_at", "user_id", "phone_number", "purpose", "requester_type")
#: How many authentications with a wrong code are looked at.
_MOST_ROWS = 1000


def lockout_keys(authentication: Authentication) -> Mapping[Lockout.Scope, str]:
    """Return what the wrong codes of an authentication are counted by, as the keys of its lockouts.

    Those of a user are counted by the user, so that no one else can lock them out of their second factor. Where the
    requester chooses the number, they are counted by the number and the type of requester as well: a guesser may have
    many accounts.
    """
    keys = {}
    if authentication.user_id is not None:
        keys[Lockout.Scope.USER] = f"user\n{user_key(authentication.user_id)}"
    if authentication.user_id is None or authentication.purpose not in _OF_OWN_NUMBERS:
        keys[Lockout.Scope.PHONE] = f"phone\n{authentication.requester_type}\n{authentication.phone_number}"
    return {scope: sha256(key.encode()).hexdigest() for scope, key in keys.items() if scope in _limits()}


def send_limits(keys: Sequence[str]) -> Iterator[Limit]:
    """Yield the limits that refuse codes during a lockout, and consume nothing."""
    for key in keys:
        yield _limit(key).while_empty()


def record_wrong_code(authentication: Authentication) -> bool:
    """Begin a lockout if this wrong code is one too many in a row. Return whether there is one now."""
    is_locked_out = False
    for scope, key in lockout_keys(authentication).items():
        if _count(authentication, scope) >= _limits()[scope]:
            former = Lockout.write_db.filter(scope=scope, **_subject(authentication, scope))
            lifted_at = former.aggregate(last=Max("lifted_at"))["last"] or _NEVER
            wrong_codes = _count(authentication, scope, since=lifted_at)
            if wrong_codes >= _limits()[scope]:
                _create(authentication, scope, key, wrong_codes)
                is_locked_out = True
    return is_locked_out


def active_lockouts(authentication: Authentication) -> list[Lockout]:
    """Return the lockouts that keep the code of an authentication from being accepted. None is lifted."""
    lockouts = Lockout.write_db.filter(active_key__in=lockout_keys(authentication).values())
    return [lockout for lockout in lockouts if not _is_over(lockout)]


def find_lockout(authentication: Authentication) -> Lockout | None:
    """Return a lockout that keeps the code of an authentication from being accepted."""
    return next(iter(active_lockouts(authentication)), None)


def check_lockouts(keys: Sequence[str]) -> bool:
    """Lift the lockouts whose number or user has been verified since they began. Return whether there were any.

    :raises LockedOut: when one is left.
    :raises BackendUnavailable: when the counters are down and none is left.
    """
    lockouts = list(Lockout.write_db.filter(active_key__in=keys))
    if keys and not lockouts:
        counters.rollback([_limit(key) for key in keys])  # The rows were erased.
    for lockout in lockouts:
        if not _is_over(lockout):
            _set_counter(str(lockout.active_key))  # The store may have lost it.
            raise LockedOut(scope=lockout.scope)
        lift_lockout(lockout)
    return bool(lockouts)


def lift_lockout(lockout: Lockout) -> bool:
    """Accept codes again for a number or user. Return whether the lockout was active.

    Only wrong codes from now on count.

    :raises BackendUnavailable: when the counters are down. The lockout then stays active.
    """
    key, now = lockout.active_key, clock.now()
    # One transaction, so that the row stays as it is when the counters are down.
    with atomic():
        active = Lockout.write_db.filter(pk=lockout.pk).exclude(active_key=None)
        if not key or not active.update(active_key=None, lifted_at=now):
            return False
        counters.rollback([_limit(key)])
    lockout.active_key, lockout.lifted_at = None, now
    return True


def _is_over(lockout: Lockout) -> bool:
    """Return whether its number or user has been verified since it began."""
    owner = _subject(lockout, Lockout.Scope(lockout.scope))
    return Authentication.write_db.filter(validated_at__gt=lockout.created_at, **owner).exists()


def _set_counter(key: str) -> None:
    # Without it, codes are sent that can't be entered. That's no reason to fail, since the row rejects them.
    with suppress(BackendUnavailable):
        counters.consume([_limit(key)])


def _limits() -> Mapping[str, int]:
    return parse_check_limits(ding_settings.RATE_LIMITS["check"])


def _limit(key: str) -> Limit:
    return Limit(counter_key("lockout", key), maximum=1, seconds=_TEN_YEARS)


def _count(authentication: Authentication, scope: Lockout.Scope, *, since: datetime = _NEVER) -> int:
    """Return how many codes were checked since the last right one, and since this time."""
    checked = Authentication.write_db.filter(check_count__gt=0, **_subject(authentication, scope))
    newest = checked.order_by("-created_at").only(*_COLUMNS)
    rows = list(newest[:_MOST_ROWS])
    since = max(since, *(row.validated_at or since for row in rows))
    key = lockout_keys(authentication)[scope]
    # Any right code ends a row of wrong ones, also one that another requester entered.
    return sum(row.check_count for row in rows if row.created_at > since and lockout_keys(row).get(scope) == key)


def _subject(row: Authentication | Lockout, scope: Lockout.Scope) -> Mapping[str, Any]:
    """Return the condition on rows of the same user or number."""
    return {"user": row.user_id} if scope is Lockout.Scope.USER else {"phone_number": row.phone_number}


def _create(authentication: Authentication, scope: Lockout.Scope, key: str, wrong_codes: int) -> None:
    """Create a lockout, log it, and send ``locked_out``. Of several requests that do it at once, one does."""
    lockout = Lockout(
        scope=scope,
        requester_type=authentication.requester_type,
        phone_number=authentication.phone_number,
        user_id=authentication.user_id if scope is Lockout.Scope.USER else None,
        wrong_codes=wrong_codes,
        active_key=key,
    )
    if not retry_on_conflict(partial(_insert, lockout)):
        return
    _set_counter(key)
    log.write(log.LOCKOUT, authentication, scope=scope.value, wrong_codes=wrong_codes)
    locked_out.send_robust(Lockout, lockout=lockout)


def _insert(lockout: Lockout) -> bool:
    """INSERT a lockout, and return whether there was none yet."""
    try:
        with atomic():
            lockout.save(using=write_alias(), force_insert=True)
    except IntegrityError:
        return False
    return True
