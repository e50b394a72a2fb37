"""The timeline of an authentication as a story: line by line, with the time since its start."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ding.admin import wording
from django_ding.admin.events.sentences import Told, money, tell, tell_refusal
from django_ding.models import Authentication, Event, Refusal


@dataclass(frozen=True, kw_only=True)
class Line:
    """What happened at a moment.

    :ivar since: the time since the start, ``+12 s``.
    :ivar price: what it cost, ``€0.03``; empty where nothing is known.
    :ivar code: the provider's or the app's own word for it, for those who look it up.
    """

    moment: datetime
    since: str
    told: Told
    price: str = ""
    code: str = ""


def story(authentication: Authentication, events: Iterable[Event]) -> list[Line]:
    """Tell what happened, from the request to the end of its time."""
    rows = sorted(events, key=lambda event: (event.occurred_at, event.pk))
    start = authentication.created_at
    channels, costly = _channels(authentication, rows), _costly(rows)
    lines = [
        Line(
            moment=event.occurred_at,
            since=wording.since_start(event.occurred_at - start),
            told=tell(event, channel=channels.get(_message(event), channels[""])),
            price=_price(event) if event.pk in costly else "",
            code=event.status if event.type == Event.Type.ERROR else "",
        )
        for event in rows
    ]
    return [_beginning(start), *lines, *_ending(authentication)]


def refusals_near(authentication: Authentication, refusals: Iterable[Refusal]) -> list[Line]:
    """Tell what the guard refused before, meanwhile and after, in the order in which each ended."""
    rows = sorted(refusals, key=lambda refusal: (refusal.last_at, refusal.pk))
    start = authentication.created_at
    return [
        Line(moment=row.last_at, since=wording.since_start(row.last_at - start), told=tell_refusal(row)) for row in rows
    ]


def _beginning(start: datetime) -> Line:
    return Line(moment=start, since=_("at the start"), told=Told(sentence=_("A code was asked for.")))


def _ending(authentication: Authentication) -> list[Line]:
    end, over = authentication.expires_at, authentication.expires_at <= timezone.now()
    if not over or authentication.status not in (*Authentication.LIVE_STATUSES, Authentication.Status.EXPIRED):
        return []
    since = wording.since_start(end - authentication.created_at)
    return [Line(moment=end, since=since, told=Told(sentence=_("The time to enter the code was over.")))]


def _message(event: Event) -> str:
    """Return what tells the message of an event from others, where there is anything."""
    return str(event.facts.get("attempt_id") or event.attempt_number or "")


def _channels(authentication: Authentication, events: list[Event]) -> dict[str, str]:
    """Return how each message travelled; under an empty text, how one did of which nothing tells which it is."""
    sent = [event for event in events if event.channel]
    known = {_message(event): event.channel for event in sent}
    known |= {str(event.attempt_number): event.channel for event in sent if event.attempt_number}
    return known | {"": authentication.channel if len(set(known.values())) < 2 else ""}


def _costly(events: list[Event]) -> frozenset[int]:
    """Return which events to name a price at: the last one of each message, since all repeat it."""
    priced = [event for event in events if _price(event)]
    return frozenset({(_message(event), event.type == "authentication"): event.pk for event in priced}.values())


def _price(event: Event) -> str:
    price = event.facts.get("price") or {}
    return wording.price(money(price.get("amount")), str(price.get("currency", "")))
