"""Version 2's verifications: requests, state and responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from .memory import SimAuthentication, SimSendRequest

#: The template whose codes are for one payment only.
PSD2_TEMPLATE = "prelude:psd2"

#: What version 2 says besides a reason, where it does.
RISK_FACTORS: Mapping[str, tuple[str, ...]] = {
    "expired_signature": ("expired_signals",),
    "invalid_signature": ("invalid_signature",),
    "repeated_attempts": ("repeated_attempts",),
    "suspicious": ("ip_reputation", "number_range_abuse"),
}


@dataclass(frozen=True, kw_only=True)
class SimVerificationRequest(SimSendRequest):
    """A validated request to create or retry a verification."""

    dispatch_id: str | None = None
    code_size: int | None = None
    custom_code: str | None = field(default=None, repr=False)
    method: str = "auto"
    preferred_channel: str | None = None
    channels: tuple[str, ...] = ()
    force_challenge: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_psd2(self) -> bool:
        return self.template_id == PSD2_TEMPLATE


@dataclass(kw_only=True, eq=False)
class SimVerification(SimAuthentication):
    """A verification and its window, or a refused one, which has no attempts."""

    api: ClassVar[str] = "v2"

    request: SimVerificationRequest
    status: str
    reason: str | None = None
    #: The channels of its attempts, in turn.
    plan: tuple[str, ...] = ()
    condition: str | None = None
    #: Whether a limit ended the window early.
    ended: bool = False
    #: How many attempts have lost their code to another payment.
    voided: int = 0

    @property
    def codes(self) -> tuple[str, ...]:
        return super().codes[self.voided :]

    def is_running(self, now: datetime) -> bool:
        """Return whether the window is open: a further create is a retry."""
        return super().is_running(now) and not self.ended


@dataclass(frozen=True, kw_only=True)
class SimVerificationResult:
    """The answer to a create."""

    id: str
    status: str
    method: str = "message"
    channels: tuple[str, ...] = ()
    reason: str | None = None
    correlation_id: str | None = None
    #: Opens the page of a silent attempt.
    silent_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class SimCheckResult:
    """The answer to a check of version 2."""

    status: str
    id: str | None = None
    correlation_id: str | None = None
