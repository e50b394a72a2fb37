"""What support sees rarely: each summary of a verification once, and a guesser who is locked out."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django_ding.backends.types import Channel, CheckStatus, DeliveryStatus, SendStatus
from django_ding.models import Authentication
from example.demo_data import timelines
from example.demo_data.people import Person
from example.demo_data.timelines import Timeline

#: A number that a guesser tried codes for, and how often: 75 wrong codes in a row lock a number out, 50 a user.
GUESSED = "+447700900999"
GUESSES = {"phone": 15, "user": 10}

#: What keeps codes from being sent, beside what happens on ordinary days.
_ERRORS = (
    "suspended_account",
    "negative_balance",
    "account_invalid",
    "unauthorized",
    "bad_request",
    "invalid_template_id",
    "unauthorized_sender_id",
    "invalid_app_realm",
    "invalid_phone_number",
    "tls_error",
    "connection_lost",
    "not_json",
    "too_busy",
    "counters_unavailable",
    "undocumented_error",
)

_Start = Callable[[Person, datetime, str | None], Timeline]


def summaries(start: Callable[[datetime], Timeline], now: datetime) -> Iterator[Timeline]:
    """Yield a timeline for each summary that the page of a verification can have, of the last two days."""
    times = (now - timedelta(hours=2 * hours) for hours in range(1, 25))
    for code, at in zip(_ERRORS, times, strict=False):
        timeline = start(at)
        timeline.fail(code)
        yield timeline
    for build, minutes in _SUMMARIES:
        timeline = start(now - timedelta(minutes=minutes))
        build(timeline)
        yield timeline


def guesses(start: _Start, stranger: Person, user: Person, now: datetime) -> Iterator[Timeline]:
    """Yield what led to two lockouts this night: of a number, by somebody who logs in with it, and of a user."""
    purposes = Authentication.Purpose
    cases: Sequence[tuple[Person, str, int]] = (
        (stranger, purposes.LOGIN, GUESSES["phone"]),
        (user, purposes.SECOND_FACTOR, GUESSES["user"]),
    )
    for person, purpose, count in cases:
        for index in range(count):
            timeline = start(person, now - timedelta(hours=7, minutes=-12 * index), purpose)
            timeline.open()
            timelines.exhausted(timeline)
            yield timeline


# The summaries of verifications that are not errors, each with the minutes since its request.


def _requested(timeline: Timeline) -> None:
    """The provider has not answered yet, or never will."""


def _rate_limited(timeline: Timeline) -> None:
    timeline.reject(SendStatus.RATE_LIMITED)


def _spam(timeline: Timeline) -> None:
    timeline.reject(SendStatus.SPAM_DETECTED)


def _without_report(timeline: Timeline) -> None:
    timeline.open()
    timeline.message(Channel.SMS)


def _in_transit(timeline: Timeline) -> None:
    timeline.open()
    timelines.unreported(timeline)


def _undelivered(timeline: Timeline) -> None:
    timeline.open()
    timelines.undeliverable(timeline)


def _delivered(timeline: Timeline) -> None:
    timeline.open()
    timeline.deliver(Channel.SMS)


def _one_mistake(timeline: Timeline) -> None:
    _delivered(timeline)
    timeline.check(CheckStatus.INVALID)


def _many_mistakes(timeline: Timeline) -> None:
    timeline.open()
    timelines.exhausted(timeline)


def _called(timeline: Timeline) -> None:
    timeline.open()
    timeline.deliver(Channel.VOICE)


def _delivered_late(timeline: Timeline) -> None:
    timeline.open()
    timeline.message(Channel.SMS)
    timeline.report(DeliveryStatus.DELIVERED, least=240, most=300)
    timeline.check(CheckStatus.VALID)


_SUMMARIES: tuple[tuple[Callable[[Timeline], None], float], ...] = (
    (_requested, 0.2),
    (_requested, 95),
    (_rate_limited, 70),
    (_spam, 80),
    (_without_report, 6),
    (_in_transit, 5),
    (_delivered, 3),
    (_one_mistake, 4),
    (_undelivered, 100),
    (_many_mistakes, 110),
    (_called, 120),
    (_delivered_late, 130),
)
