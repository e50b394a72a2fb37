"""Each kind of event in a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_ding.admin import wording
from django_ding.admin.events.explaining import EXPLANATIONS, explain, may_have_sent
from django_ding.backends.base import AttemptStatus, BalanceUpdateType, CheckStatus, DeliveryStatus, RetryStatus
from django_ding.models import Event, Refusal


@dataclass(frozen=True, kw_only=True)
class Told:
    """A sentence, what to do about it, and its colour: ``good``, ``bad``, ``waiting`` or ``quiet``."""

    sentence: str
    tone: str = "quiet"
    advice: str = ""


def tell(event: Event, *, channel: str) -> Told:
    """Put an event into words.

    :param channel: how the message travelled that the event is about, as far as it is known.
    """
    return _TELLERS.get(event.type, _something)(event, channel)


def tell_refusal(refusal: Refusal) -> Told:
    """Put into words what the guard refused, how often, why, and what to tell the user."""
    sentence = ngettext(
        "The guard refused a code: %(reason)s.",
        "The guard refused %(count)d codes within %(time)s: %(reason)s.",
        refusal.count,
    )
    words = explain(refusal.reason)
    facts = {"count": refusal.count, "time": wording.duration(refusal.last_at - refusal.first_at)}
    return Told(sentence=sentence % {**facts, "reason": words.reason}, tone="bad", advice=str(words.advice))


def _authentication(event: Event, channel: str) -> Told:
    if event.status in ("", "pending"):
        return Told(sentence=_("The provider accepted the request."))
    if event.status in EXPLANATIONS:
        return _refused(_("The provider refused to send a code: %(reason)s."), event.status)
    return _unheard_of(event)


def _attempt(event: Event, channel: str) -> Told:
    if event.status == AttemptStatus.FAILED:
        advice = str(explain(event.status).advice)
        return Told(sentence=_("A message was not sent."), tone="bad", advice=advice)
    if event.status in EXPLANATIONS and not event.attempt_number:
        return _refused(_("A message was not sent: %(reason)s."), event.status)
    if not event.attempt_number and event.status not in (*AttemptStatus, RetryStatus.APPROVED, ""):
        return _unheard_of(event)
    return Told(sentence=_sent(event.attempt_number or 1, wording.channel_name(channel)))


def _sent(number: int, channel: str) -> str:
    if number == 1:
        pattern = _("The message was sent by %(channel)s.") if channel else _("The message was sent.")
    else:
        pattern = _("Message %(number)d was sent by %(channel)s.") if channel else _("Message %(number)d was sent.")
    return pattern % {"number": number, "channel": channel}


def _check(event: Event, channel: str) -> Told:
    if event.status == CheckStatus.VALID:
        return Told(sentence=_("The right code was entered."), tone="good")
    if event.status == CheckStatus.INVALID:
        return Told(sentence=_("A wrong code was entered."), tone="waiting")
    if event.status in EXPLANATIONS:
        return _refused(_("A code was refused: %(reason)s."), event.status)
    return _unheard_of(event)


def _delivery_status(event: Event, channel: str) -> Told:
    match event.status:
        case DeliveryStatus.DELIVERED:
            name = wording.channel_name(channel)
            sentence = _("The message was delivered by %(channel)s.") if name else _("The message was delivered.")
            return Told(sentence=sentence % {"channel": name}, tone="good")
        case DeliveryStatus.UNDELIVERABLE:
            return _refused(_("The message did not arrive: %(reason)s."), event.status)
        case DeliveryStatus.SUBMITTED:
            return Told(sentence=_("The carrier took the message."))
        case DeliveryStatus.IN_TRANSIT:
            return Told(sentence=_("The message is on its way to the phone."), tone="waiting")
    return Told(sentence=_("The carrier does not know what became of the message."))


def _balance_update(event: Event, channel: str) -> Told:
    """Tell of an amount, whose currency the provider never names."""
    amount = wording.price(money(event.facts.get("amount")), "")
    if event.status in (BalanceUpdateType.AUTHENTICATION_PENDING, BalanceUpdateType.ATTEMPT_PENDING):
        pattern = _("The provider set an amount aside: %(amount)s.") if amount else _("The provider set money aside.")
    else:
        pattern = _("The provider booked an amount: %(amount)s.") if amount else _("The provider booked an amount.")
    return Told(sentence=pattern % {"amount": amount})


def _error(event: Event, channel: str) -> Told:
    patterns = {
        "retry": _("Sending once more failed: %(reason)s."),
        "check": _("A code could not be checked: %(reason)s."),
        "status": _("The provider could not be asked: %(reason)s."),
    }
    operation = str(event.facts.get("operation"))
    told = _refused(patterns.get(operation, _("Sending failed: %(reason)s.")), event.status)
    if operation in ("check", "status") and may_have_sent(event.status):  # No message was at stake.
        return replace(told, advice=str(explain("unavailable").advice))
    return told


def _something(event: Event, channel: str) -> Told:
    return _unheard_of(event)


def _refused(pattern: str, code: str) -> Told:
    words = explain(code)
    return Told(sentence=pattern % {"reason": words.reason}, tone="bad", advice=str(words.advice))


def _unheard_of(event: Event) -> Told:
    sentence = _("The provider said “%(status)s”, which this app does not know.")
    return Told(sentence=sentence % {"status": event.status or event.type}, tone="waiting")


def money(amount: Any) -> Decimal | None:
    """Return a sum from an event's facts, ``None`` for what is none."""
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_TELLERS: Mapping[str, Callable[[Event, str], Told]] = {
    Event.Type.AUTHENTICATION: _authentication,
    Event.Type.ATTEMPT: _attempt,
    Event.Type.CHECK: _check,
    Event.Type.DELIVERY_STATUS: _delivery_status,
    Event.Type.BALANCE_UPDATE: _balance_update,
    Event.Type.ERROR: _error,
}
