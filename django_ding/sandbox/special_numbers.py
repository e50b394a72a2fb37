"""Outcomes on purpose: special numbers that always have one, and scripts for the next calls.

The documentation shows the table of this module.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import ERRORS
from .lookup import LINE_TYPES

#: The call has its ordinary outcome.
NORMAL = "normal"

#: What the server does instead of sending an ordinary response.
FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "slow": "executed, answered late",
        "dropped": "executed, then the connection closes without an answer",
        "dropped_before": "the connection closes and nothing is executed",
        "garbage": "executed, answered with a body that is not JSON",
        "server_error": "HTTP 500, nothing is executed",
        "too_many_requests": "HTTP 429 with Retry-After, nothing is executed",
    }
)

_CHECK = ("valid", "invalid", "without_attempt", "rate_limited", "already_validated", "expired_auth", "unknown")
_RETRY = ("approved", "denied", "no_attempt", "rate_limited", "expired_auth", "already_validated")

#: The outcomes that each operation can have besides errors and faults.
ANSWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "send": ("pending", "rate_limited", "spam_detected"),
        "check": _CHECK,
        "retry": _RETRY,
        "feedback": (),
        "status": (),
        "lookup": LINE_TYPES,
    }
)


class Scripts:
    """Outcomes of the next calls of each operation, in order. Not thread-safe by itself."""

    def __init__(self) -> None:
        self._outcomes: dict[str, deque[str]] = {operation: deque() for operation in ANSWERS}

    def add(self, operation: str, outcomes: tuple[str, ...]) -> None:
        """Append outcomes, or none of them when one is unknown."""
        if operation not in ANSWERS:
            raise ValueError(f"Unknown operation {operation!r}. Known: {', '.join(ANSWERS)}.")
        known = (NORMAL, *ANSWERS[operation], *FAULTS, *ERRORS)
        for outcome in outcomes:
            if outcome not in known:
                raise ValueError(f"Unknown outcome {outcome!r} of {operation}. Known: {', '.join(known)}.")
        self._outcomes[operation].extend(outcomes)

    def next(self, operation: str) -> str:
        """Remove and return the outcome of the next call, ``normal`` when there is none."""
        outcomes = self._outcomes[operation]
        return outcomes.popleft() if outcomes else NORMAL


@dataclass(frozen=True, kw_only=True)
class SpecialNumber:
    """A number and what the simulator does with it.

    ``delivery`` is the last state that a message to it reaches, ``channel`` its channel when not the usual one.
    """

    phone_number: str
    description: str
    outcomes: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    delivery: str = "delivered"
    retry_is_far: bool = False
    temporary: bool = False
    ported: bool = False

    def outcome(self, operation: str) -> str:
        """Return the outcome of an operation on this number."""
        return self.outcomes.get(operation, NORMAL)


_ORDINARY = SpecialNumber(phone_number="", description="")

# +1 202 555 0100 to 0199 are reserved for fiction, so no message to one of them could reach anybody.
_BASE = 12025550100


def special_number(phone_number: str) -> SpecialNumber:
    """Return what is special about a number; an ordinary one behaves normally."""
    return SPECIAL_NUMBERS.get(phone_number, _ORDINARY)


def _number(last_digits: int, description: str, **attributes: object) -> SpecialNumber:
    return SpecialNumber(phone_number=f"+{_BASE + last_digits}", description=description, **attributes)  # type: ignore[arg-type]


def _sending() -> Iterator[SpecialNumber]:
    yield _number(10, "Sending is `rate_limited`", outcomes={"send": "rate_limited"})
    yield _number(11, "Sending is refused as `spam_detected`", outcomes={"send": "spam_detected"})
    codes = ("blocked_number", "invalid_line", "unsupported_region", "invalid_phone_number")
    for last_digits, code in enumerate(codes, start=12):
        yield _number(last_digits, f"Sending fails with `{code}`", outcomes={"send": code})
    codes = ("negative_balance", "suspended_account", "spending_limit_exceeded", "account_invalid")
    for last_digits, code in enumerate(codes, start=16):
        yield _number(last_digits, f"Sending and lookup fail with `{code}`", outcomes={"send": code, "lookup": code})


def _delivery() -> Iterator[SpecialNumber]:
    yield _number(20, "The message is `undeliverable`", delivery="undeliverable")
    yield _number(21, "The message stays `in_transit`", delivery="in_transit")
    yield _number(22, "The delivery state ends as `unknown`", delivery="unknown")
    for last_digits, channel in enumerate(("whatsapp", "rcs", "viber", "zalo", "telegram"), start=23):
        yield _number(last_digits, f"The message goes by `{channel}`", channel=channel)


def _faults() -> Iterator[SpecialNumber]:
    descriptions = {
        "slow": "The answer is slow (`slow_seconds`); the message is sent",
        "server_error": "HTTP 500; nothing is sent",
        "too_many_requests": "HTTP 429 with `Retry-After`; nothing is sent",
        "dropped": "The connection is dropped after the message was sent",
        "dropped_before": "The connection is dropped before the message is sent",
        "garbage": "The answer is not JSON; the message is sent",
    }
    for last_digits, (fault, description) in enumerate(descriptions.items(), start=28):
        yield _number(last_digits, description, outcomes={"send": fault, "lookup": fault})


def _later_calls() -> Iterator[SpecialNumber]:
    yield _number(34, "`next_retry_at` is far away (`far_retry_seconds`)", retry_is_far=True)
    yield _number(35, "A retry is `denied`", outcomes={"retry": "denied"})
    statuses = ("without_attempt", "rate_limited", "expired_auth", "unknown")
    for last_digits, status in enumerate(statuses, start=36):
        yield _number(last_digits, f"A check answers `{status}`", outcomes={"check": status})


def _lookups() -> Iterator[SpecialNumber]:
    for last_digits, line_type in enumerate(LINE_TYPES, start=40):
        yield _number(last_digits, f"Lookup says `{line_type}`", outcomes={"lookup": line_type})
    yield _number(59, "Lookup says it is a temporary number", temporary=True)
    yield _number(60, "Lookup says it was ported", ported=True)


def _other_outcomes() -> Iterator[SpecialNumber]:
    yield _number(61, "A check answers `already_validated`", outcomes={"check": "already_validated"})
    yield _number(62, "A check fails with `impossible_code`", outcomes={"check": "impossible_code"})
    yield _number(63, "A check answers HTTP 500 and is not counted", outcomes={"check": "server_error"})
    yield _number(64, "A check is counted, then the connection is dropped", outcomes={"check": "dropped"})
    statuses = ("no_attempt", "rate_limited", "expired_auth", "already_validated")
    for last_digits, status in enumerate(statuses, start=65):
        yield _number(last_digits, f"A retry answers `{status}`", outcomes={"retry": status})
    yield _number(69, "A retry answers HTTP 500 and sends nothing", outcomes={"retry": "server_error"})
    yield _number(70, "A retry sends, then the connection is dropped", outcomes={"retry": "dropped"})
    codes = ("no_associated_auth_found", "duplicated_feedback_status", "internal_server_error")
    for last_digits, code in enumerate(codes, start=71):
        yield _number(last_digits, f"Feedback fails with `{code}`", outcomes={"feedback": code})


#: Special numbers by E.164 number.
SPECIAL_NUMBERS: Mapping[str, SpecialNumber] = MappingProxyType(
    {
        special.phone_number: special
        for group in (_sending, _delivery, _faults, _later_calls, _lookups, _other_outcomes)
        for special in group()
    }
)
