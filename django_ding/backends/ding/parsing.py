"""What version 1 of Ding's API answers and reports, in this app's terms.

Codes, texts of messages and, in webhooks, the number are dropped here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from django_ding.backends import parsing
from django_ding.backends.http import Reply
from django_ding.backends.types import (
    AttemptStatus,
    BalanceUpdateType,
    Channel,
    CheckStatus,
    DeliveryStatus,
    DeviceSignals,
    EventType,
    Price,
    WebhookEvent,
)
from django_ding.codes import is_user_fault
from django_ding.exceptions import BackendRejected, BackendUnavailable, provider_input_error
from django_ding.line_types import LineType

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)

#: No digits, so that no number or code gets into a message by way of it.
_ERROR_CODE = re.compile(r"[a-z][a-z_]{0,63}")

#: The provider's codes that blame our configuration or account, each with what a maintainer can do.
#: A code that is neither here nor among the user's own mistakes is treated as one of these.
ACCOUNT_ERRORS = {
    "unauthorized": "The API key is wrong or revoked: check OPTIONS['api_key'].",
    "account_invalid": "The customer UUID is wrong: check OPTIONS['customer_uuid'].",
    "negative_balance": "The account's balance is below zero: top it up in the provider's dashboard.",
    "suspended_account": "The account is suspended: ask the provider why.",
    "spending_limit_exceeded": "The account's spending limit is reached: raise it in the provider's dashboard.",
    "bad_request": "The provider could not read the request: check OPTIONS['base_url'] and the version of this app.",
    "invalid_auth_uuid": "The provider does not know this authentication: was it made with another account?",
    "invalid_template_id": "The account has no such template.",
    "invalid_sender_id": "The Sender ID is malformed.",
    "unauthorized_sender_id": "The account may not use this Sender ID: ask the provider to allow it.",
}

#: Version 1 writes line types in PascalCase.
LINE_TYPES = {
    "FixedLine": LineType.FIXED_LINE,
    "Mobile": LineType.MOBILE,
    "TollFree": LineType.TOLL_FREE,
    "PremiumRate": LineType.PREMIUM_RATE,
    "SharedCost": LineType.SHARED_COST,
    "Voip": LineType.VOIP,
    "Pager": LineType.PAGER,
    "VoiceMail": LineType.VOICE_MAIL,
    "UniversalAccess": LineType.UNIVERSAL_ACCESS,
    "Service": LineType.SERVICE,
    "CallingCards": LineType.CALLING_CARDS,
    "InternetServiceProvider": LineType.ISP,
    "LocalRate": LineType.LOCAL_RATE,
    "PayPhone": LineType.PAYPHONE,
    "Satellite": LineType.SATELLITE,
    "ShortCodesCommercial": LineType.SHORT_CODES_COMMERCIAL,
    "VPN": LineType.VPN,
    "Other": LineType.OTHER,
    "Unknown": LineType.UNKNOWN,
}


def check_reply(reply: Reply) -> Mapping[str, Any]:
    """Return the body of a success.

    :raises InputError: when the provider blames the user's input.
    :raises Blocked: when the number is on the account's block list.
    :raises BackendRejected: when it refuses our configuration or account, or for a reason this app doesn't know.
    :raises BackendUnavailable: when it reports a fault of its own.
    """
    if reply.status < 400:
        return reply.data
    code = parsing.text(reply.data.get("code")) or ""
    if is_user_fault(code):
        raise provider_input_error(code)
    if code == "internal_server_error":
        raise BackendUnavailable(code=code)
    # A wrong key is rejected by a gateway in front of the API, which knows none of its codes.
    if code not in ACCOUNT_ERRORS and reply.status in (401, 403):
        code = "unauthorized"
    elif not _ERROR_CODE.fullmatch(code):
        code = "bad_request"
    explanation = ACCOUNT_ERRORS.get(code, "This app does not know the code: see the provider's documentation.")
    raise BackendRejected(f"The provider answered HTTP {reply.status} {code}. {explanation}", code=code)


def parse_channel(value: object) -> Channel | None:
    """Return the channel of a ``capability``: version 1 calls SMS ``text``."""
    if not value:
        return None
    return Channel.SMS if value == "text" else parsing.choice(Channel, value)


def parse_line_type(value: object) -> LineType:
    """Return the line type that a lookup answered."""
    # A list or an object can't be looked up in a dict at all.
    return LINE_TYPES.get(value, LineType.UNKNOWN) if isinstance(value, str) else LineType.UNKNOWN


def parse_device_signals(answer: Mapping[str, Any]) -> DeviceSignals:
    """Return what the provider knows of the user's device."""
    return DeviceSignals(
        device_id=parsing.text(answer.get("device_id")),
        device_type=parsing.text(answer.get("device_type")),
        device_model=parsing.text(answer.get("device_model")),
        os_version=parsing.text(answer.get("os_version")),
        app_version=parsing.text(answer.get("app_version")),
        app_realm=parsing.text(answer.get("app_realm")),
        is_returning_user=parsing.boolean(answer.get("is_returning_user")),
    )


