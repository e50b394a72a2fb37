"""The envelope of Prelude's webhooks, and the event in it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.views.decorators.debug import sensitive_variables

from django_ding.backends import parsing
from django_ding.backends.prelude.parsing import parse_delivery, parse_price
from django_ding.backends.types import Channel, EventType, WebhookEvent


@sensitive_variables()
def parse_webhook(body: bytes) -> WebhookEvent:
    """Return the event in a webhook's envelope. Only ``type`` is relied on."""
    envelope = parsing.webhook_object(body)
    payload = parsing.object(envelope.get("payload"))
    name = parsing.identifier(envelope.get("type")) or "unknown"
    # Another product's types have a dot. Without one, a name could be taken for one of this app's own types.
    event_type, parse_fields = _TYPES.get(name, (name if "." in name else "unknown", _no_fields))
    target, metadata = parsing.object(payload.get("target")), parsing.object(payload.get("metadata"))
    if target.get("type") not in (None, "phone_number"):
        return WebhookEvent(type=name)  # About an email address, which this app doesn't verify.
    return WebhookEvent(
        type=event_type,
        id=parsing.identifier(envelope.get("id")),
        created_at=parsing.time(payload.get("time")) or parsing.time(envelope.get("created_at")),
        authentication_uuid=parsing.identifier(payload.get("verification_id")),
        correlation_id=parsing.text(metadata.get("correlation_id")),
        price=parse_price(payload.get("price")),
        details=parsing.carrier(payload.get("carrier_information")),
        **parse_fields(payload),
    )


def _no_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _attempt_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    channel = payload.get("channel")
    return {
        "attempt_id": parsing.identifier(payload.get("id")),
        "channel": parsing.choice(Channel, channel) if isinstance(channel, str) else None,
        "status": parsing.attempt_status(parse_delivery(payload.get("delivery_status"))),
    }


def _delivery_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attempt_id": parsing.identifier(payload.get("attempt_id")),
        "status": parse_delivery(payload.get("status")),
    }


_TYPES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "verify.authentication": (EventType.AUTHENTICATION, _no_fields),
    "verify.attempt": (EventType.ATTEMPT, _attempt_fields),
    "verify.delivery_status": (EventType.DELIVERY_STATUS, _delivery_fields),
}
