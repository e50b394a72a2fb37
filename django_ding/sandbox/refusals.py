"""Requests for a message that were answered without one, as the inbox shows them. No ``repr`` holds a full number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django_ding import phone

#: Characters kept of a number that is none: what a client sends may have any length.
MAX_NUMBER = 32

#: The statuses of answers to a send or a retry that sent a message.
_SENT = ("pending", "approved", "success", "retry", "challenged", "shadow_blocked")

#: What the other statuses and the reasons of ``blocked`` mean. Errors bring a sentence along.
_REASONS = {
    "rate_limited": "It is too early for another message, or there were too many.",
    "spam_detected": "The antifraud system flagged the request.",
    "denied": "The provider declined to send another message.",
    "no_attempt": "No message was sent before, so there is nothing to retry.",
    "expired_auth": "The authentication has expired.",
    "already_validated": "The code has already been entered.",
    "suspicious": "The antifraud system flagged the request.",
    "repeated_attempts": "There were too many requests for this number.",
    "in_block_list": "The number is on the account's block list.",
    "invalid_phone_line": "This type of line can't receive a code.",
    "invalid_phone_number": "The phone number is not valid.",
    "invalid_signature": "The signals' signature is not valid.",
    "expired_signature": "The signals' signature has expired.",
}
DROPPED = "The connection was dropped before anything was sent."


@dataclass(frozen=True, kw_only=True, repr=False)
class SimRefusal:
    """A send or a retry without a message.

    :ivar phone_number: as the request has it, perhaps no valid one; empty when it has none.
    :ivar http_status: that of the answer; ``None`` without one.
    :ivar code: the API's own word: a status, with its reason where it has one, or an error code.
    """

    id: str
    api: str
    operation: str
    phone_number: str
    http_status: int | None
    code: str
    reason: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"<SimRefusal to {phone.mask(self.phone_number)} by {self.api}: {self.code}>"


def explain_refusal(answer: Mapping[str, object], http_status: int) -> tuple[str, str] | None:
    """Return the code and the reason of an answer that sent no message, ``None`` for one that sent it."""
    if http_status in (401, 403) and "code" not in answer:
        return "", "The API key is missing or wrong."
    if http_status >= 400:
        return str(answer.get("code", "")), str(answer.get("message", ""))
    status, reason = str(answer.get("status", "")), str(answer.get("reason", ""))
    if status in _SENT:
        return None
    return "/".join(filter(None, (status, reason))), _REASONS.get(reason or status, "")
