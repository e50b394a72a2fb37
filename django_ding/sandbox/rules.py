"""Version 1's decisions: which status a send, a check or a retry gets. Pure functions."""

from datetime import datetime

from .memory import SimAuthentication
from .options import Options


def remaining_retries(authentication: SimAuthentication, options: Options) -> int:
    """Return how many messages may follow."""
    retries = max(len(authentication.attempts) - 1, 0)
    return max(options.max_retries - retries, 0)


def send_status(authentication: SimAuthentication, options: Options, now: datetime) -> str:
    """Return the status of a send, which is a retry when a message was sent before."""
    first = not authentication.attempts
    return "pending" if first or _can_retry(authentication, options, now) else "rate_limited"


def retry_status(authentication: SimAuthentication, options: Options, now: datetime) -> str:
    """Return the status of a retry."""
    if final := _final_status(authentication, now, without_attempt="no_attempt"):
        return final
    return "approved" if _can_retry(authentication, options, now) else "rate_limited"


def check_status(authentication: SimAuthentication, code: str, options: Options, now: datetime) -> str:
    """Return the status of a check."""
    if final := _final_status(authentication, now, without_attempt="without_attempt"):
        return final
    # The limit comes before the comparison: without checks left, even the right code is not accepted.
    if authentication.check_count >= options.max_checks:
        return "rate_limited"
    codes = authentication.codes if options.earlier_codes_valid else authentication.codes[-1:]
    return "valid" if code in codes else "invalid"


def _can_retry(authentication: SimAuthentication, options: Options, now: datetime) -> bool:
    waited = authentication.next_retry_at is None or now >= authentication.next_retry_at
    return waited and remaining_retries(authentication, options) > 0


def _final_status(authentication: SimAuthentication, now: datetime, *, without_attempt: str) -> str | None:
    if not authentication.attempts:
        return without_attempt
    if authentication.validated:
        return "already_validated"
    return "expired_auth" if authentication.is_expired(now) else None
