"""Outcomes on purpose: special numbers that always have one, and scripts for the next calls.

Outcomes are written in version 1's words where it has them; ``translation`` has version 2's. The documentation shows
the table of this module.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import ERRORS, UNDOCUMENTED, V2_ERRORS
from .lookup import LINE_TYPES, V2_LINE_TYPES
from .translation import V2_ANSWERS, to_v2

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

#: The outcomes that each operation can have in version 1, besides errors and faults. The last three are version 2's.
ANSWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "send": ("pending", "rate_limited", "spam_detected"),
        "check": _CHECK,
        "retry": _RETRY,
        "feedback": (),
        "status": (),
        "lookup": LINE_TYPES,
        "predict": (),
        "event": (),
        "manage": (),
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
        answers = (*ANSWERS[operation], *V2_ANSWERS.get(operation, ()))
        # Some words are those of both versions.
        known = tuple(dict.fromkeys((NORMAL, *answers, *FAULTS, *ERRORS, *V2_ERRORS, UNDOCUMENTED)))
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

    ``description`` says it of version 1 and ``v2`` of version 2. ``v2_outcomes`` are those of version 2 which are not
    the translation of version 1's. ``delivery`` is the last state that a message to it reaches, ``channel`` its channel
    when not the usual one.
    """

    phone_number: str
    description: str
    v2: str
    outcomes: Mapping[str, str] = field(default_factory=dict)
    v2_outcomes: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    delivery: str = "delivered"
    retry_is_far: bool = False
    temporary: bool = False
    ported: bool = False

    def outcome(self, operation: str, api: str = "v1") -> str:
        """Return the outcome of an operation on this number, in the words of a version of the API."""
        outcome = self.outcomes.get(operation, NORMAL)
        if api == "v1":
            return outcome
        return self.v2_outcomes.get(operation) or to_v2(operation, outcome)


_ORDINARY = SpecialNumber(phone_number="", description="", v2="")

# +1 202 555 0100 to 0199 are reserved for fiction, so no message to them can reach a real phone.
_BASE = 12025550100

#: What a version does with numbers that are special in the other version only.
AS_USUAL = "As usual"


def special_number(phone_number: str) -> SpecialNumber:
    """Return what is special about a number; an ordinary one behaves normally."""
    return SPECIAL_NUMBERS.get(phone_number, _ORDINARY)


def _number(last_digits: int, description: str, v2: str = "", **attributes: object) -> SpecialNumber:
    """Return a special number, which does the same in both versions unless ``v2`` says what it does in version 2."""
    number = f"+{_BASE + last_digits}"
    return SpecialNumber(phone_number=number, description=description, v2=v2 or description, **attributes)  # type: ignore[arg-type]


def _blocked(reason: str) -> str:
    return f"Sending is `blocked` as `{reason}`"


def _sending() -> Iterator[SpecialNumber]:
    yield _number(10, "Sending is `rate_limited`", _blocked("repeated_attempts"), outcomes={"send": "rate_limited"})
    yield _number(
        11,
        "Sending is refused as `spam_detected`",
        f"{_blocked('suspicious')}, and predict is `suspicious`",
        outcomes={"send": "spam_detected"},
        v2_outcomes={"predict": "suspicious"},
    )
    errors = {
        "blocked_number": _blocked("in_block_list"),
        "invalid_line": _blocked("invalid_phone_line"),
        "unsupported_region": "Sending fails with `unsupported_country`",
    }
    for last_digits, (code, v2) in enumerate(errors.items(), start=12):
        yield _number(last_digits, f"Sending fails with `{code}`", v2, outcomes={"send": code})
    yield _number(
        15,
        "Sending fails with `invalid_phone_number`",
        _blocked("invalid_phone_number"),
        outcomes={"send": "invalid_phone_number"},
        v2_outcomes={"send": "blocked/invalid_phone_number"},
    )


def _account() -> Iterator[SpecialNumber]:
    codes = {
        "negative_balance": "insufficient_balance",
        "suspended_account": "suspended_account",
        "spending_limit_exceeded": "spending_limit_exceeded",
        "account_invalid": "invalid_api_key",
    }
    for last_digits, (code, v2) in enumerate(codes.items(), start=16):
        texts = (f"Sending and lookup fail with `{error}`" for error in (code, v2))
        yield _number(last_digits, *texts, outcomes={"send": code, "lookup": code})


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
    yield _number(34, "`next_retry_at` is far away (`far_retry_seconds`)", AS_USUAL, retry_is_far=True)
    yield _number(35, "A retry is `denied`", "A retry is `blocked` as `suspicious`", outcomes={"retry": "denied"})
    statuses = {
        "without_attempt": "A check answers `expired_or_not_found`",
        "rate_limited": "A check fails with `too_many_checks`",
        "expired_auth": "A check answers `expired_or_not_found`",
        "unknown": "A check answers `unknown`, which no documentation has",
    }
    for last_digits, (status, v2) in enumerate(statuses.items(), start=36):
        yield _number(last_digits, f"A check answers `{status}`", v2, outcomes={"check": status})


