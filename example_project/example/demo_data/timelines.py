"""Verifications, event by event as the app and the provider would record them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from django_ding import phone
from django_ding.backends.types import Channel, CheckStatus, DeliveryStatus, RetryStatus, SendStatus
from django_ding.models import Authentication, Event
from django_ding.models.base import RequesterType
from example.demo_data.people import Person

_CODE_TIMEOUT = timedelta(minutes=10)
_RETRY_COOLDOWN = timedelta(seconds=30)
_MAX_RETRIES = 3
_MAX_CHECKS = 5


class Timeline:
    """Builds an authentication and its events. Each step happens a few seconds after the one before."""

    def __init__(self, person: Person, at: datetime, purpose: str, rng: Random) -> None:
        self.events: list[Event] = []
        self.rng = rng
        self.person = person
        self.now = at
        requester_type = RequesterType.USER if person.user else RequesterType.VISITOR
        if purpose == Authentication.Purpose.LOGIN:
            requester_type = RequesterType.LOGIN
        self.authentication = Authentication(
            public_id=self._id(),
            user=person.user,
            phone_number=person.phone_number,
            country=person.place.country,
            prefix=phone.prefix(person.phone_number),
            purpose=purpose,
            requester_type=requester_type,
            ip=person.ip,
            device_signals=person.device_signals,
            created_at=at,
            expires_at=at + _CODE_TIMEOUT,
            next_retry_at=at + _RETRY_COOLDOWN,
            remaining_retry=_MAX_RETRIES,
        )

    def open(self, status: SendStatus = SendStatus.PENDING) -> None:
        """Add the provider's response to the request to send."""
        self._wait(0.2, 0.7)
        self._add(Event.Type.AUTHENTICATION, status, provider_event_id="authentication")
        self.authentication.authentication_uuid = str(self._id())
        self.authentication.status = Authentication.Status(status.value)

    def reject(self, status: SendStatus) -> None:
        """Add a response that refuses to send."""
        self.open(status)
        self.authentication.error_code = status.value

    def fail(self, code: str, after: float = 0.5) -> None:
        """Let the request to send fail."""
        self.error(code, "send", after)
        self.authentication.status = Authentication.Status.FAILED
        self.authentication.error_code = code

    def error(self, code: str, operation: str, after: float = 0.5) -> None:
        """Add an error of the provider."""
        self._wait(after, after * 1.2)
        self._add(Event.Type.ERROR, code, data={"operation": operation})

    def message(self, channel: Channel | None = None) -> None:
        """Add a message, by SMS or a messaging app."""
        self._wait(0.3, 1)
        self._number = self.authentication.retry_count + 1
        self._attempt = str(self._id())
        channel = channel or self._channel()
        price = self._price(channel)
        carrier = self.person.carrier
        data = {
            "attempt_id": self._attempt,
            "event_id": str(self._id()),
            "price": price,
            "carrier": {"network": carrier},
        }
        # The provider reports a first message as pending, and a retry as its answer to the request.
        status = RetryStatus.APPROVED if self._number > 1 else "pending"
        columns: dict[str, Any] = {"attempt_number": self._number, "channel": channel, "data": data}
        self._add(Event.Type.ATTEMPT, status, provider_event_id=self._attempt, **columns)
        self.authentication.channel = channel
        self.authentication.carrier = carrier
        self.authentication.price_amount = (self.authentication.price_amount or 0) + Decimal(price["amount"])
        self.authentication.price_currency = price["currency"]

    def report(self, status: DeliveryStatus, *, least: float = 1, most: float = 9) -> None:
        """Add the delivery status of the last message, ``least`` to ``most`` seconds later."""
        self._wait(least, most)
        key = f"{self._attempt}:{status}"
        data = {"attempt_id": self._attempt, "event_id": str(self._id())}
        columns: dict[str, Any] = {"attempt_number": self._number, "data": data}
        self._add(Event.Type.DELIVERY_STATUS, status, provider_event_id=key, **columns)
        self.authentication.delivery_status = status

    def deliver(self, channel: Channel | None = None) -> None:
        """Add a message and its delivery."""
        self.message(channel)
        if self.rng.random() < 0.5:
            self.report(DeliveryStatus.SUBMITTED, least=0.5, most=2)
        self.report(DeliveryStatus.DELIVERED)

    def retry(self, channel: Channel | None = None) -> None:
        """Add a retry after the cooldown, and the delivery of its message."""
        self.now = max(self.now, self.authentication.next_retry_at or self.now)
        self._wait(2, 30)
        self.authentication.retry_count += 1
        self.authentication.remaining_retry -= 1
        self.authentication.next_retry_at = self.now + _RETRY_COOLDOWN
        self.deliver(channel)

    def deny(self) -> None:
        """Add a retry that the provider declines."""
        self._wait(31, 60)
        self._add(Event.Type.ATTEMPT, RetryStatus.DENIED)

    def check(self, status: CheckStatus, *, least: float = 4, most: float = 40) -> None:
        """Add a check."""
        self._wait(least, most)
        self.authentication.check_count += 1
        self._add(Event.Type.CHECK, status)
        if status is CheckStatus.VALID:
            self.authentication.status = Authentication.Status.VALIDATED
            self.authentication.validated_at = self.now

    def expire(self, now: datetime) -> None:
        """Mark the authentication as expired if it is."""
        if self.authentication.is_live(self.authentication.created_at) and self.authentication.expires_at <= now:
            self.authentication.status = Authentication.Status.EXPIRED

    def _add(self, event_type: Event.Type, status: str, **columns: Any) -> None:
        event = Event(
            authentication=self.authentication, type=event_type, status=status, occurred_at=self.now, **columns
        )
        self.events.append(event)

    def _wait(self, least: float, most: float) -> None:
        """Let time pass. Most people are quick, and few take long."""
        # A fifth of the way is the most likely wait.
        self.now += timedelta(seconds=round(self.rng.triangular(least, most, least + (most - least) / 5), 3))

    def _channel(self) -> Channel:
        if self.rng.random() >= self.person.place.apps:
            return Channel.SMS
        return self.rng.choices((Channel.WHATSAPP, Channel.RCS, Channel.VIBER), weights=(70, 25, 5))[0]

    def _price(self, channel: Channel) -> dict[str, str]:
        place = self.person.place
        share = Decimal(1) if channel is Channel.SMS else Decimal("0.6")
        return {"amount": str(round(Decimal(place.price) * share, 4)), "currency": place.currency}

    def _id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)


