"""One live authentication per requester, number and purpose, however many ask for it at once."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError
from django.utils import timezone

from django_ding.backends.base import RetryStatus
from django_ding.exceptions import BackendUnavailable, RateLimited
from django_ding.models import Authentication
from django_ding.services.records import expire, find, seconds_until, write_alias
from django_ding.services.results import SendResult
from django_ding.services.retrying import retry

_Intent = TypeVar("_Intent")

_TRIES = 5
_OVER = (RetryStatus.EXPIRED_AUTH, RetryStatus.ALREADY_VALIDATED, RetryStatus.NO_ATTEMPT)


def slot_of(phone_number: str, *, user: Any, ip: str | None, purpose: str, backend: str) -> str:
    """Return the name of the slot. The requester is the user or, for somebody not signed in, the IP address."""
    requester = f"user {user.pk}" if user else f"address {ip}"
    return sha256("\n".join((requester, phone_number, purpose, backend)).encode()).hexdigest()


def take(slot: str, intend: Callable[[], _Intent]) -> SendResult | _Intent:
    """Return the authentication that holds the slot or, if none does, what ``intend`` INSERTs to hold it.

    :raises RateLimited: when ``intend`` does, and nobody else has taken the slot at the same moment.
    :raises BackendUnavailable: when a message may have gone out moments ago although the provider's answer was lost.
    """
    held = Authentication.objects.using(write_alias()).filter(slot=slot)
    for _ in range(_TRIES):
        holder = find(slot=slot)
        resumed = _resume(holder) if holder else None
        if resumed:
            return resumed
        if holder:
            _release(holder, slot)
        try:
            return intend()
        except (IntegrityError, OperationalError):
            continue  # Another request was faster, or both were in a deadlock: look at its authentication.
        except RateLimited:
            if not held.exists():
                raise
    raise BackendUnavailable(code="too_busy", reached=False)


def _resume(holder: Authentication) -> SendResult | None:
    """Let the holder answer, retried after its cooldown; ``None`` when it is over."""
    now = timezone.now()
    if holder.is_live(now) and not (holder.remaining_checks and holder.is_cooling(now)):
        return _retried(holder) if holder.remaining_checks else SendResult(authentication=holder)
    if not holder.is_cooling(now) or holder.expires_at <= now:
        return None
    if holder.status == Authentication.Status.FAILED:
        raise BackendUnavailable(code=holder.error_code, retry_after=seconds_until(holder.next_retry_at))
    return SendResult(authentication=holder)


def _retried(holder: Authentication) -> SendResult | None:
    result = retry(holder)
    return None if result.status in _OVER else SendResult(authentication=holder, retry=result)


def _release(holder: Authentication, slot: str) -> None:
    expire(holder)
    Authentication.objects.using(write_alias()).filter(pk=holder.pk, slot=slot).update(slot=None)
