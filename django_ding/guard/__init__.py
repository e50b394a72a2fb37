"""May this code be sent? Every message, the first one and each retry, passes here before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django_ding.backends import DEFAULT_ALIAS
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import DingError, RateLimited
from django_ding.guard import conversion, counting
from django_ding.guard.address import place
from django_ding.guard.counters import Full, Slot
from django_ding.guard.lookups import kept_kind, look_up, refuse_kind
from django_ding.guard.policy import refuse_forbidden
from django_ding.guard.rates import Rate, Scope, parse
from django_ding.phone import country, prefix

__all__ = ["Ticket", "admit"]


@dataclass(frozen=True)
class Ticket:
    """The slots that a message holds in the counters."""

    slots: tuple[Slot, ...]

    def give_back(self) -> None:
        """Free them, because the provider certainly did not send the message."""
        if self.slots:
            counting.give_back(self.slots)


def admit(
    phone_number: str,
    *,
    user_id: Any,
    ip: str | None,
    backend: str = DEFAULT_ALIAS,
    is_retry: bool = False,
    public_id: UUID | None = None,
) -> Ticket:
    """Count a message in every rate before it is sent, and see whether the codes sent before it were entered.

    A rate that has nothing to count by, such as the user's for somebody who is not signed in, does not apply. To a
    test number, only rates do.

    :param backend: the alias of the backend that is to send it, and to look the number up if the settings say so.
    :param public_id: that of the authentication, for the log.
    :param is_retry: whether the number passed for an earlier message. It is not looked up again.
    :raises InputError: when the settings rule out the number's country or kind of line, or the provider's lookup does.
    :raises RateLimited: when a rate is exhausted, or too few codes to the number's prefix or country are entered. Then
        no rate has counted the message.
    :raises UnsupportedOperation: when the number is to be looked up and the backend has no lookup.
    :raises AccountError: when the provider refuses our account at the lookup.
    :raises BackendUnavailable: in an outage at the lookup, or when the counters can't be reached: what can't be
        counted is not sent.
    """
    subjects = _subjects(phone_number, user_id=user_id, ip=ip)
    if backend == TEST_NUMBERS_ALIAS:
        return _count(subjects, cases=[])
    refuse_forbidden(phone_number)
    kind = None
    looks_up = ding_settings.LOOKUP_BEFORE_SEND and not is_retry
    if looks_up:
        kind = kept_kind(phone_number)
        refuse_kind(kind)
    ticket = _count(subjects, cases=conversion.cases(subjects))
    if looks_up and kind is None:
        refuse_kind(_look_up(phone_number, backend, ticket, public_id))
    return ticket


def _look_up(phone_number: str, backend: str, ticket: Ticket, public_id: UUID | None) -> str:
    """Return the kind of line that the provider tells. A lookup that may have been made stays counted: it was paid."""
    try:
        return look_up(phone_number, backend=backend, public_id=public_id)
    except DingError as error:
        if not error.may_have_executed:
            ticket.give_back()
        raise


def _count(subjects: Mapping[Scope, str], *, cases: list[conversion.Case]) -> Ticket:
    rates = [rate for rate in parse(ding_settings.RATES.get("send", "")) if subjects[rate.scope]]
    scopes: dict[Slot, str] = {_slot(rate, subjects[rate.scope]): rate.scope for rate in rates}
    scopes |= {slot: conversion.SCOPE for case in cases for slot in (case.look, case.tally)}
    counts = _take(scopes)
    ticket = Ticket(tuple(scopes))
    _judge([case for case in cases if case.rule.is_due(counts[case.tally])], ticket)
    return ticket


def _take(scopes: Mapping[Slot, str]) -> dict[Slot, int]:
    """Take the slots of these scopes, and return what is counted in each."""
    if not scopes:
        return {}
    slots = tuple(scopes)
    taken = counting.take(slots)
    if isinstance(taken, Full):
        raise RateLimited(scope=scopes[slots[taken.index]], retry_after=taken.retry_after)
    return dict(zip(slots, taken.counts, strict=True))


def _judge(cases: list[conversion.Case], ticket: Ticket) -> None:
    try:
        for case in cases:
            wait = conversion.judge(case)
            if wait:
                raise RateLimited(scope=conversion.SCOPE, retry_after=wait)
    except BaseException:
        ticket.give_back()
        raise


def _subjects(phone_number: str, *, user_id: Any, ip: str | None) -> dict[Scope, str]:
    """Return what each scope counts by, an empty text where there is nothing."""
    return {
        Scope.PHONE: phone_number,
        Scope.USER: "" if user_id is None else str(user_id),
        Scope.IP: place(ip) if ip else "",
        Scope.PREFIX: prefix(phone_number),
        Scope.COUNTRY: country(phone_number),
        Scope.ALL: "all",
    }


def _slot(rate: Rate, subject: str) -> Slot:
    """Return the slot of a rate: a counter of its own for each window."""
    return Slot(key=counting.key(f"send:{rate.name}", subject), limit=rate.limit, seconds=rate.seconds)
