"""The record of a verification: ``GET /v2/verification/phone/history/{id}``.

Texts of messages and the codes that were entered are dropped here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django_ding.backends import parsing
from django_ding.backends.prelude.parsing import parse_delivery, parse_details, parse_price
from django_ding.backends.types import (
    Channel,
    CheckStatus,
    DeliveryStatus,
    DeviceSignals,
    EventType,
    StatusResponse,
    WebhookEvent,
)

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)

#: The outcome of a verification in this app's codes.
STATUSES: Mapping[str, str] = {
    "converted": "validated",
    "not_converted": "expired",
    "sent": "pending",
    "pending_check": "pending",
    "challenged": "pending",
    "shadowed": "pending",
    "suspected_fraud": "spam_detected",
    "expired_signals": "spam_detected",
    "rate_limited": "rate_limited",
    "in_blocklist": "blocked_number",
    "invalid_line": "invalid_line",
    "invalid_number": "invalid_phone_number",
}


#: Why a check failed.
_CHECK_DETAILS: Mapping[str, CheckStatus] = {
    "expired_attempt": CheckStatus.EXPIRED_AUTH,
    "expired_auth": CheckStatus.EXPIRED_AUTH,
    "rate_limited": CheckStatus.RATE_LIMITED,
    "transaction_missing": CheckStatus.UNKNOWN,
    "transaction_mismatch": CheckStatus.UNKNOWN,
}


def parse_history(answer: Mapping[str, Any]) -> StatusResponse:
    """Return the record of a verification, its events in the order in which they happened, undated ones last."""
    events = sorted(_events(answer), key=lambda event: event.created_at or _END_OF_TIME)
    # What the record says of the whole window. An attempt may have a carrier of its own.
    details: dict[str, dict[str, Any]] = {
        EventType.AUTHENTICATION: parse_details({"risk_factors": answer.get("block_reasons")}),
        EventType.ATTEMPT: parsing.carrier(answer.get("carrier")),
    }
    signals = parsing.object(answer.get("signals"))
    return StatusResponse(
        uuid=parsing.identifier(answer.get("id")),
        status=STATUSES.get(parsing.identifier(answer.get("status")) or "", "unknown"),
        phone_number=parsing.text(answer.get("phone_number")),
        template_id=parsing.text(answer.get("template_id")),
        correlation_id=parsing.text(answer.get("correlation_id")),
        created_at=parsing.time(answer.get("created_at")),
        expires_at=parsing.time(answer.get("expires_at")),
        ip=parsing.text(answer.get("ip_address")),
        device_signals=DeviceSignals(
            device_id=parsing.text(signals.get("device_id")),
            device_type=_upper(parsing.text(answer.get("device_platform"))),
            device_model=parsing.text(answer.get("device_model")),
            os_version=parsing.text(signals.get("os_version")),
            app_version=parsing.text(answer.get("app_version")),
            is_returning_user=parsing.boolean(signals.get("is_trusted_user")),
            user_agent=parsing.text(signals.get("user_agent"), max_length=512),
            ja4_fingerprint=parsing.text(signals.get("ja4_fingerprint")),
        ),
        events=tuple(replace(event, details={**details.get(event.type, {}), **event.details}) for event in events),
    )


def _events(answer: Mapping[str, Any]) -> Iterator[WebhookEvent]:
    uuid = parsing.identifier(answer.get("id"))
    for entry in parsing.objects(parsing.object(answer.get("lifecycle")).get("events")):
        parse = _PARSERS.get(parsing.identifier(entry.get("type")) or "")
        if parse:  # Its fields are under the name of its type.
            yield from parse(parsing.object(entry.get(entry["type"])), uuid)


def _create(entry: Mapping[str, Any], uuid: str | None) -> Iterator[WebhookEvent]:
    yield WebhookEvent(
        type=EventType.AUTHENTICATION,
        created_at=parsing.time(entry.get("created_at")),
        authentication_uuid=uuid,
        price=parse_price(entry.get("cost")),
    )


def _attempt(entry: Mapping[str, Any], uuid: str | None) -> Iterator[WebhookEvent]:
    attempt_id, channel = parsing.identifier(entry.get("id")), entry.get("channel")
    delivery = parse_delivery(entry.get("delivery_status"))
    if entry.get("status") == "failed":
        delivery = DeliveryStatus.UNDELIVERABLE
    trigger = parsing.identifier(entry.get("trigger"))
    yield WebhookEvent(
        type=EventType.ATTEMPT,
        created_at=parsing.time(entry.get("created_at")),
        authentication_uuid=uuid,
        attempt_id=attempt_id,
        channel=parsing.choice(Channel, channel) if isinstance(channel, str) else None,
        status=parsing.attempt_status(delivery),
        price=parse_price(entry.get("cost")),
        details={**({"trigger": trigger} if trigger else {}), **parsing.carrier(entry.get("carrier"))},
    )
    for report in parsing.objects(entry.get("delivery_events")):
        yield WebhookEvent(
            type=EventType.DELIVERY_STATUS,
            created_at=parsing.time(report.get("received_at")),
            authentication_uuid=uuid,
            attempt_id=attempt_id,
            status=parse_delivery(report.get("status")),
        )


def _check(entry: Mapping[str, Any], uuid: str | None) -> Iterator[WebhookEvent]:
    detail = _CHECK_DETAILS.get(parsing.identifier(entry.get("status_detail")) or "", CheckStatus.INVALID)
    yield WebhookEvent(
        type=EventType.CHECK,
        created_at=parsing.time(entry.get("created_at")),
        authentication_uuid=uuid,
        status=CheckStatus.VALID if entry.get("is_valid") is True else detail,
    )


_PARSERS: Mapping[str, Callable[[Mapping[str, Any], str | None], Iterator[WebhookEvent]]] = {
    "create": _create,
    "attempt": _attempt,
    "check": _check,
}


def _upper(text: str | None) -> str | None:
    return text and text.upper()