# The record of an authentication


def parse_events(answer: object) -> tuple[WebhookEvent, ...]:
    """Return the events in the order in which they happened, undated ones last. The API promises no order."""
    events = [_parse_event(event) for event in parsing.objects(answer)]
    return tuple(sorted(events, key=lambda event: event.created_at or _END_OF_TIME))


def _parse_event(answer: Mapping[str, Any]) -> WebhookEvent:
    event_type = parsing.identifier(answer.get("type")) or "unknown"
    # A type this app doesn't know yet has nothing but its name and time: its fields may hold anything.
    fields = _RECORD_FIELDS[event_type](answer) if event_type in _RECORD_FIELDS else {}
    return WebhookEvent(type=event_type, created_at=parsing.time(answer.get("created_at")), **fields)


def _attempt_fields(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # In the record the attempt's own id; ``id`` is for the id of a report, which this has none of.
        "attempt_id": parsing.identifier(answer.get("id")),
        "attempt_number": parsing.integer(answer.get("attempt_number")),
        "channel": parse_channel(answer.get("capability")),
        "sender_id": parsing.text(answer.get("sender_id")),
        "status": parsing.choice(AttemptStatus, answer.get("status")),
    }


def _check_fields(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": parsing.identifier(answer.get("id")),
        "status": parsing.choice(CheckStatus, answer.get("status")),
    }


def _delivery_fields(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attempt_id": parsing.identifier(answer.get("attempt_id")),
        "attempt_number": parsing.integer(answer.get("attempt_number")),
        "status": parsing.choice(DeliveryStatus, answer.get("status")),
    }


def _balance_fields(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "amount": parsing.number(answer.get("amount")),
        "status": parsing.choice(BalanceUpdateType, answer.get("balance_update_type")),
    }


_RECORD_FIELDS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    EventType.ATTEMPT: _attempt_fields,
    EventType.CHECK: _check_fields,
    EventType.DELIVERY_STATUS: _delivery_fields,
    EventType.BALANCE_UPDATE: _balance_fields,
}


# Webhooks


@sensitive_variables()
def parse_webhook(payload: Mapping[str, Any]) -> WebhookEvent:
    """Return the event of a webhook. Of its types one is documented in full, so only ``type`` is relied on."""
    event_type = parsing.identifier(payload.get("type")) or "unknown"
    return WebhookEvent(
        type=event_type,
        id=parsing.identifier(payload.get("id")),
        created_at=parsing.time(payload.get("time")),
        authentication_uuid=parsing.identifier(payload.get("auth_uuid")),
        correlation_id=parsing.text(payload.get("correlation_id")),
        price=_parse_price(parsing.object(payload.get("price"))),
        details=parsing.carrier(payload.get("carrier_information")),
        **_webhook_fields(event_type, payload),
    )


@sensitive_variables()
def _webhook_fields(event_type: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    if event_type == EventType.DELIVERY_STATUS:
        return _delivery_fields(payload)
    if event_type != EventType.ATTEMPT:
        return {}
    delivery = parsing.choice(DeliveryStatus, payload.get("delivery_status"))
    return {
        "attempt_id": parsing.identifier(payload.get("attempt_id")),
        "attempt_number": parsing.integer(payload.get("attempt_number")),
        "channel": parse_channel(payload.get("capability")),
        "status": parsing.attempt_status(delivery),
    }


def _parse_price(answer: Mapping[str, Any]) -> Price | None:
    amount, currency = parsing.money(answer.get("amount")), parsing.text(answer.get("currency"), max_length=3)
    return Price(amount=amount, currency=currency) if amount is not None and currency else None
