"""One live authentication per requester, number and purpose, however many ask for it at once."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError
from django.utils import timezone

from django_ding.backends.base import RetryStatus
from django_ding.exceptions import BackendUnavailable, DingError
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


def take(
    slot: str, intend: Callable[[], _Intent], *, looks_first: bool, on_refusal: Callable[[DingError], None]
) -> SendResult | _Intent:
    """Return what ``intend`` INSERTs to hold the slot or, where something is in its way, what holds the slot already.

    Most requests find it free, so nobody looks who holds it before they are turned away.

    :param looks_first: whether ``intend`` may cost more than a look.
    :param on_refusal: is told what ``intend`` raises, when nothing else can be returned.
    :raises DingError: when ``intend`` does, and nothing that lives holds the slot.
    :raises BackendUnavailable: when a message may have gone out moments ago although the provider's answer was lost.
    """
    held = _held(slot) if looks_first else None
    if held:
        return held
    for _ in range(_TRIES):
        try:
            return intend()
        except (DingError, IntegrityError, OperationalError) as error:
            held = _held(slot)
            if held:
                return held
            if isinstance(error, DingError):
                on_refusal(error)
                raise
    raise BackendUnavailable(code="too_busy", reached=False)


def _held(slot: str) -> SendResult | None:
    """Let what holds the slot answer; free the slot of what is over."""
    holder = find(slot=slot)
    if holder is None:
        return None
    resumed = _resume(holder)
    if resumed is None:
        _release(holder, slot)
    return resumed


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
