"""Ding's callbacks, flat objects of which one type is documented in full: nothing but ``type`` is taken for granted."""

from collections.abc import Mapping
from typing import Any

from django.views.decorators.debug import sensitive_variables

from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    Channel,
    DeliveryStatus,
    DeliveryStatusEvent,
    StatusEvent,
)
from django_ding.backends.callbacks import Price, Report
from django_ding.backends.parsing import choice, mapping, money, text, time, whole, word

#: A message that was handed on is pending until its carrier has the last word.
_ATTEMPT_STATUSES = {
    DeliveryStatus.DELIVERED: AttemptStatus.DELIVERED,
    DeliveryStatus.UNDELIVERABLE: AttemptStatus.FAILED,
}


@sensitive_variables()
def read_callback(payload: Mapping[str, Any]) -> Report:
    """Read a callback. Codes, message texts and the number stay behind."""
    return Report(
        event=_event(payload),
        id=word(payload.get("id")),
        authentication_uuid=word(payload.get("auth_uuid")),
        correlation_id=text(payload.get("correlation_id")),
        price=_price(mapping(payload.get("price"))),
    )


@sensitive_variables()
def _event(payload: Mapping[str, Any]) -> StatusEvent:
    event_type = word(payload.get("type")) or "unknown"
    read = {"attempt": _attempt, "delivery_status": _delivery_status}.get(event_type, _other)
    return read(payload, type=event_type, created_at=time(payload.get("time")))


@sensitive_variables()
def _attempt(payload: Mapping[str, Any], **common: Any) -> StatusEvent:
    delivery = choice(DeliveryStatus, payload.get("delivery_status"))
    return AttemptEvent(
        **common,
        id=word(payload.get("attempt_id")),
        attempt_number=whole(payload.get("attempt_number")),
        capability=choice(Channel, payload["capability"]) if payload.get("capability") else None,
        status=_ATTEMPT_STATUSES.get(delivery, AttemptStatus.PENDING),
    )


@sensitive_variables()
def _delivery_status(payload: Mapping[str, Any], **common: Any) -> StatusEvent:
    return DeliveryStatusEvent(
        **common,
        attempt_id=word(payload.get("attempt_id")),
        attempt_number=whole(payload.get("attempt_number")),
        status=choice(DeliveryStatus, payload.get("status")),
    )


def _other(payload: Mapping[str, Any], **common: Any) -> StatusEvent:
    return StatusEvent(**common)


def _price(told: Mapping[str, Any]) -> Price | None:
    amount, currency = money(told.get("amount")), text(told.get("currency"), longest=3)
    return Price(amount=amount, currency=currency) if amount is not None and currency else None
