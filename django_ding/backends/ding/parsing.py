"""The record Ding keeps of an authentication. Codes and message texts in it are dropped here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    BalanceUpdateEvent,
    BalanceUpdateType,
    Channel,
    CheckEvent,
    CheckStatus,
    DeliveryStatus,
    DeliveryStatusEvent,
    Signals,
    StatusEvent,
)
from django_ding.backends.parsing import choice, flag, mappings, number, text, time, whole, word

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def read_signals(answer: Mapping[str, Any]) -> Signals:
    """Read what the provider knows of the user's device."""
    return Signals(
        ip=text(answer.get("ip")),
        device_id=text(answer.get("device_id")),
        device_type=text(answer.get("device_type")),
        device_model=text(answer.get("device_model")),
        os_version=text(answer.get("os_version")),
        app_version=text(answer.get("app_version")),
        app_realm=text(answer.get("app_realm")),
        is_returning_user=flag(answer.get("is_returning_user")),
    )


def read_events(answer: object) -> tuple[StatusEvent, ...]:
    """Read the events in the order in which they happened, undated ones last. The API promises no order."""
    events = [_event(event) for event in mappings(answer)]
    return tuple(sorted(events, key=lambda event: event.created_at or _END_OF_TIME))


def _event(answer: Mapping[str, Any]) -> StatusEvent:
    event_type = word(answer.get("type")) or "unknown"
    read = _READERS.get(event_type, _other)
    return read(answer, type=event_type, created_at=time(answer.get("created_at")))


def _attempt(answer: Mapping[str, Any], **common: Any) -> StatusEvent:
    return AttemptEvent(
        **common,
        id=word(answer.get("id")),
        attempt_number=whole(answer.get("attempt_number")),
        capability=choice(Channel, answer["capability"]) if answer.get("capability") else None,
        sender_id=text(answer.get("sender_id")),
        status=choice(AttemptStatus, answer.get("status")),
    )


def _check(answer: Mapping[str, Any], **common: Any) -> StatusEvent:
    return CheckEvent(**common, id=word(answer.get("id")), status=choice(CheckStatus, answer.get("status")))


def _delivery_status(answer: Mapping[str, Any], **common: Any) -> StatusEvent:
    return DeliveryStatusEvent(
        **common,
        attempt_id=word(answer.get("attempt_id")),
        attempt_number=whole(answer.get("attempt_number")),
        originated_at=time(answer.get("originated_at")),
        status=choice(DeliveryStatus, answer.get("status")),
    )


def _balance_update(answer: Mapping[str, Any], **common: Any) -> StatusEvent:
    return BalanceUpdateEvent(
        **common,
        amount=number(answer.get("amount")),
        balance_update_type=choice(BalanceUpdateType, answer.get("balance_update_type")),
    )


def _other(answer: Mapping[str, Any], **common: Any) -> StatusEvent:
    return StatusEvent(**common)


_READERS = {
    "attempt": _attempt,
    "check": _check,
    "delivery_status": _delivery_status,
    "balance_update": _balance_update,
}
