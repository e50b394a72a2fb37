"""May this code be sent? Every message, the first one and each retry, passes here before it is sent."""

import logging
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django_ding.backends import DEFAULT_ALIAS
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import BackendUnavailable, DingError, RateLimited
from django_ding.guard.address import place
from django_ding.guard.counters import Counters, Slot, get_counters
from django_ding.guard.lookups import kept_kind, look_up, refuse_kind
from django_ding.guard.policy import refuse_forbidden
from django_ding.guard.rates import Rate, Scope, parse
from django_ding.phone import country, mask

__all__ = ["Ticket", "admit"]

logger = logging.getLogger("django_ding")

_PREFIX_WITHOUT = 4


@dataclass(frozen=True)
class Ticket:
    """The slots that a message holds in the rates."""

    slots: tuple[Slot, ...]

    def give_back(self) -> None:
        """Free them, because the provider certainly did not send the message."""
        if self.slots:
            _counters().give_back(self.slots)


def admit(
    phone_number: str, *, user_id: Any, ip: str | None, backend: str = DEFAULT_ALIAS, is_retry: bool = False
) -> Ticket:
    """Count a message in every rate before it is sent.

    A rate that has nothing to count by, such as the user's for somebody who is not signed in, does not apply. To a
    test number, only rates do.

    :param backend: the alias of the backend that is to send it, and to look the number up if the settings say so.
    :param is_retry: whether the number passed for an earlier message. It is not looked up again.
    :raises InputError: when the settings rule out the number's country or kind of line, or the provider's lookup does.
    :raises RateLimited: when a rate is exhausted. Then no rate has counted the message.
    :raises UnsupportedOperation: when the number is to be looked up and the backend has no lookup.
    :raises AccountError: when the provider refuses our account at the lookup.
    :raises BackendUnavailable: in an outage at the lookup, or when the counters can't be reached: what can't be
        counted is not sent.
    """
    if backend == TEST_NUMBERS_ALIAS:
        return _count(phone_number, user_id=user_id, ip=ip)
    refuse_forbidden(phone_number)
    if is_retry or not ding_settings.LOOKUP_BEFORE_SEND:
        return _count(phone_number, user_id=user_id, ip=ip)
    kind = kept_kind(phone_number)
    refuse_kind(kind)
    ticket = _count(phone_number, user_id=user_id, ip=ip)
    if kind is None:
        refuse_kind(_look_up(phone_number, backend, ticket))
    return ticket


def _look_up(phone_number: str, backend: str, ticket: Ticket) -> str:
    """Return the kind of line that the provider tells. A lookup that may have been made stays counted: it was paid."""
    try:
        return look_up(phone_number, backend=backend)
    except DingError as error:
        if not error.may_have_executed:
            ticket.give_back()
        raise


def _count(phone_number: str, *, user_id: Any, ip: str | None) -> Ticket:
    subjects = _subjects(phone_number, user_id=user_id, ip=ip)
    rates = [rate for rate in parse(ding_settings.RATES.get("send", "")) if subjects[rate.scope]]
    slots = tuple(_slot(rate, subjects[rate.scope]) for rate in rates)
    if slots:
        _take(slots, rates, phone_number)
    return Ticket(slots)


def _take(slots: tuple[Slot, ...], rates: list[Rate], phone_number: str) -> None:
    counters = _counters()
    try:
        full = counters.take(slots)
    except Exception:
        logger.exception("The counters of the rates can't be reached, so nothing is sent.")
        raise BackendUnavailable(code="counters_unavailable", reached=False) from None
    if full:
        scope = rates[full.index].scope
        logger.warning("A code to %s was refused: the rate by %s is exhausted.", mask(phone_number), scope)
        raise RateLimited(scope=scope, retry_after=full.retry_after)


def _subjects(phone_number: str, *, user_id: Any, ip: str | None) -> dict[Scope, str]:
    """Return what each scope counts by, an empty text where there is nothing."""
    return {
        Scope.PHONE: phone_number,
        Scope.USER: "" if user_id is None else str(user_id),
        Scope.IP: place(ip) if ip else "",
        Scope.PREFIX: phone_number[:-_PREFIX_WITHOUT],
        Scope.COUNTRY: country(phone_number),
        Scope.ALL: "all",
    }


def _slot(rate: Rate, subject: str) -> Slot:
    """Return the slot of a rate: a counter of its own for each window, without the number itself in its key.

    The braces let a Redis Cluster keep all of them in one place, where one script can reach them.
    """
    digest = blake2b(subject.encode(), digest_size=12).hexdigest()
    return Slot(
        key=f"{{ding}}:send:{rate.scope}:{rate.limit}:{rate.seconds}:{digest}", limit=rate.limit, seconds=rate.seconds
    )


def _counters() -> Counters:
    return get_counters(ding_settings.COUNTERS)
