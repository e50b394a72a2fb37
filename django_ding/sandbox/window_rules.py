"""Version 2's decisions: what a create and a check come to, and by which channel a code goes. Pure functions."""

from collections.abc import Mapping
from datetime import datetime

from .options import Options
from .windows import SimVerification, SimVerificationRequest

_ANTIFRAUD = ("blocked/suspicious", "blocked/repeated_attempts")
_UNCHALLENGED = ("sms", "voice")
#: What the history says of a verification.
HISTORY_STATUSES = (
    "converted",
    "not_converted",
    "pending_check",
    "sent",
    "challenged",
    "suspected_fraud",
    "in_blocklist",
    "invalid_line",
    "invalid_number",
    "rate_limited",
    "expired_signals",
    "shadowed",
)

_BLOCKED_STATUSES = {
    "suspicious": "suspected_fraud",
    "invalid_signature": "suspected_fraud",
    "in_block_list": "in_blocklist",
    "invalid_phone_line": "invalid_line",
    "invalid_phone_number": "invalid_number",
    "repeated_attempts": "rate_limited",
    "expired_signature": "expired_signals",
}
_OPEN_STATUSES = {"challenged": "challenged", "shadow_blocked": "shadowed"}

_PSD2_FIELDS = ("amount", "currency", "recipient")


def create_outcome(outcome: str, condition: str | None) -> str:
    """Return the outcome of a create with what the account's lists say of the number."""
    if outcome == "normal" and condition == "block_listed":
        return "blocked/in_block_list"
    if outcome in _ANTIFRAUD and condition == "allow_listed":
        return "normal"
    return outcome


def check_status(window: SimVerification | None, code: str, psd2: Mapping[str, str] | None, options: Options) -> str:
    """Return the status of a check that the window has left."""
    if window is None:
        return "expired_or_not_found"
    if window.request.is_psd2 and psd2 is None:
        return "transaction_missing"
    codes = window.codes if options.earlier_codes_valid else window.codes[-1:]
    if code not in codes:
        return "failure"
    if window.request.is_psd2 and not _is_same_payment(window.request.variables, psd2 or {}):
        return "transaction_mismatch"
    return "success"


def planned(verification: SimVerification) -> tuple[str, ...]:
    """Return the channels of the attempts, in turn. A challenge leaves out those that fraud is made with."""
    if verification.status != "challenged":
        return verification.plan
    # WhatsApp is the fallback where no channel would be left.
    return tuple(channel for channel in verification.plan if channel not in _UNCHALLENGED) or ("whatsapp",)


def channel(verification: SimVerification) -> str:
    """Return the channel of the next attempt: the requested one, or else the next one of the plan."""
    request, is_challenged = verification.request, verification.status == "challenged"
    asked = "voice" if request.method == "voice" else request.preferred_channel
    if asked and not (is_challenged and asked in _UNCHALLENGED):
        return asked
    channels = planned(verification)
    sent = [attempt for attempt in verification.attempts if attempt.channel != "silent"]
    return channels[len(sent) % len(channels)]


def may_be_silent(request: SimVerificationRequest, options: Options) -> bool:
    """Return whether a first attempt is silent: the device has sent its signals and no message was requested."""
    return options.silent and request.dispatch_id is not None and request.method == "auto"


def history_status(verification: SimVerification, now: datetime) -> str:
    """Return the status of a verification in the history's words."""
    if verification.status == "blocked":
        return _BLOCKED_STATUSES[verification.reason or "suspicious"]
    if verification.validated:
        return "converted"
    if not verification.is_running(now):
        return "not_converted"
    if verification.status in _OPEN_STATUSES:
        return _OPEN_STATUSES[verification.status]
    delivered = any(attempt.delivery_status(now) == "delivered" for attempt in verification.attempts)
    return "pending_check" if delivered else "sent"


def _is_same_payment(issued: Mapping[str, str], entered: Mapping[str, str]) -> bool:
    return all(issued.get(name) == entered.get(name) for name in _PSD2_FIELDS)
