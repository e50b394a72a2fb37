"""What becomes of a code, told event by event as the provider and the app would write it down."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from django_ding import phone
from django_ding.backends.base import Channel, CheckStatus, DeliveryStatus, RetryStatus, SendStatus
from django_ding.models import Authentication, Event
from django_ding.services.summary import summarize
from django_ding.services.timeline import BEGINNING
from example.demo_data.people import Person

_LIFETIME = timedelta(minutes=10)
_COOLDOWN = timedelta(seconds=30)
_RETRIES = 3
_CHECKS = 5


class Story:
    """An authentication and its timeline. Each step happens some seconds after the one before."""

    def __init__(self, person: Person, at: datetime, purpose: str, chance: Random) -> None:
        self.events: list[Event] = []
        self.chance = chance
        self.person = person
        self.now = at
        self.authentication = Authentication(
            public_id=self._id(),
            user=person.user,
            phone_number=person.phone_number,
            country=person.place.country,
            prefix=phone.prefix(person.phone_number),
            purpose=purpose,
            ip=person.ip,
            signals=person.signals,
            created_at=at,
            expires_at=at + _LIFETIME,
            next_retry_at=at + _COOLDOWN,
            remaining_retry=_RETRIES,
        )

    def open(self, status: SendStatus = SendStatus.PENDING) -> None:
        """Let the provider answer the request to send."""
        self._after(0.2, 0.7)
        self._happen(Event.Type.AUTHENTICATION, status, provider_event_id=BEGINNING)
        self.authentication.authentication_uuid = str(self._id())
        self.authentication.status = Authentication.Status(status.value)

    def refuse(self, status: SendStatus) -> None:
        """Let the provider answer that it sends nothing."""
        self.open(status)
        self.authentication.error_code = status.value

    def fail(self, code: str, after: float = 0.5) -> None:
        """Let the request to send come to nothing."""
        self.error(code, "send", after)
        self.authentication.status = Authentication.Status.FAILED
        self.authentication.error_code = code

    def error(self, code: str, operation: str, after: float = 0.5) -> None:
        """Note what the provider failed to answer."""
        self._after(after, after * 1.2)
        self._happen(Event.Type.ERROR, code, facts={"operation": operation})

    def message(self, channel: Channel | None = None) -> None:
        """Send the message, by SMS or an app."""
        self._after(0.3, 1)
        self._number = self.authentication.retry_count + 1
        self._attempt = str(self._id())
        channel = channel or self._channel()
        facts = {"attempt_id": self._attempt, "event_id": str(self._id()), "price": self._price(channel)}
        status = RetryStatus.APPROVED if self._number > 1 else "pending"
        about: dict[str, Any] = {"attempt_number": self._number, "channel": channel, "facts": facts}
        self._happen(Event.Type.ATTEMPT, status, provider_event_id=self._attempt, **about)

    def report(self, status: DeliveryStatus, *, least: float = 1, most: float = 9) -> None:
        """Let the carrier tell how far the last message came, so many seconds later."""
        self._after(least, most)
        key = f"{self._attempt}:{status}"
        facts = {"attempt_id": self._attempt, "event_id": str(self._id())}
        about: dict[str, Any] = {"attempt_number": self._number, "facts": facts}
        self._happen(Event.Type.DELIVERY_STATUS, status, provider_event_id=key, **about)

    def deliver(self, channel: Channel | None = None) -> None:
        """Send the message, and let it arrive."""
        self.message(channel)
        if self.chance.random() < 0.5:
            self.report(DeliveryStatus.SUBMITTED, least=0.5, most=2)
        self.report(DeliveryStatus.DELIVERED)

    def retry(self, channel: Channel | None = None) -> None:
        """Let somebody wait for the cooldown, and ask for another message, which arrives."""
        self.now = max(self.now, self.authentication.next_retry_at or self.now)
        self._after(2, 30)
        self.authentication.retry_count += 1
        self.authentication.remaining_retry -= 1
        self.authentication.next_retry_at = self.now + _COOLDOWN
        self.deliver(channel)

    def deny(self) -> None:
        """Let the provider refuse another message."""
        self._after(31, 60)
        self._happen(Event.Type.ATTEMPT, RetryStatus.DENIED)

    def check(self, status: CheckStatus, *, least: float = 4, most: float = 40) -> None:
        """Let somebody enter a code."""
        self._after(least, most)
        self.authentication.check_count += 1
        self._happen(Event.Type.CHECK, status)
        if status is CheckStatus.VALID:
            self.authentication.status = Authentication.Status.VALIDATED
            self.authentication.validated_at = self.now

    def end(self, now: datetime) -> None:
        """Close it if its time is over, and sum its events up."""
        if self.authentication.is_live(self.authentication.created_at) and self.authentication.expires_at <= now:
            self.authentication.status = Authentication.Status.EXPIRED
        for name, value in summarize(self.events).items():
            setattr(self.authentication, name, value)

    def _happen(self, kind: Event.Type, status: str, **about: Any) -> None:
        event = Event(authentication=self.authentication, type=kind, status=status, occurred_at=self.now, **about)
        self.events.append(event)

    def _after(self, least: float, most: float) -> None:
        """Let time pass: seldom much, mostly little."""
        self.now += timedelta(seconds=round(self.chance.triangular(least, most, least + (most - least) / 5), 3))

    def _channel(self) -> Channel:
        if self.chance.random() >= self.person.place.apps:
            return Channel.TEXT
        return self.chance.choices((Channel.WHATSAPP, Channel.RCS, Channel.VIBER), weights=(70, 25, 5))[0]

    def _price(self, channel: Channel) -> dict[str, str]:
        place = self.person.place
        share = Decimal(1) if channel is Channel.TEXT else Decimal("0.6")
        return {"amount": str(round(Decimal(place.price) * share, 4)), "currency": place.currency}

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)


# What may become of a code that goes out. Each is a story for an evening on its own; most are short.


def entered(story: Story) -> None:
    """All goes well."""
    story.deliver()
    story.check(CheckStatus.VALID)


def mistyped(story: Story) -> None:
    """The first try is wrong."""
    story.deliver()
    story.check(CheckStatus.INVALID)
    story.check(CheckStatus.VALID, least=3, most=20)


def helped_by_retry(story: Story) -> None:
    """The first message is lost; the second comes another way."""
    story.message(Channel.TEXT)
    story.report(DeliveryStatus.UNDELIVERABLE, least=5, most=25)
    story.retry(Channel.WHATSAPP)
    story.check(CheckStatus.VALID)


def impatient(story: Story) -> None:
    """The second message was not needed."""
    story.deliver()
    story.retry()
    story.check(CheckStatus.VALID)


def checked_in_trouble(story: Story) -> None:
    """The provider doesn't answer the first check."""
    story.deliver()
    story.authentication.check_count += 1
    story.error("timeout", "check", after=10)
    story.check(CheckStatus.VALID, least=5, most=30)


