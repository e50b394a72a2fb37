"""May this code be sent? Every message, the first one and each retry, is counted here before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django_ding import phone
from django_ding.backends import allowed_channels, get_backend
from django_ding.channels import Channel
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import DingError, RateLimited
from django_ding.guard import conversion, counters
from django_ding.guard.client_ip import rate_limit_key
from django_ding.guard.conversion import ConversionCheck, conversion_checks
from django_ding.guard.counters import Exceeded, Limit
from django_ding.guard.destinations import cached_lookup, check_destination, check_lookup, is_looked_up, lookup
from django_ding.guard.limits import Scope, parse_rates
from django_ding.models.base import user_key
from django_ding.phone import LineType

__all__ = ["RateLimitUsage", "consume"]


@dataclass(frozen=True)
class RateLimitUsage:
    """What one message has consumed of the rate limits, and the channel it is admitted for.

    :ivar channel: the one that was requested, a phone call to a landline; ``None`` lets the provider choose.
    """

    limits: tuple[Limit, ...]
    channel: Channel | None = None

    def rollback(self) -> None:
        """Undo it, because the provider certainly did not send the message."""
        if self.limits:
            counters.rollback(self.limits)


def consume(
    phone_number: str,
    *,
    user_id: Any,
    ip: str | None,
    purpose: str = "",
    backend: str | None = None,
    channel: Channel | None = None,
    is_retry: bool = False,
    is_counted: bool = False,
    public_id: UUID | None = None,
) -> RateLimitUsage:
    """Check a destination, count a message against every rate limit, and check conversion, before it is sent.

    Rates without a subject (for example per user for an anonymous request) are skipped. Test numbers are only rate
    limited. A landline is called where calls are allowed and no other channel was requested.

    :param purpose: what the number is verified for, which decides with ``LOOKUP_BEFORE_SEND`` whether it is looked up.
    :param backend: alias of the backend that will send it, and do the lookup.
    :param channel: the one that was requested.
    :param is_retry: whether it follows an earlier message, for which the number was already looked up.
    :param is_counted: whether it was counted when a silent verification was tried in its place.
    :param public_id: of the authentication, for the log.
    :raises InputError: when the settings, the provider's lookup or ``LOOKUP_POLICY`` rule the number out.
    :raises Blocked: when the lookup finds the number on the provider account's block list.
    :raises RateLimited: when a rate is exceeded, or the number's prefix or country is blocked for low conversion. Then
        no rate has counted the message.
    :raises UnsupportedOperation: when the number must be looked up and the backend has no lookup.
    :raises BackendRejected: when the provider rejects our account or configuration at the lookup.
    :raises BackendUnavailable: in an outage at the lookup or of the counters: what can't be counted is not sent.
    """
    subjects = _subjects(phone_number, user_id=user_id, ip=ip)
    if backend == TEST_NUMBERS_ALIAS:
        return replace(_count(subjects, checks=[]), channel=channel)
    can_call = channel is Channel.VOICE or (channel is None and _may_call(backend))
    check_destination(phone_number, can_call=can_call)
    # A landline that was called may be texted now: the lookup before the call didn't rule that out.
    was_looked_up = is_retry and channel in (None, Channel.VOICE)
    needs_lookup = is_looked_up(purpose) and not was_looked_up
    answer = cached_lookup(phone_number) if needs_lookup else None
    if answer:
        check_lookup(answer, purpose=purpose, can_call=can_call)
    usage = RateLimitUsage(()) if is_counted else _count(subjects, checks=conversion_checks(subjects))
    # After counting, so that nobody can make the project pay for more lookups than its rates allow.
    if needs_lookup and answer is None:
        try:
            answer = lookup(phone_number, backend=backend, public_id=public_id)
        except DingError as error:
            if not error.may_have_executed:  # Otherwise the lookup may have been paid for.
                usage.rollback()
            raise
        check_lookup(answer, purpose=purpose, can_call=can_call)
    line_types = {phone.line_type(phone_number), answer.line_type if answer else None}
    must_call = can_call and LineType.FIXED_LINE in line_types
    return replace(usage, channel=Channel.VOICE if must_call else channel)


def _may_call(backend: str | None) -> bool:
    # The setting first: with the default, no backend is needed.
    return Channel.VOICE in ding_settings.CHANNELS and Channel.VOICE in allowed_channels(get_backend(backend))


def _subjects(phone_number: str, *, user_id: Any, ip: str | None) -> dict[Scope, str]:
    """Return what each scope counts by, an empty text where there is nothing to count by."""
    return {
        Scope.PHONE: phone_number,
        Scope.USER: user_key(user_id),
        Scope.IP: rate_limit_key(ip) if ip else "",
        Scope.PREFIX: phone.prefix(phone_number),
        Scope.COUNTRY: phone.destination(phone_number),
        Scope.ALL: "all",
    }


def _count(subjects: Mapping[Scope, str], *, checks: Sequence[ConversionCheck]) -> RateLimitUsage:
    """Count the message in the counters of all rates and conversion checks, which is one decision of the store."""
    scopes: dict[Limit, str] = {}
    for rate in parse_rates(ding_settings.RATE_LIMITS.get("send", "")):
        if subject := subjects[rate.scope]:
            key = counters.counter_key(f"send:{rate.name}", subject)
            scopes[Limit(key, maximum=rate.limit, seconds=rate.seconds)] = rate.scope
    for check in checks:
        scopes |= dict.fromkeys((check.block_counter, check.send_counter), conversion.SCOPE)
    usage = RateLimitUsage(tuple(scopes))
    if scopes:
        outcome = counters.consume(usage.limits)
        if isinstance(outcome, Exceeded):
            raise RateLimited(scope=scopes[usage.limits[outcome.index]], retry_after=outcome.retry_after)
        counts = dict(zip(usage.limits, outcome.counts, strict=True))
        _check_conversion([check for check in checks if check.rule.is_due(counts[check.send_counter])], usage)
    return usage


def _check_conversion(checks: Sequence[ConversionCheck], usage: RateLimitUsage) -> None:
    try:
        for check in checks:
            if wait := conversion.evaluate(check):
                raise RateLimited(scope=conversion.SCOPE, retry_after=wait)
    except BaseException:  # A worker's timeout raises SystemExit. The message isn't sent then, either.
        usage.rollback()
        raise