# What can happen after a code was sent.


def verified(timeline: Timeline) -> None:
    """The code arrives and is entered."""
    timeline.deliver()
    timeline.check(CheckStatus.VALID)


def mistyped(timeline: Timeline) -> None:
    """The first attempt is wrong."""
    timeline.deliver()
    timeline.check(CheckStatus.INVALID)
    timeline.check(CheckStatus.VALID, least=3, most=20)


def verified_after_retry(timeline: Timeline) -> None:
    """The first message isn't delivered; the second one comes through another channel."""
    timeline.message(Channel.SMS)
    timeline.report(DeliveryStatus.UNDELIVERABLE, least=5, most=25)
    timeline.retry(Channel.WHATSAPP)
    timeline.check(CheckStatus.VALID)


def resent_early(timeline: Timeline) -> None:
    """A second message is requested without need."""
    timeline.deliver()
    timeline.retry()
    timeline.check(CheckStatus.VALID)


def verified_after_timeout(timeline: Timeline) -> None:
    """The first check times out."""
    timeline.deliver()
    timeline.authentication.check_count += 1
    timeline.error("timeout", "check", after=10)
    timeline.check(CheckStatus.VALID, least=5, most=30)


_CONVERTED = {verified: 80, mistyped: 9, verified_after_retry: 5, resent_early: 5, verified_after_timeout: 1}


def abandoned(timeline: Timeline) -> None:
    """The code arrives and is never entered."""
    timeline.deliver()


def undeliverable(timeline: Timeline) -> None:
    """The phone is off, or the number isn't in use."""
    timeline.message(Channel.SMS)
    timeline.report(DeliveryStatus.UNDELIVERABLE, least=5, most=60)


def unreported(timeline: Timeline) -> None:
    """The carrier never reports a delivery."""
    timeline.message(Channel.SMS)
    timeline.report(DeliveryStatus.IN_TRANSIT)


def exhausted(timeline: Timeline) -> None:
    """All attempts are wrong."""
    timeline.deliver()
    for _ in range(_MAX_CHECKS):
        timeline.check(CheckStatus.INVALID, least=2, most=12)


def too_late(timeline: Timeline) -> None:
    """The code is entered after it expired."""
    timeline.deliver()
    timeline.check(CheckStatus.EXPIRED_AUTH, least=540, most=590)


def failed_by_carrier(timeline: Timeline) -> None:
    """The carrier delivers nothing; a few people choose a messaging app instead."""
    timeline.message(Channel.SMS)
    timeline.report(DeliveryStatus.UNDELIVERABLE, least=5, most=60)
    if timeline.rng.random() < 0.15:
        timeline.retry(Channel.WHATSAPP)
        timeline.check(CheckStatus.VALID)


def denied(timeline: Timeline) -> None:
    """Another message is requested, and the provider declines."""
    timeline.message()
    timeline.report(DeliveryStatus.IN_TRANSIT)
    timeline.deny()


_UNUSED = {abandoned: 52, undeliverable: 22, unreported: 10, exhausted: 5, too_late: 4, denied: 3}

#: Errors and refusals that prevent a code, each with its number per thousand requests.
_FAILURES = {
    "invalid_line": 9,
    "blocked_number": 4,
    "unsupported_region": 3,
    "timeout": 3,
    "connection_failed": 2,
    "internal_server_error": 2,
    "spending_limit_exceeded": 1,
    "answer_lost": 1,
}
_REJECTIONS = {SendStatus.SPAM_DETECTED: 12, SendStatus.RATE_LIMITED: 10}


def simulate(timeline: Timeline) -> None:
    """Add a random course of events, with the conversion rate of the person's place."""
    fate = timeline.rng.random() * 1000
    if fate < sum(_FAILURES.values()):
        timeline.fail(_choose(_FAILURES, timeline.rng))
    elif fate < sum(_FAILURES.values()) + sum(_REJECTIONS.values()):
        timeline.reject(_choose(_REJECTIONS, timeline.rng))
    else:
        timeline.open()
        converts = timeline.rng.random() < timeline.person.place.conversion
        scenario: Callable[[Timeline], None] = _choose(_CONVERTED if converts else _UNUSED, timeline.rng)
        scenario(timeline)


def _choose(weighted: dict[Any, int], rng: Random) -> Any:
    return rng.choices(list(weighted), weights=list(weighted.values()))[0]
