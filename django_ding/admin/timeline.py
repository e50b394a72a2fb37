"""The timeline of a verification: each event in a sentence, with the time since the request."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from django_ding import clock, humanize
from django_ding.admin.display import channel_name
from django_ding.backends.types import (
    AttemptStatus,
    BalanceUpdateType,
    CheckStatus,
    DeliveryStatus,
    FeedbackStatus,
    RetryStatus,
)
from django_ding.codes import describe_code, get_code
from django_ding.models import Authentication, Event


@dataclass(frozen=True, kw_only=True)
class EventText:
    """What happened in a sentence.

    :ivar tone: its colour: ``good``, ``bad``, ``waiting`` or ``quiet``.
    :ivar code: what failed, as one of :mod:`django_ding.codes`.
    :ivar advice: what support can do about it, where nothing depends on how long ago it was.
    """

    sentence: str
    tone: str = "quiet"
    code: str = ""
    advice: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """What happened at a moment.

    :ivar since: the time since the request, ``+12 s``.
    :ivar clock: when it was, ``14:32:05 UTC``; with the date where a day begins.
    :ivar price: what it cost, ``€0.03``; empty if unknown.
    :ivar code: the error code, for those who look it up.
    """

    moment: datetime
    since: str
    clock: str = ""
    text: EventText
    price: str = ""
    code: str = ""


def get_timeline(authentication: Authentication, events: Iterable[Event]) -> list[TimelineEntry]:
    """Return what happened from the request to the expiry."""
    rows = sorted(events, key=lambda event: (event.occurred_at, event.pk))
    start, channels, priced = authentication.created_at, _channels(authentication, rows), _priced_events(rows)
    entries = [
        TimelineEntry(
            moment=event.occurred_at,
            since=humanize.offset(start, event.occurred_at),
            text=event_text(event, channel=channels.get(_message_key(event), channels[""])),
            price=_price(event) if event.pk in priced else "",
            code=event.status if event.type == Event.Type.ERROR else "",
        )
        for event in rows
    ]
    request = TimelineEntry(moment=start, since=_("Requested"), text=_request_text(authentication))
    return with_clock([request, *entries, *_expiry(authentication)])


def with_clock(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Return the entries with the time of each, and the date of those that are the first of their day."""
    days: set[date] = set()
    timed = []
    for entry in entries:
        day = timezone.localtime(entry.moment).date()
        clock_time = humanize.clock_time(entry.moment) if day in days else humanize.exact_time(entry.moment)
        timed.append(replace(entry, clock=clock_time))
        days.add(day)
    return timed


def event_text(event: Event, *, channel: str) -> EventText:
    """Return an event in words.

    :param channel: of the message that the event is about, if known.
    """
    return _TEXTS.get(event.type, _unknown_text)(event, channel)


def _request_text(authentication: Authentication) -> EventText:
    # Not who chose: the guard chooses a phone call for a landline.
    channel = channel_name(str(authentication.backend_state.get("request", {}).get("channel", "")))
    sentence = _("Code requested, to be sent by %(channel)s.") if channel else _("Code requested.")
    return EventText(sentence=sentence % {"channel": channel})


def _authentication_text(event: Event, channel: str) -> EventText:
    accepted = {
        "": _("Accepted by provider."),
        "pending": _("Accepted by provider."),
        "retry": _("Accepted by provider, as part of a verification that was already open for this number."),
        "renewed": _("The earlier code had expired at the provider, which opened a new verification."),
        "challenged": _("Accepted by provider, but flagged as suspicious: neither SMS nor calls are used."),
        "shadow_blocked": _("Accepted by provider, although a rule of the account would have blocked it."),
    }
    if event.status in accepted:
        return EventText(sentence=" ".join([accepted[event.status], *_risk_factors(event)]))
    if event.status == "blocked":
        return _blocked_text(_("The provider declined to send a code: %(reason)s."), event)
    if get_code(event.status):
        return failure_text(_("The provider declined to send a code: %(reason)s."), event.status)
    return _unknown_text(event, channel)


