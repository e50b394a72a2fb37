"""A second request by the same requester, for the same number and purpose: it gets the live authentication."""

from django_ding import clock, sql
from django_ding.backends.types import RetryStatus
from django_ding.exceptions import BackendUnavailable, RateLimited
from django_ding.flows._events import expire
from django_ding.flows._windows import is_superseded
from django_ding.flows.results import SendResult
from django_ding.flows.retry import retry
from django_ding.humanize import seconds_until
from django_ding.models import Authentication
from django_ding.models.base import write_alias

_CLOSED = (RetryStatus.EXPIRED_AUTH, RetryStatus.ALREADY_VALIDATED, RetryStatus.NO_ATTEMPT)


def resume(authentication: Authentication, *, channel: str | None) -> SendResult | None:
    """Return the live authentication with the same dedup key, retried after its cooldown. An ended one loses the key.

    :raises RateLimited: when it has no check left, or no retry yet.
    :raises BackendUnavailable: when the provider's response was lost moments ago, so that a message may be on its way.
    """
    holder = sql.get(Authentication, dedup_key=authentication.dedup_key, using=write_alias())
    if holder is None:
        return None
    if not is_superseded(holder) and (result := _resend(holder, channel=channel)):
        return result
    expire(holder)
    Authentication.write_db.filter(pk=holder.pk, dedup_key=authentication.dedup_key).update(dedup_key=None)
    return None


def _resend(holder: Authentication, *, channel: str | None) -> SendResult | None:
    """Return an authentication that has, or gets, a code to enter; ``None`` for an ended one."""
    now = clock.now()
    is_live, is_cooling = holder.is_live(now), holder.is_cooling(now)
    if is_live and not holder.remaining_checks:
        raise RateLimited(scope="checks", retry_after=seconds_until(holder.expires_at))
    if is_live and not is_cooling:
        return _retry(holder, channel=channel)
    if not is_cooling or holder.expires_at <= now:
        return None
    if holder.status == Authentication.Status.FAILED:  # A message may be on its way although we don't know.
        wait = seconds_until(holder.next_retry_at)
        raise BackendUnavailable(code=holder.error_code, retry_after=wait, authentication=holder)
    return SendResult(authentication=holder)


def _retry(holder: Authentication, *, channel: str | None) -> SendResult | None:
    """Retry a live authentication; ``None`` when the provider has closed it."""
    known = holder.retry_count
    result = retry(holder, channel=channel)
    if result.status is RetryStatus.RATE_LIMITED:
        if holder.retry_count > known:  # Another request has just retried it.
            return SendResult(authentication=holder)
        raise RateLimited(scope="retries", retry_after=seconds_until(result.next_retry_at or holder.expires_at))
    return None if result.status in _CLOSED else SendResult(authentication=holder, retry=result)