ENTERED = {entered: 80, mistyped: 9, helped_by_retry: 5, impatient: 5, checked_in_trouble: 1}


def left(story: Story) -> None:
    """The code arrives and is never entered."""
    story.deliver()


def undeliverable(story: Story) -> None:
    """The phone is off, or the number is not in use."""
    story.message(Channel.TEXT)
    story.report(DeliveryStatus.UNDELIVERABLE, least=5, most=60)


def lost(story: Story) -> None:
    """Nobody knows whether it arrived."""
    story.message(Channel.TEXT)
    story.report(DeliveryStatus.IN_TRANSIT)


def guessed(story: Story) -> None:
    """All tries are spent."""
    story.deliver()
    for _ in range(_CHECKS):
        story.check(CheckStatus.INVALID, least=2, most=12)


def too_late(story: Story) -> None:
    """The code is entered when it is over."""
    story.deliver()
    story.check(CheckStatus.EXPIRED_AUTH, least=540, most=590)


def denied(story: Story) -> None:
    """Another message is asked for, and refused."""
    story.message()
    story.report(DeliveryStatus.IN_TRANSIT)
    story.deny()


LEFT = {left: 52, undeliverable: 22, lost: 10, guessed: 5, too_late: 4, denied: 3}

#: What keeps a code from going out, and out of a thousand requests how many.
FAILURES = {
    "invalid_line": 9,
    "blocked_number": 4,
    "unsupported_region": 3,
    "timeout": 3,
    "connection_failed": 2,
    "internal_server_error": 2,
    "spending_limit_exceeded": 1,
    "answer_lost": 1,
}
REFUSALS = {SendStatus.SPAM_DETECTED: 12, SendStatus.RATE_LIMITED: 10}


def tell(story: Story) -> None:
    """Let something become of it, by chance and as good as is usual at its place."""
    fate = story.chance.random() * 1000
    if fate < sum(FAILURES.values()):
        story.fail(_one_of(FAILURES, story.chance))
    elif fate < sum(FAILURES.values()) + sum(REFUSALS.values()):
        story.refuse(_one_of(REFUSALS, story.chance))
    else:
        story.open()
        is_entered = story.chance.random() < story.person.place.entered
        going: Callable[[Story], None] = _one_of(ENTERED if is_entered else LEFT, story.chance)
        going(story)


def _one_of(weighted: dict[Any, int], chance: Random) -> Any:
    return chance.choices(list(weighted), weights=list(weighted.values()))[0]