def _attempt_text(event: Event, channel: str) -> EventText:
    if event.status == AttemptStatus.FAILED:
        return EventText(sentence=_("Message not sent."), tone="bad", code=event.status)
    if event.status == "blocked":
        return _blocked_text(_("Message not sent: %(reason)s."), event)
    if get_code(event.status) and not event.attempt_number:
        return failure_text(_("Message not sent: %(reason)s."), event.status)
    if not event.attempt_number and event.status not in (*AttemptStatus, RetryStatus.APPROVED, ""):
        return _unknown_text(event, channel)
    sentences = [_sent_sentence(event, channel_name(channel))]
    if event.status == "challenged":
        sentences.append(_("Flagged as suspicious: neither SMS nor calls are used."))
    return EventText(sentence=" ".join([*sentences, *_risk_factors(event)]))


def _sent_sentence(event: Event, channel: str) -> str:
    number, requested = event.attempt_number or 1, channel_name(str(event.data.get("requested_channel", "")))
    if number == 1:
        pattern = _("Message sent by %(channel)s.") if channel else _("Message sent.")
    elif channel and channel == requested:
        pattern = _("Message %(number)d sent by %(channel)s, as requested.")
    else:
        pattern = _("Message %(number)d sent by %(channel)s.") if channel else _("Message %(number)d sent.")
    sentence = pattern % {"number": number, "channel": channel}
    other = _("Requested channel: %(channel)s.") % {"channel": requested}
    return sentence if requested in ("", channel) else f"{sentence} {other}"


def _blocked_text(pattern: str, event: Event) -> EventText:
    reason = str(event.data.get("reason", ""))
    code = "rate_limited" if reason == "repeated_attempts" else reason if get_code(reason) else "spam_detected"
    text = failure_text(pattern, code)
    return replace(text, sentence=" ".join([text.sentence, *_risk_factors(event)]))


def _risk_factors(event: Event) -> list[str]:
    """Return, in a sentence, what made the provider suspicious; nothing if it doesn't say."""
    names = [str(name).replace("_", " ") for name in event.data.get("risk_factors", [])]
    return [_("Risk factors: %(names)s.") % {"names": humanize.listed(names)}] if names else []


def _check_text(event: Event, channel: str) -> EventText:
    if event.status == CheckStatus.VALID:
        return EventText(sentence=_("Correct code entered."), tone="good")
    if event.status == CheckStatus.INVALID:
        return EventText(sentence=_("Incorrect code entered."), tone="waiting")
    if get_code(event.status):
        return failure_text(_("Code rejected: %(reason)s."), event.status)
    return _unknown_text(event, channel)


def _delivery_text(event: Event, channel: str) -> EventText:
    match event.status:
        case DeliveryStatus.DELIVERED:
            name = channel_name(channel)
            sentence = _("Message delivered by %(channel)s.") if name else _("Message delivered.")
            return EventText(sentence=sentence % {"channel": name}, tone="good")
        case DeliveryStatus.UNDELIVERABLE:
            return failure_text(_("Message not delivered: %(reason)s."), event.status)
        case DeliveryStatus.SUBMITTED:
            return EventText(sentence=_("Accepted by carrier."))
        case DeliveryStatus.IN_TRANSIT:
            return EventText(sentence=_("On its way to the phone."), tone="waiting")
    return EventText(sentence=_("Delivery status unknown."))


def _balance_text(event: Event, channel: str) -> EventText:
    # The provider's balance events name no currency.
    amount = humanize.price(parse_amount(event.data.get("amount")), "")
    if event.status in (BalanceUpdateType.AUTHENTICATION_PENDING, BalanceUpdateType.ATTEMPT_PENDING):
        pattern = _("Amount reserved by provider: %(amount)s.") if amount else _("Amount reserved by provider.")
    else:
        pattern = _("Amount charged by provider: %(amount)s.") if amount else _("Amount charged by provider.")
    return EventText(sentence=pattern % {"amount": amount})


def _cancel_text(event: Event, channel: str) -> EventText:
    return EventText(sentence=_("Canceled by this site. The code can't be entered any more."))


