"""Version 1's answer to "get authentication status": the request, and everything that happened since."""

from collections.abc import Iterator
from datetime import UTC, datetime

from .memory import LimitedAttempt, SimAttempt, SimAuthentication, SimCheck
from .options import Options

#: Version 1's word for the channel that everything else calls SMS.
_CAPABILITIES = {"sms": "text"}
_ATTEMPT_STATUSES = {"delivered": "delivered", "undeliverable": "failed"}

_Event = dict[str, object]


def rfc3339(moment: datetime) -> str:
    """Return a moment as the provider writes it: in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def authentication_status(authentication: SimAuthentication, now: datetime, options: Options) -> dict[str, object]:
    """Return the whole answer, events in the order they happened."""
    request = authentication.request
    optional = {"template_id": request.template_id, "correlation_id": request.correlation_id}
    return {
        "uuid": authentication.uuid,
        "phone_number": request.phone_number,
        **{name: value for name, value in optional.items() if value is not None},
        "created_at": rfc3339(authentication.created_at),
        "signals": dict(request.signals),
        "events": _events(authentication, now, options),
    }


def _events(authentication: SimAuthentication, now: datetime, options: Options) -> list[_Event]:
    opened_at = authentication.created_at
    timed = [(opened_at, _balance_update("authentication", opened_at, options.price_amount))]
    price = options.attempt_price_amount
    for attempt in authentication.attempts:
        timed.append((attempt.created_at, _attempt(attempt, authentication, now)))
        timed.append((attempt.created_at, _balance_update("attempt", attempt.created_at, price)))
        timed.extend(_delivery_statuses(attempt, now))
    timed.extend((limited.created_at, _limited_attempt(limited)) for limited in authentication.limited)
    timed.extend((check.created_at, _check(check)) for check in authentication.checks)
    # By time alone: events of one moment keep the order in which they were added, and dicts cannot be compared.
    return [event for _, event in sorted(timed, key=lambda pair: pair[0])]


def _attempt(attempt: SimAttempt, authentication: SimAuthentication, now: datetime) -> _Event:
    unfinished = "expired" if authentication.is_expired(now) else "pending"
    return {
        "id": attempt.id,
        "type": "attempt",
        "created_at": rfc3339(attempt.created_at),
        "attempt_number": attempt.attempt_number,
        "capability": _CAPABILITIES.get(attempt.channel, attempt.channel),
        "content": attempt.content,
        "sender_id": attempt.sender_id,
        "status": _ATTEMPT_STATUSES.get(attempt.delivery_status(now), unfinished),
    }


def _limited_attempt(attempt: LimitedAttempt) -> _Event:
    return {
        "id": attempt.id,
        "type": "attempt",
        "created_at": rfc3339(attempt.created_at),
        "attempt_number": attempt.attempt_number,
        "status": "rate_limited",
    }


def _balance_update(update_type: str, at: datetime, price: float) -> _Event:
    return {
        "type": "balance_update",
        "created_at": rfc3339(at),
        "amount": price,
        "balance_update_type": update_type,
    }


def _delivery_statuses(attempt: SimAttempt, now: datetime) -> Iterator[tuple[datetime, _Event]]:
    for report in attempt.reports_until(now):
        event: _Event = {
            "type": "delivery_status",
            "created_at": rfc3339(report.at),
            "attempt_id": attempt.id,
            "attempt_number": attempt.attempt_number,
            "originated_at": rfc3339(report.at),
            "status": report.status,
        }
        yield report.at, event


def _check(check: SimCheck) -> _Event:
    return {
        "id": check.id,
        "type": "check",
        "created_at": rfc3339(check.created_at),
        "code": check.code,
        "status": check.status,
    }
