"""When may the next code be sent? What is in its way now, limit by limit. Nothing is counted, lifted or written."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from django.db.models import Q

from django_ding import clock
from django_ding.channels import Channel
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import InputError
from django_ding.guard import counters
from django_ding.guard.budgets import OWNER, is_to_own_number, rate_limits, subjects
from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.guard.conversion import conversion_checks
from django_ding.guard.counters import Limit
from django_ding.guard.destinations import check_destination
from django_ding.guard.limits import Rate, Scope
from django_ding.guard.lockouts import active_lockouts, lockout_keys
from django_ding.humanize import seconds_until
from django_ding.models import Authentication, Block, Lockout
from django_ding.models.base import RequesterType

#: Until a person lifts a lockout, or changes the settings.
FOREVER = math.inf


class Obstacle(StrEnum):
    """What kind of limit it is."""

    DESTINATION = "destination"  # the settings rule the number out
    COOLDOWN = "cooldown"  # the requester's own latest code
    RATE = "rate"
    BLOCK = "block"  # of a prefix or country with low conversion
    LOCKOUT = "lockout"  # of a number or user, after too many incorrect codes


@dataclass(frozen=True, kw_only=True)
class LimitState:
    """One limit, and how long it stops the next code.

    :ivar scope: what it counts by, as a :class:`Scope` or ``Lockout.Scope``; for a destination, the error code.
    :ivar wait: seconds; 0.0 if the next code may be sent now.
    :ivar rate: how many messages it allows, for a rate.
    :ivar row: the active block or lockout, which people can lift.
    """

    kind: Obstacle
    scope: str = ""
    wait: float = 0.0
    rate: Rate | None = None
    row: Block | Lockout | None = None


def limit_states(authentication: Authentication) -> list[LimitState]:
    """Return each limit of another code for the same number, by the same requester from the same address.

    A user's own number has rates in reserve, and no blocks. They are returned if they are free sooner.

    :raises BackendUnavailable: when the counters are down.
    """
    kept = [*_destination(authentication), _cooldown(authentication)]
    counted = _counted(authentication, authentication.requester_type)
    own_rates = [state.wait for state in counted if state.scope == Scope.USER]
    if longest_wait(counted) > max(own_rates, default=0.0) and is_to_own_number(authentication):
        counted = min(counted, _counted(authentication, OWNER), key=longest_wait)
    return [*kept, *counted, *_lockouts(authentication)]


def longest_wait(states: Sequence[LimitState]) -> float:
    """Return the seconds until all limits allow the next code."""
    return max((state.wait for state in states), default=0.0)


def _destination(authentication: Authentication) -> Iterator[LimitState]:
    if authentication.backend == TEST_NUMBERS_ALIAS:
        return
    try:
        check_destination(authentication.phone_number, can_call=Channel.VOICE in ding_settings.CHANNELS)
    except InputError as error:
        yield LimitState(kind=Obstacle.DESTINATION, scope=error.code, wait=FOREVER)


def _cooldown(authentication: Authentication) -> LimitState:
    """Return the state of the requester's latest code: until its cooldown or, without a try left, its end."""
    state, now, holder = partial(LimitState, kind=Obstacle.COOLDOWN), clock.now(), _holder(authentication)
    if holder is None or holder.expires_at <= now:
        return state()
    is_used_up = not (holder.remaining_checks and holder.remaining_retry)
    is_over = holder.is_live(now) and is_used_up
    return state(wait=seconds_until(holder.expires_at if is_over else holder.next_retry_at))


def _holder(authentication: Authentication) -> Authentication | None:
    """Return the verification that another request by the same requester would get: this one, or a newer one."""
    if authentication.dedup_key is not None:
        return authentication
    same = ("phone_number", "user_id", "purpose", "backend", "requester_type")
    held = Authentication.objects.exclude(dedup_key=None).filter(
        **{name: getattr(authentication, name) for name in same}
    )
    if authentication.user_id is None:
        if authentication.ip in (None, UNKNOWN_IP):
            return None
        held = held.filter(ip=authentication.ip)
    return held.order_by("-created_at").first()


def _counted(authentication: Authentication, budget: str) -> list[LimitState]:
    """Return the states of the rates and blocks, which one look into the store answers."""
    limits: dict[Limit, LimitState] = {
        limit: LimitState(kind=Obstacle.RATE, scope=rate.scope, rate=rate)
        for limit, rate in rate_limits(authentication, budget)
    }
    if budget != OWNER and authentication.backend != TEST_NUMBERS_ALIAS:
        limits |= _blocks(authentication)
    # An address is counted by several networks, and a prefix may have several rules.
    waits: dict[LimitState, float] = {}
    for state, wait in zip(limits.values(), counters.waits(list(limits)), strict=True):
        # A block whose counter the store has lost comes back when its rule is evaluated again.
        known = seconds_until(state.row.expires_at) if isinstance(state.row, Block) else 0.0
        waits[state] = max(wait, known, waits.get(state, 0.0))
    return [replace(state, wait=wait) for state, wait in waits.items()]


def _blocks(authentication: Authentication) -> dict[Limit, LimitState]:
    """Return the blocks that the settings have rules for, each with its row if it is active."""
    checks = conversion_checks(subjects(authentication), RequesterType(authentication.requester_type))
    named = Q(scope=Scope.PREFIX, subject=authentication.prefix) | Q(
        scope=Scope.COUNTRY, subject=authentication.country
    )
    active = Block.objects.active(clock.now()).filter(named, requester_type=authentication.requester_type)
    rows = {block.scope: block for block in active} if checks else {}
    return {
        check.block_counter: LimitState(kind=Obstacle.BLOCK, scope=check.rule.scope, row=rows.get(check.rule.scope))
        for check in checks
    }


def _lockouts(authentication: Authentication) -> Iterator[LimitState]:
    active = {lockout.scope: lockout for lockout in active_lockouts(authentication)}
    for scope in lockout_keys(authentication):
        lockout = active.get(scope)
        yield LimitState(kind=Obstacle.LOCKOUT, scope=scope, row=lockout, wait=FOREVER if lockout else 0.0)