def _feedback_text(event: Event, channel: str) -> EventText:
    if event.status == FeedbackStatus.ONBOARDED:
        return EventText(sentence=_("Reported as genuine."), tone="good")
    if event.status == FeedbackStatus.NOT_ONBOARDED:
        return EventText(sentence=_("Reported as not onboarded."), tone="bad")
    return _unknown_text(event, channel)


def _error_text(event: Event, channel: str) -> EventText:
    patterns = {
        "retry": _("Resend failed: %(reason)s."),
        "check": _("Check failed: %(reason)s."),
        "status": _("Status refresh failed: %(reason)s."),
        "cancel": _("Cancellation failed: %(reason)s."),
    }
    operation = str(event.data.get("operation"))
    may_have_sent = describe_code(event.status).may_have_sent
    send_failed = _("Unknown whether a code was sent: %(reason)s.") if may_have_sent else _("Send failed: %(reason)s.")
    text = failure_text(patterns.get(operation, send_failed), event.status)
    text = replace(text, sentence=" ".join([text.sentence, *_risk_factors(event)]))
    if operation in ("check", "status", "cancel") and may_have_sent:
        # The usual advice is to look for a message, but neither of the two sends one.
        return replace(text, code="unavailable")
    return text


def _unknown_text(event: Event, channel: str) -> EventText:
    sentence = _("Unrecognized provider status: “%(status)s”.") % {"status": event.status or event.type}
    return EventText(sentence=sentence, tone="waiting")


def failure_text(pattern: str, code: str) -> EventText:
    """Return that something failed, with the reason in its place of the pattern."""
    return EventText(sentence=pattern % {"reason": describe_code(code).explanation}, tone="bad", code=code)


_TEXTS: Mapping[str, Callable[[Event, str], EventText]] = {
    Event.Type.AUTHENTICATION: _authentication_text,
    Event.Type.ATTEMPT: _attempt_text,
    Event.Type.CHECK: _check_text,
    Event.Type.DELIVERY_STATUS: _delivery_text,
    Event.Type.BALANCE_UPDATE: _balance_text,
    Event.Type.CANCEL: _cancel_text,
    Event.Type.FEEDBACK: _feedback_text,
    Event.Type.ERROR: _error_text,
}


def _expiry(authentication: Authentication) -> list[TimelineEntry]:
    end, is_expired = authentication.expires_at, authentication.expires_at <= clock.now()
    if not is_expired or authentication.status not in (*Authentication.LIVE_STATUSES, Authentication.Status.EXPIRED):
        return []
    since = humanize.offset(authentication.created_at, end)
    return [TimelineEntry(moment=end, since=since, text=EventText(sentence=_("Code expired.")))]


def _message_key(event: Event) -> str:
    """Return what identifies the message of an event; empty if nothing does."""
    return str(event.data.get("attempt_id") or event.attempt_number or "")


def _channels(authentication: Authentication, events: list[Event]) -> dict[str, str]:
    """Return the channel of each message; under the empty key, that of a message nothing identifies."""
    sent = [event for event in events if event.channel]
    channels = {_message_key(event): event.channel for event in sent}
    channels |= {str(event.attempt_number): event.channel for event in sent if event.attempt_number}
    # An event without a message may be about any of several, so its channel is known only if all share one.
    return channels | {"": authentication.channel if len(set(channels.values())) < 2 else ""}


def _priced_events(events: list[Event]) -> frozenset[int]:
    """Return the keys of the events to show a price at."""
    # Several events of a message may have its price, so that only the last one shows it.
    # The request itself may have a price, too, although it isn't a message.
    priced = [event for event in events if _price(event)]
    return frozenset({(_message_key(event), event.type == "authentication"): event.pk for event in priced}.values())


def _price(event: Event) -> str:
    price = event.data.get("price") or {}
    return humanize.price(parse_amount(price.get("amount")), str(price.get("currency", "")))


def parse_amount(amount: Any) -> Decimal | None:
    """Return an amount from the data of an event; ``None`` if it isn't one."""
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
