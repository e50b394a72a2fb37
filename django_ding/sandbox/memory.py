"""What the simulator remembers. Codes and full numbers stay out of every ``repr``."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from django_ding import phone

#: Refused sends and checks kept per authentication, so that a client in a loop cannot fill the memory.
REMEMBERED_REFUSALS = 100


@dataclass(frozen=True, kw_only=True)
class SendRequest:
    """What a client asked to send, already validated."""

    phone_number: str = field(repr=False)
    callback_url: str | None = field(default=None, repr=False)
    correlation_id: str | None = None
    template_id: str | None = None
    sender_id: str | None = None
    locale: str | None = None
    signals: Mapping[str, str | bool] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A delivery state and when it is reached."""

    status: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A message sent. Its reports are known from the start; those in the future have not happened yet."""

    id: str
    attempt_number: int
    code: str = field(repr=False)
    content: str = field(repr=False)
    channel: str
    sender_id: str
    created_at: datetime
    reports: tuple[Report, ...]

    def reports_until(self, now: datetime) -> list[Report]:
        return [report for report in self.reports if report.at <= now]

    def delivery(self, now: datetime) -> str:
        """Return the delivery state at a moment; ``unknown`` before the first report."""
        reports = self.reports_until(now)
        return reports[-1].status if reports else "unknown"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A further message that was not sent because of a limit."""

    id: str
    attempt_number: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Check:
    """A code entered."""

    id: str
    code: str = field(repr=False)
    status: str
    created_at: datetime


@dataclass(kw_only=True, eq=False)
class Authentication:
    """A request to prove control of a number."""

    uuid: str
    request: SendRequest
    created_at: datetime
    expires_at: datetime
    attempts: list[Attempt] = field(default_factory=list)
    refusals: deque[Refusal] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REFUSALS))
    checks: deque[Check] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REFUSALS))
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
        """Tell whether a further send belongs to this authentication."""
        return bool(self.attempts) and not self.validated and not self.is_expired(now)

    def snapshot(self) -> "Authentication":
        """Return a copy that later calls don't change."""
        return replace(
            self,
            attempts=self.attempts.copy(),
            refusals=self.refusals.copy(),
            checks=self.checks.copy(),
            feedback=self.feedback.copy(),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Message:
    """A message as the inbox shows it; ``status`` is its delivery state now."""

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


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The answer to a send."""

    authentication_uuid: str
    status: str
    created_at: datetime
    expires_at: datetime
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Retried:
    """The answer to a retry."""

    status: str
    created_at: datetime
    next_retry_at: datetime | None
    remaining_retry: int