def _lookups() -> Iterator[SpecialNumber]:
    for last_digits, (line_type, v2) in enumerate(V2_LINE_TYPES.items(), start=40):
        texts = (f"Lookup says `{word}`" for word in (line_type, v2))
        yield _number(last_digits, *texts, outcomes={"lookup": line_type})
    yield _number(59, "Lookup says it is a temporary number", temporary=True)
    yield _number(60, "Lookup says it was ported", ported=True)


def _checks_and_retries() -> Iterator[SpecialNumber]:
    yield _number(
        61,
        "A check answers `already_validated`",
        "A check answers `expired_or_not_found`",
        outcomes={"check": "already_validated"},
    )
    yield _number(62, "A check fails with `impossible_code`", outcomes={"check": "impossible_code"})
    yield _number(63, "A check answers HTTP 500 and is not counted", outcomes={"check": "server_error"})
    yield _number(64, "A check is counted, then the connection is dropped", outcomes={"check": "dropped"})
    statuses = {
        "no_attempt": AS_USUAL,
        "rate_limited": "A retry fails with `too_many_attempts`",
        "expired_auth": "A retry opens a new window",
        "already_validated": "A retry opens a new window",
    }
    for last_digits, (status, v2) in enumerate(statuses.items(), start=65):
        yield _number(last_digits, f"A retry answers `{status}`", v2, outcomes={"retry": status})
    yield _number(69, "A retry answers HTTP 500 and sends nothing", outcomes={"retry": "server_error"})
    yield _number(70, "A retry sends, then the connection is dropped", outcomes={"retry": "dropped"})


def _feedback() -> Iterator[SpecialNumber]:
    codes = {
        "no_associated_auth_found": "invalid_request",
        "duplicated_feedback_status": "invalid_request",
        "internal_server_error": "internal",
    }
    for last_digits, (code, v2) in enumerate(codes.items(), start=71):
        texts = (f"Feedback fails with `{error}`" for error in (code, v2))
        yield _number(last_digits, *texts, outcomes={"feedback": code})


def _of_version_2() -> Iterator[SpecialNumber]:
    sends = {
        "blocked/invalid_signature": _blocked("invalid_signature"),
        "blocked/expired_signature": _blocked("expired_signature"),
        "challenged": "Sending is `challenged`",
        "shadow_blocked/suspicious": "Sending is `shadow_blocked` as `suspicious`",
        "silent": "The first attempt is `silent`, unless a message or a call is requested",
    }
    for last_digits, (outcome, v2) in enumerate(sends.items(), start=74):
        yield _number(last_digits, AS_USUAL, v2, v2_outcomes={"send": outcome})
    yield _number(79, AS_USUAL, "The code is spoken in a `voice` call", channel="voice")
    for last_digits, status in enumerate(("transaction_missing", "transaction_mismatch"), start=80):
        yield _number(last_digits, AS_USUAL, f"A check answers `{status}`", v2_outcomes={"check": status})
    codes = ("too_many_attempts", "invalid_line_type", "channel_not_enabled_in_region", "template_not_found")
    for last_digits, code in enumerate((*codes, "invalid_bearer_token", UNDOCUMENTED), start=82):
        yield _number(last_digits, AS_USUAL, f"Sending fails with `{code}`", v2_outcomes={"send": code})
    faults = {"server_error": "HTTP 500", "too_many_requests": "HTTP 429"}
    for last_digits, (fault, answer) in enumerate(faults.items(), start=88):
        outcomes = dict.fromkeys(("status", "feedback", "predict", "event"), fault)
        yield _number(last_digits, AS_USUAL, f"History and Watch answer {answer}", v2_outcomes=outcomes)


_GROUPS = (
    _sending,
    _account,
    _delivery,
    _faults,
    _later_calls,
    _lookups,
    _checks_and_retries,
    _feedback,
    _of_version_2,
)

#: Special numbers by E.164 number.
SPECIAL_NUMBERS: Mapping[str, SpecialNumber] = MappingProxyType(
    {special.phone_number: special for group in _GROUPS for special in group()}
)
