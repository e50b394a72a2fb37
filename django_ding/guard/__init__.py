"""May this code be sent? Every message, the first one and each retry, is counted here before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django_ding import phone
from django_ding.backends import allowed_channels, get_backend
from django_ding.backends.types import LookupResponse
from django_ding.channels import Channel
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import DingError, RateLimited
from django_ding.guard import conversion, counters, lockouts
from django_ding.guard.budgets import OWNER, is_to_own_number, live_counters, rate_limits, subjects
from django_ding.guard.conversion import ConversionCheck, conversion_checks
from django_ding.guard.counters import Consumed, Limit
from django_ding.guard.destinations import cached_lookup, check_destination, check_lookup, is_looked_up, lookup
from django_ding.guard.limits import Scope
from django_ding.guard.lockouts import check_lockouts, lockout_keys, send_limits
from django_ding.line_types import LineType
from django_ding.models import Authentication
from django_ding.models.base import RequesterType
from django_ding.steps import Steps, in_steps

__all__ = ["NoneLive", "RateLimitUsage", "consume"]

_LIVE = "live"


class NoneLive(RateLimited):
    """A rate is exceeded, and the requester certainly has no live authentication for the number and purpose."""


@dataclass(frozen=True)
class RateLimitUsage:
    """What one message has consumed of the rate limits, and the channel it is admitted for.

    :ivar limits: what was counted, each with the scope that it limits.
    :ivar channel: the one that was requested, a phone call to a landline; ``None`` lets the provider choose.
    """

    limits: Mapping[Limit, str] = field(default_factory=dict)
    channel: Channel | None = None

    def rollback(self, *, reached: bool = False) -> None:
        """Undo it, because the provider certainly did not send the message.

        :param reached: whether the provider was asked. Then it stays counted for the user and the address: numbers that
            the provider refuses could be tried without end otherwise.
        """
        kept = (Scope.USER, Scope.IP) if reached else ()
        if undone := [limit for limit, scope in self.limits.items() if scope not in kept]:
            counters.rollback(undone)


@in_steps
def consume(
    authentication: Authentication,
    *,
    channel: Channel | None = None,
    is_retry: bool = False,
    is_counted: bool = False,
) -> Steps[RateLimitUsage]:
    """Check a destination, count a message against every rate limit, and check conversion, before it is sent.

    Visitors, logins by number and users each have rates and blocks of their own. A user's message to a number that the
    user has verified before passes blocks, and has rates in reserve for when other users have used up theirs.

    Rates without a subject (for example per user for an anonymous request) are skipped. Test numbers are only rate
    limited. A landline is called where calls are allowed and no other channel was requested.

    :param authentication: the one that the message is for, saved or not.
    :param channel: the one that was requested.
    :param is_retry: whether it follows an earlier message, for which the number was already looked up.
    :param is_counted: whether it was counted when a silent verification was tried in its place.
    :raises InputError: when the settings, the provider's lookup or ``LOOKUP_POLICY`` rule the number out.
    :raises Blocked: when the lookup finds the number on the provider account's block list.
    :raises LockedOut: when too many wrong codes in a row were entered for the number or by the user.
    :raises RateLimited: when a rate is exceeded, or the number's prefix or country is blocked for low conversion. Then
        no rate has counted the message.
    :raises UnsupportedOperation: when the number must be looked up and the backend has no lookup.
    :raises BackendRejected: when the provider rejects our account or configuration at the lookup.
    :raises BackendUnavailable: in an outage at the lookup or of the counters: what can't be counted is not sent.
    """
    if authentication.backend == TEST_NUMBERS_ALIAS:
        return replace(_count(authentication, authentication.requester_type), channel=channel)
    number, purpose, can_call = authentication.phone_number, authentication.purpose, _can_call(authentication, channel)
    check_destination(number, can_call=can_call)
    needs_lookup = _needs_lookup(purpose, channel, is_retry=is_retry)
    answer = cached_lookup(number) if needs_lookup else None
    if answer:
        check_lookup(answer, purpose=purpose, can_call=can_call)
    usage = RateLimitUsage() if is_counted else _count_or_reserve(authentication)
    # After counting, so that the project never pays for more lookups than its rates allow.
    if needs_lookup and not answer:
        answer = yield from _lookup(authentication, usage)
        check_lookup(answer, purpose=purpose, can_call=can_call)
    return replace(usage, channel=Channel.VOICE if can_call and _is_landline(number, answer) else channel)


def _can_call(authentication: Authentication, channel: Channel | None) -> bool:
    """Return whether the code may be read out: on request, or where none was made and the settings allow calls."""
    if channel is not None:
        return channel is Channel.VOICE
    # The setting first: with the default, no backend is needed.
    is_allowed = Channel.VOICE in ding_settings.CHANNELS
    return is_allowed and Channel.VOICE in allowed_channels(get_backend(authentication.backend))


def _needs_lookup(purpose: str, channel: Channel | None, *, is_retry: bool) -> bool:
    # A landline that was called may be texted now: the lookup before the call didn't rule that out.
    was_looked_up = is_retry and channel in (None, Channel.VOICE)
    return is_looked_up(purpose) and not was_looked_up


def _lookup(authentication: Authentication, usage: RateLimitUsage) -> Steps[LookupResponse]:
    """Look the number up, and undo the counting when the provider certainly did not: nothing is sent then."""
    number, backend = authentication.phone_number, authentication.backend
    try:
        return (yield from lookup(number, backend=backend, public_id=authentication.public_id))
    except DingError as error:
        if not error.may_have_executed:  # Otherwise the lookup may have been paid for.
            usage.rollback(reached=error.reached)
        raise


def _is_landline(phone_number: str, answer: LookupResponse | None) -> bool:
    is_known = answer is not None and answer.line_type is LineType.FIXED_LINE
    return is_known or phone.line_type(phone_number) is LineType.FIXED_LINE


def _count_or_reserve(authentication: Authentication) -> RateLimitUsage:
    """Count the message, in the reserve if it goes to a number of the user's and others have used up the rates."""
    checks = conversion_checks(subjects(authentication), RequesterType(authentication.requester_type))
    try:
        return _count(authentication, authentication.requester_type, checks=checks)
    except RateLimited as error:
        if error.scope == Scope.USER or not is_to_own_number(authentication):
            raise
    return _count(authentication, OWNER)


