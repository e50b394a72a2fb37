"""What the simulator remembers: bounded, the oldest forgotten first. No ``repr`` holds a code or a full number."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from django_ding import phone

from .refusals import SimRefusal

#: Refused messages and checks kept per authentication, so that a client in a loop cannot fill the memory.
MAX_REMEMBERED = 100
#: Characters kept of a code that was entered. No code is that long.
MAX_ENTERED = 64


@dataclass(frozen=True, kw_only=True)
class SimSendRequest:
    """A validated request to send a code."""

    phone_number: str = field(repr=False)
    callback_url: str | None = field(default=None, repr=False)
    correlation_id: str | None = None
    template_id: str | None = None
    sender_id: str | None = None
    locale: str | None = None
    signals: Mapping[str, str | bool] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """A delivery state and when it is reached."""

    status: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SimAttempt:
    """A message sent.

    Its reports are computed when it is sent, the future ones too, so that delivery needs no timer: only the clock
    decides which of them have happened.
    """

    id: str
    attempt_number: int
    code: str = field(repr=False)
    content: str = field(repr=False)
    channel: str
    sender_id: str
    created_at: datetime
    reports: tuple[DeliveryReport, ...]

    def reports_until(self, now: datetime) -> list[DeliveryReport]:
        """Return the reports that have arrived by now."""
        return [report for report in self.reports if report.at <= now]

    def delivery_status(self, now: datetime) -> str:
        """Return the delivery state at a moment; ``unknown`` before the first report."""
        reports = self.reports_until(now)
        return reports[-1].status if reports else "unknown"


@dataclass(frozen=True, kw_only=True)
class LimitedAttempt:
    """A further message that was not sent because of a limit."""

    id: str
    attempt_number: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class SimCheck:
    """A code entered, as far as it may be one."""

    id: str
    code: str = field(repr=False)
    status: str
    created_at: datetime


@dataclass(kw_only=True, eq=False)
class SimAuthentication:
    """A request to prove control of a number."""

    #: The version of the API that it belongs to. Each has authentications of its own.
    api: ClassVar[str] = "v1"

    uuid: str
    request: SimSendRequest
    created_at: datetime
    expires_at: datetime
    attempts: list[SimAttempt] = field(default_factory=list)
    limited: deque[LimitedAttempt] = field(default_factory=lambda: deque(maxlen=MAX_REMEMBERED))
    checks: deque[SimCheck] = field(default_factory=lambda: deque(maxlen=MAX_REMEMBERED))
    feedback: set[str] = field(default_factory=set)
    check_count: int = 0
    next_retry_at: datetime | None = None
    validated: bool = False

    @property
    def phone_number(self) -> str:
        return self.request.phone_number

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(attempt.code for attempt in self.attempts)

    def is_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def is_running(self, now: datetime) -> bool:
        """Return whether a further send belongs to this authentication."""
        return bool(self.attempts) and not self.validated and not self.is_expired(now)

    def copy(self) -> "SimAuthentication":
        """Return a copy that later calls don't change."""
        return replace(
            self,
            attempts=self.attempts.copy(),
            limited=self.limited.copy(),
            checks=self.checks.copy(),
            feedback=self.feedback.copy(),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Message:
    """A message as the inbox shows it; ``status`` is its current delivery state."""

    phone_number: str
    code: str
    content: str
    channel: str
    attempt_number: int
    created_at: datetime
    status: str
    authentication_uuid: str
    id: str

    def __repr__(self) -> str:
        return f"<Message to {phone.mask(self.phone_number)} by {self.channel}: {self.status}>"


def as_message(authentication: SimAuthentication, attempt: SimAttempt, now: datetime) -> Message:
    """Return an attempt as the inbox shows it at a moment."""
    return Message(
        id=attempt.id,
        phone_number=authentication.phone_number,
        code=attempt.code,
        content=attempt.content,
        channel=attempt.channel,
        attempt_number=attempt.attempt_number,
        created_at=attempt.created_at,
        status=attempt.delivery_status(now),
        authentication_uuid=authentication.uuid,
    )


@dataclass(frozen=True, kw_only=True)
class SimSendResult:
    """The answer to a send."""

    authentication_uuid: str
    status: str
    created_at: datetime
    expires_at: datetime
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class SimRetryResult:
    """The answer to a retry."""

    status: str
    created_at: datetime
    next_retry_at: datetime | None
    remaining_retry: int


class Memory:
    """Authentications by UUID and by number, messages sent and requests refused. Not thread-safe by itself."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_uuid: dict[str, SimAuthentication] = {}
        self._latest: dict[tuple[str, str], SimAuthentication] = {}
        self._messages: deque[tuple[SimAuthentication, SimAttempt]] = deque(maxlen=limit)
        self._refusals: deque[SimRefusal] = deque(maxlen=limit)

    def __len__(self) -> int:
        return len(self._by_uuid)

    def __iter__(self) -> Iterator[SimAuthentication]:
        """Yield the authentications, newest first."""
        return reversed(self._by_uuid.values())

    def add(self, authentication: SimAuthentication) -> None:
        """Remember an authentication and, when there are too many, forget the oldest."""
        self._by_uuid[authentication.uuid] = authentication
        self._latest[_key(authentication)] = authentication
        if len(self._by_uuid) > self._limit:
            # A dict keeps the order of insertion, so its first key is the oldest.
            oldest = self._by_uuid.pop(next(iter(self._by_uuid)))
            if self._latest[_key(oldest)] is oldest:
                del self._latest[_key(oldest)]

    def add_message(self, authentication: SimAuthentication, attempt: SimAttempt) -> None:
        """Remember a message, with its authentication even when that one is forgotten first."""
        authentication.attempts.append(attempt)
        self._messages.append((authentication, attempt))

    def add_refusal(self, refusal: SimRefusal) -> None:
        """Remember a request that was answered without a message."""
        self._refusals.append(refusal)

    def clear_inbox(self) -> None:
        """Forget what the inbox shows. Authentications stay, with the codes that were sent."""
        self._messages.clear()
        self._refusals.clear()

    def get(self, uuid: str) -> SimAuthentication | None:
        return self._by_uuid.get(uuid)

    def latest(self, phone_number: str, *, api: str = "v1") -> SimAuthentication | None:
        """Return the newest authentication of a number in a version of the API."""
        return self._latest.get((api, phone_number))

    def messages(self) -> Iterator[tuple[SimAuthentication, SimAttempt]]:
        """Yield the messages, newest first."""
        return reversed(self._messages)

    def refusals(self) -> Iterator[SimRefusal]:
        """Yield the requests that were answered without a message, newest first."""
        return reversed(self._refusals)


def _key(authentication: SimAuthentication) -> tuple[str, str]:
    return authentication.api, authentication.phone_number
