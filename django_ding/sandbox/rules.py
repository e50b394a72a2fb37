"""The provider's decisions: which status a send, a check or a retry gets. Pure functions."""

from datetime import datetime

from .errors import ProviderError
from .options import Options
from .records import Authentication


def remaining_retries(authentication: Authentication, options: Options) -> int:
    retries = max(len(authentication.attempts) - 1, 0)
    return max(options.max_retries - retries, 0)


def send_status(authentication: Authentication, options: Options, now: datetime) -> str:
    first = not authentication.attempts
    return "pending" if first or _may_send_again(authentication, options, now) else "rate_limited"


def retry_status(authentication: Authentication, options: Options, now: datetime) -> str:
    ended = _ended(authentication, now, without_attempt="no_attempt")
    return ended or ("approved" if _may_send_again(authentication, options, now) else "rate_limited")


def check_status(authentication: Authentication, code: str, options: Options, now: datetime) -> str:
    if ended := _ended(authentication, now, without_attempt="without_attempt"):
        return ended
    if authentication.check_count >= options.max_checks:
        return "rate_limited"
    codes = authentication.codes if options.earlier_codes_valid else authentication.codes[-1:]
    return "valid" if code in codes else "invalid"


def require_possible(code: str, options: Options) -> None:
    """Refuse what cannot be a code: not digits, or not as many as codes have."""
    if not (code.isascii() and code.isdigit() and len(code) == options.code_length):
        raise ProviderError("impossible_code")


def _may_send_again(authentication: Authentication, options: Options, now: datetime) -> bool:
    waited = authentication.next_retry_at is None or now >= authentication.next_retry_at
    return waited and remaining_retries(authentication, options) > 0


def _ended(authentication: Authentication, now: datetime, *, without_attempt: str) -> str | None:
    if not authentication.attempts:
        return without_attempt
    if authentication.validated:
        return "already_validated"
    return "expired_auth" if authentication.is_expired(now) else None
