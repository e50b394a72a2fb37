"""The words for what may happen to a call: the vocabulary of special numbers and of scripts."""

from collections import deque
from collections.abc import Mapping
from types import MappingProxyType

from .errors import ERRORS

#: The call goes its ordinary way.
NORMAL = "normal"

#: What the wire does instead of carrying an ordinary answer.
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

#: Lookup's words for a kind of line.
LINE_TYPES = (
    "CallingCards",
    "FixedLine",
    "InternetServiceProvider",
    "LocalRate",
    "Mobile",
    "Other",
    "Pager",
    "PayPhone",
    "PremiumRate",
    "Satellite",
    "Service",
    "SharedCost",
    "ShortCodesCommercial",
    "TollFree",
    "UniversalAccess",
    "Unknown",
    "VPN",
    "VoiceMail",
    "Voip",
)

#: The answers each operation can be made to give, besides errors and faults.
ANSWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "send": ("pending", "rate_limited", "spam_detected"),
        "check": (
            "valid",
            "invalid",
            "without_attempt",
            "rate_limited",
            "already_validated",
            "expired_auth",
            "unknown",
        ),
        "retry": ("approved", "denied", "no_attempt", "rate_limited", "expired_auth", "already_validated"),
        "feedback": (),
        "status": (),
        "lookup": LINE_TYPES,
    }
)


class Scripts:
    """Outcomes waiting for the next calls of each operation, in order. Not thread-safe by itself."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[str]] = {operation: deque() for operation in ANSWERS}

    def add(self, operation: str, outcomes: tuple[str, ...]) -> None:
        if operation not in ANSWERS:
            raise ValueError(f"Unknown operation {operation!r}. Known: {', '.join(ANSWERS)}.")
        known = (NORMAL, *ANSWERS[operation], *FAULTS, *ERRORS)
        for outcome in outcomes:
            if outcome not in known:
                raise ValueError(f"Unknown outcome {outcome!r} of {operation}. Known: {', '.join(known)}.")
        self._waiting[operation].extend(outcomes)

    def next(self, operation: str) -> str:
        waiting = self._waiting[operation]
        return waiting.popleft() if waiting else NORMAL
