"""The answer to "get authentication status": what was asked, and everything that happened since."""

from collections.abc import Iterator
from datetime import UTC, datetime

from .options import Options
from .records import Attempt, Authentication, Check, Refusal

_ATTEMPT_STATUSES = {"delivered": "delivered", "undeliverable": "failed"}

Event = dict[str, object]


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def describe(authentication: Authentication, now: datetime, options: Options) -> dict[str, object]:
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


def _events(authentication: Authentication, now: datetime, options: Options) -> list[Event]:
    opened = authentication.created_at
    timed = [(opened, _balance_update("authentication", opened, options.price_amount))]
    price = options.attempt_price_amount
    for attempt in authentication.attempts:
        timed.append((attempt.created_at, _attempt(attempt, authentication, now)))
        timed.append((attempt.created_at, _balance_update("attempt", attempt.created_at, price)))
        timed.extend(_reports(attempt, now))
    timed.extend((refusal.created_at, _refusal(refusal)) for refusal in authentication.refusals)
    timed.extend((check.created_at, _check(check)) for check in authentication.checks)
    return [event for _, event in sorted(timed, key=lambda pair: pair[0])]


def _attempt(attempt: Attempt, authentication: Authentication, now: datetime) -> Event:
    unfinished = "expired" if authentication.is_expired(now) else "pending"
    return {
        "id": attempt.id,
        "type": "attempt",
        "created_at": rfc3339(attempt.created_at),
        "attempt_number": attempt.attempt_number,
        "capability": attempt.channel,
        "content": attempt.content,
        "sender_id": attempt.sender_id,
        "status": _ATTEMPT_STATUSES.get(attempt.delivery(now), unfinished),
    }


def _refusal(refusal: Refusal) -> Event:
    return {
        "id": refusal.id,
        "type": "attempt",
        "created_at": rfc3339(refusal.created_at),
        "attempt_number": refusal.attempt_number,
        "status": "rate_limited",
    }


def _balance_update(kind: str, at: datetime, price: float) -> Event:
    return {
        "type": "balance_update",
        "created_at": rfc3339(at),
        "amount": price,
        "balance_update_type": kind,
    }


def _reports(attempt: Attempt, now: datetime) -> Iterator[tuple[datetime, Event]]:
    for report in attempt.reports_until(now):
        yield (
            report.at,
            {
                "type": "delivery_status",
                "created_at": rfc3339(report.at),
                "attempt_id": attempt.id,
                "attempt_number": attempt.attempt_number,
                "originated_at": rfc3339(report.at),
                "status": report.status,
            },
        )


def _check(check: Check) -> Event:
    return {
        "id": check.id,
        "type": "check",
        "created_at": rfc3339(check.created_at),
        "code": check.code,
        "status": check.status,
    }
