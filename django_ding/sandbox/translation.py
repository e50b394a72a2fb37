"""Outcomes in the words of each version: a special number or a script has one, and both versions answer with it.

An outcome of version 2 may have a reason: ``blocked/suspicious``. The tables are those for moving from version 1 to
version 2, read in both directions.
"""

from collections.abc import Mapping

from .errors import ERRORS, V2_ERRORS
from .lookup import V2_LINE_TYPES

#: Why version 2 blocks.
REASONS = (
    "expired_signature",
    "in_block_list",
    "invalid_phone_line",
    "invalid_phone_number",
    "invalid_signature",
    "repeated_attempts",
    "suspicious",
)

_BLOCKED = tuple(f"{status}/{reason}" for status in ("blocked", "shadow_blocked") for reason in REASONS)
_CREATE = ("success", "retry", "challenged", "silent", "blocked", "shadow_blocked", *_BLOCKED)

#: The outcomes that each operation can have in version 2, besides errors and faults.
V2_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "send": _CREATE,
    "check": ("success", "failure", "expired_or_not_found", "transaction_missing", "transaction_mismatch"),
    "retry": _CREATE,
    "lookup": tuple(V2_LINE_TYPES.values()),
    "predict": ("legitimate", "suspicious"),
}

_SENT = ("success", "retry", "challenged", "silent", "shadow_blocked")
_FRAUD = ("suspicious", "invalid_signature", "expired_signature")

_TO_V1: Mapping[str, Mapping[str, str]] = {
    "send": {
        **dict.fromkeys(_SENT, "pending"),
        **{f"blocked/{reason}": "spam_detected" for reason in _FRAUD},
        "blocked/repeated_attempts": "rate_limited",
        "blocked/in_block_list": "blocked_number",
        "blocked/invalid_phone_line": "invalid_line",
        "blocked/invalid_phone_number": "invalid_phone_number",
        "too_many_attempts": "rate_limited",
    },
    "check": {
        "success": "valid",
        "failure": "invalid",
        "expired_or_not_found": "expired_auth",
        "too_many_checks": "rate_limited",
        "transaction_missing": "unknown",
        "transaction_mismatch": "unknown",
    },
    "retry": {
        **dict.fromkeys(_SENT, "approved"),
        **{f"blocked/{reason}": "denied" for reason in REASONS},
        # A new window opens in place of a retry, because the old one has ended.
        "success": "expired_auth",
        "blocked/repeated_attempts": "rate_limited",
        "too_many_attempts": "rate_limited",
    },
    "lookup": {new: old for old, new in V2_LINE_TYPES.items()},
}

_BLOCKING_ERRORS = {"blocked_number": "blocked/in_block_list", "invalid_line": "blocked/invalid_phone_line"}

_TO_V2: Mapping[str, Mapping[str, str]] = {
    "send": {
        "pending": "success",
        "rate_limited": "blocked/repeated_attempts",
        "spam_detected": "blocked/suspicious",
        **_BLOCKING_ERRORS,
    },
    "check": {
        "valid": "success",
        "invalid": "failure",
        **dict.fromkeys(("without_attempt", "already_validated", "expired_auth"), "expired_or_not_found"),
        "rate_limited": "too_many_checks",
    },
    "retry": {
        "approved": "retry",
        "denied": "blocked/suspicious",
        "rate_limited": "too_many_attempts",
        **dict.fromkeys(("expired_auth", "already_validated"), "success"),
        "no_attempt": "normal",
        **_BLOCKING_ERRORS,
    },
    "lookup": V2_LINE_TYPES,
}

_ERRORS_TO_V1 = {
    "invalid_line_type": "invalid_line",
    "unsupported_country": "unsupported_region",
    "channel_not_enabled_in_region": "unsupported_region",
    "insufficient_balance": "negative_balance",
    "internal": "internal_server_error",
    **dict.fromkeys(
        ("missing_api_token", "invalid_api_token", "invalid_api_key", "invalid_bearer_token"), "account_invalid"
    ),
    **dict.fromkeys(
        ("template_not_found", "template_not_registered_in_country", "invalid_template_variables"),
        "invalid_template_id",
    ),
    **dict.fromkeys(("invalid_app_realm_platform", "invalid_app_realm_value"), "invalid_app_realm"),
}

_ERRORS_TO_V2 = {
    "invalid_line": "invalid_line_type",
    "unsupported_region": "unsupported_country",
    "negative_balance": "insufficient_balance",
    "account_invalid": "invalid_api_key",
    "internal_server_error": "internal",
    "unauthorized_sender_id": "invalid_sender_id",
    "app_realm_require_device_type": "invalid_app_realm",
    "unsupported_app_realm_device_type": "invalid_app_realm_platform",
}


def to_v1(operation: str, outcome: str) -> str:
    """Return an outcome in the words of version 1."""
    outcome = _with_reason(outcome)
    words = _TO_V1.get(operation, {})
    if outcome in words:
        return words[outcome]
    if outcome.startswith("shadow_blocked/"):
        return words["shadow_blocked"]
    return to_v1_error(outcome)


def to_v2(operation: str, outcome: str) -> str:
    """Return an outcome in the words of version 2."""
    words = _TO_V2.get(operation, {})
    return words[outcome] if outcome in words else to_v2_error(_with_reason(outcome))


def to_v1_error(code: str) -> str:
    """Return an error code of version 2 in version 1's words, anything else as it is."""
    if code in V2_ERRORS and code not in ERRORS:
        return _ERRORS_TO_V1.get(code, "bad_request")
    return code


def to_v2_error(code: str) -> str:
    """Return an error code of version 1 in version 2's words, anything else as it is."""
    if code in ERRORS and code not in V2_ERRORS:
        return _ERRORS_TO_V2.get(code, "invalid_request")
    return code


def _with_reason(outcome: str) -> str:
    return f"{outcome}/suspicious" if outcome in ("blocked", "shadow_blocked") else outcome