def _count(
    authentication: Authentication, budget: str, *, checks: Sequence[ConversionCheck] = (), checks_lockouts: bool = True
) -> RateLimitUsage:
    """Count the message in the counters of all rates and conversion checks, which is one decision of the store.

    :param budget: the type of the requester, or the owners' reserve.
    :param checks_lockouts: whether a lockout refuses it.
    """
    if not (ding_settings.RATE_LIMITS["send"] or checks):
        return RateLimitUsage()  # The store isn't asked. A lockout still refuses the codes.
    live = live_counters(authentication)
    usage = RateLimitUsage(dict.fromkeys(live, _LIVE) | _scopes(authentication, budget, checks))
    keys = tuple(lockout_keys(authentication).values()) if checks_lockouts else ()
    scopes = {**usage.limits, **dict.fromkeys(send_limits(keys), lockouts.SCOPE)}
    limits = tuple(scopes)
    outcome = counters.consume(limits)
    if isinstance(outcome, Consumed):
        counts = dict(zip(limits, outcome.counts, strict=True))
        _check_conversion([check for check in checks if check.rule.is_due(counts[check.send_counter])], usage)
        return usage
    scope = scopes[limits[outcome.index]]
    if scope == lockouts.SCOPE:
        check_lockouts(keys)
        return _count(authentication, budget, checks=checks, checks_lockouts=False)
    is_none_live = outcome.counts is not None and not any(outcome.counts[: len(live)])
    raise (NoneLive if is_none_live else RateLimited)(scope=scope, retry_after=outcome.retry_after)


def _scopes(authentication: Authentication, budget: str, checks: Sequence[ConversionCheck]) -> dict[Limit, str]:
    """Return the limits of the rates and of the conversion checks, each with its scope."""
    scopes: dict[Limit, str] = {limit: rate.scope for limit, rate in rate_limits(authentication, budget)}
    for check in checks:
        scopes |= dict.fromkeys((check.block_counter, check.send_counter), conversion.SCOPE)
    return scopes


def _check_conversion(checks: Sequence[ConversionCheck], usage: RateLimitUsage) -> None:
    try:
        for check in checks:
            if wait := conversion.evaluate(check):
                raise RateLimited(scope=conversion.SCOPE, retry_after=wait)
    except BaseException:  # A worker's timeout raises SystemExit. The message isn't sent then, either.
        usage.rollback()
        raise
