"""Providers that have one open authentication per number, a *window*, for all who request a code for it.

What they answer may be about a window that another request for the number opened, or that an answer of theirs was lost
about. It is believed as long as no other number has its id.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django_ding import clock
from django_ding.backends import get_backend
from django_ding.backends.types import EventType, SendResponse, Sent, WebhookEvent
from django_ding.exceptions import BackendUnavailable
from django_ding.flows._events import CLOCK_SKEW
from django_ding.flows._provider import check_same_id, is_same_id
from django_ding.models import Authentication, AuthenticationQuerySet, PhoneNumber
from django_ding.models.base import user_key


def check_sent_id(authentication: Authentication, response: SendResponse) -> None:
    """Check that a response to a send has an id and, if another request may have it too, one of the same number.

    :raises BackendUnavailable: when it has none, or that of another number.
    """
    uuid = response.authentication_uuid
    if not uuid:
        raise BackendUnavailable(code="incomplete_answer")
    if not response.is_new and _others(authentication, uuid).exclude(phone_number=authentication.phone_number).exists():
        raise BackendUnavailable(code="unexpected_answer")


def check_window(authentication: Authentication, sent: Sent, authentication_uuid: str | None) -> bool:
    """Check that an answer is about this authentication, or that another request for the number has the window.

    Return whether it is about this one.

    :param authentication_uuid: the id that the answer names, if any.
    :raises BackendUnavailable: when it is about another number, or the provider knows more than numbers.
    """
    uuid = authentication_uuid
    if not uuid or is_same_id(uuid, sent.authentication_uuid) or not get_backend(authentication.backend).is_per_number:
        check_same_id(sent, uuid)
        return True
    numbers = set(_others(authentication, uuid).values_list("phone_number", flat=True).distinct()[:2])
    if numbers - {authentication.phone_number}:
        raise BackendUnavailable(code="unexpected_answer")
    # One whose response was lost doesn't know its window: another request may have opened it.
    return not numbers or not sent.authentication_uuid


def is_superseded(authentication: Authentication) -> bool:
    """Return whether another request has the number's window, so that this one's code can't be entered any more.

    The provider would take the code of either for both: one that was sent for a sign-up would open somebody else's
    login. So one authentication per number is live, the newest. That of the number's owner, who has shown a password or
    a session, keeps its place: a stranger's request must not end it.
    """
    if not get_backend(authentication.backend).is_per_number:
        return False
    others = Authentication.write_db.open(clock.now()).exclude(pk=authentication.pk)
    others = others.filter(phone_number=authentication.phone_number, backend=authentication.backend)
    rivals = list(others.only("user_id", "created_at"))
    if not rivals:
        return False
    number = PhoneNumber.write_db.filter(phone_number=authentication.phone_number).first()
    owner = user_key(number.user_id) if number else None

    def rank(row: Authentication) -> tuple[bool, datetime, int]:
        return user_key(row.user_id) == owner, row.created_at, row.pk

    return max(map(rank, rivals)) > rank(authentication)


def shared_expiry(authentication: Authentication, authentication_uuid: str | None) -> datetime:
    """Return until when a code can be entered in a window that another request may have opened.

    That one may be at its end, and this row can't outlive it.
    """
    sharing = _others(authentication, authentication_uuid).live(authentication.created_at)
    ends: list[datetime] = [authentication.expires_at, *sharing.values_list("expires_at", flat=True)]
    return min(ends)


def own_events(authentication: Authentication, events: Iterable[WebhookEvent]) -> list[WebhookEvent]:
    """Leave out of a window's record what another request for the number caused, so that nothing is billed twice.

    The record doesn't say whose an event is. It is that of the newest request before it.
    """
    events = list(events)
    if not get_backend(authentication.backend).is_per_number:
        return events
    sharing = _others(authentication, authentication.authentication_uuid).values_list("pk", "created_at")
    requests = sorted([*sharing, (authentication.pk, authentication.created_at)], key=lambda request: request[1])
    if len(requests) == 1:
        return events
    return [event for event, moment in _dated(events) if _requester(moment, requests) == authentication.pk]


def _others(authentication: Authentication, authentication_uuid: str | None) -> AuthenticationQuerySet:
    rows = Authentication.write_db.with_provider_id(authentication_uuid or "", backend=authentication.backend)
    return rows.exclude(pk=authentication.pk)


def _dated(events: list[WebhookEvent]) -> Iterator[tuple[WebhookEvent, datetime | None]]:
    """Yield each event with the time of what it is about: a report belongs to its message."""
    sent_at = {event.attempt_id: event.created_at for event in events if event.type == EventType.ATTEMPT}
    for event in events:
        yield event, sent_at.get(event.attempt_id, event.created_at)


def _requester(moment: datetime | None, requests: list[tuple[Any, datetime]]) -> Any:
    before = [pk for pk, created_at in requests if moment and created_at <= moment + CLOCK_SKEW]
    return before[-1] if before else requests[0][0]
