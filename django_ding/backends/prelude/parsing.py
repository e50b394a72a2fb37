"""What version 2 of Prelude's API answers, in this app's terms.

Codes and texts of messages are dropped here.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from django_ding.backends import parsing
from django_ding.backends.prelude.errors import TOO_MANY_REQUESTS
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    DeliveryStatus,
    LineType,
    LookupResponse,
    Price,
    RetryResponse,
    RetryStatus,
    SendResponse,
    SendStatus,
)
from django_ding.exceptions import provider_input_error

#: A window was opened, or had been before. ``challenged`` and ``shadow_blocked`` sent a code, too.
_SENT = ("success", "retry", "challenged", "shadow_blocked")

SEND_STATUSES: Mapping[str, SendStatus] = {
    **dict.fromkeys(_SENT, SendStatus.PENDING),
    "blocked": SendStatus.SPAM_DETECTED,
    "too_many_attempts": SendStatus.RATE_LIMITED,
    TOO_MANY_REQUESTS: SendStatus.RATE_LIMITED,
}
RETRY_STATUSES: Mapping[str, RetryStatus] = {
    **dict.fromkeys(_SENT, RetryStatus.APPROVED),
    "blocked": RetryStatus.DENIED,
    "too_many_attempts": RetryStatus.RATE_LIMITED,
    TOO_MANY_REQUESTS: RetryStatus.RATE_LIMITED,
}
CHECK_STATUSES: Mapping[str, CheckStatus] = {
    "success": CheckStatus.VALID,
    "failure": CheckStatus.INVALID,
    # Which of the two it is only this app knows: the flow that closes the row tells them apart.
    "expired_or_not_found": CheckStatus.EXPIRED_AUTH,
    "too_many_checks": CheckStatus.RATE_LIMITED,
    TOO_MANY_REQUESTS: CheckStatus.RATE_LIMITED,
}

#: Reasons of ``blocked`` that the user can do something about, and those of a limit. Any other is a suspicion.
BLOCKED_ERRORS: Mapping[str, str] = {
    "in_block_list": "blocked_number",
    "invalid_phone_line": "invalid_line",
    "invalid_phone_number": "invalid_phone_number",
}
REPEATED_ATTEMPTS = "repeated_attempts"

#: The states of a message, those of the history included.
DELIVERY_STATUSES: Mapping[str, DeliveryStatus] = {
    "submitted": DeliveryStatus.SUBMITTED,
    "in_transit": DeliveryStatus.IN_TRANSIT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undeliverable": DeliveryStatus.UNDELIVERABLE,
    "expired": DeliveryStatus.UNDELIVERABLE,
    "silent_started": DeliveryStatus.IN_TRANSIT,
    "silent_verified": DeliveryStatus.DELIVERED,
    "silent_mismatch": DeliveryStatus.UNDELIVERABLE,
}

_METHOD_CHANNELS = {"voice": Channel.VOICE, "silent": Channel.SILENT, "email": Channel.EMAIL}
_MAX_RISK_FACTORS = 20
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)


def parse_send(answer: Mapping[str, Any], *, requested: Channel | None) -> SendResponse:
    """Return the answer to a create that was meant to open a window.

    :param requested: the channel that was requested.
    :raises InputError: when the provider blocked the number for what it is.
    :raises Blocked: when it is on the account's block list.
    """
    word, reason = _word(answer), parsing.identifier(answer.get("reason")) or ""
    status = SEND_STATUSES.get(word, SendStatus.UNKNOWN)
    if word == "blocked" and reason in BLOCKED_ERRORS:
        raise provider_input_error(BLOCKED_ERRORS[reason])
    if word == "blocked" and reason == REPEATED_ATTEMPTS:
        status = SendStatus.RATE_LIMITED
    return SendResponse(
        status=status,
        provider_status=word if word == "retry" else _telling(word),
        authentication_uuid=parsing.identifier(answer.get("id")),
        is_new=word != "retry",
        retry_after=parsing.number(answer.get("retry_after")),
        channel=parse_channel(answer, requested=requested) if word in _SENT else None,
        silent_request_url=parsing.text(parsing.object(answer.get("silent")).get("request_url"), max_length=2048),
        details=parse_details(answer),
    )


def parse_retry(answer: Mapping[str, Any], *, requested: Channel | None, known_id: str) -> RetryResponse:
    """Return the answer to a create that was meant as a retry. The window may have ended, and another one been opened.

    :param known_id: the id of the window that the message was meant for.
    """
    id_ = parsing.identifier(answer.get("id"))
    word, reason = _word(answer), parsing.identifier(answer.get("reason"))
    status = RETRY_STATUSES.get(word, RetryStatus.UNKNOWN)
    if word == "blocked" and reason == REPEATED_ATTEMPTS:
        status = RetryStatus.RATE_LIMITED
    return RetryResponse(
        status=status,
        provider_status=_telling(word),
        authentication_uuid=id_ if status is RetryStatus.APPROVED else None,
        # These two don't say by themselves whether they opened a window.
        is_new=word == "success" or (word in ("challenged", "shadow_blocked") and id_ != known_id),
        next_retry_at=_after(answer.get("retry_after")),
        channel=parse_channel(answer, requested=requested) if word in _SENT else None,
        details=parse_details(answer),
    )


def parse_check(answer: Mapping[str, Any]) -> CheckResponse:
    """Return the answer to a check."""
    word = _word(answer)
    status = CHECK_STATUSES.get(word, CheckStatus.UNKNOWN)
    return CheckResponse(
        status=status,
        # Those of PSD2, and what the API may add.
        provider_status=word if status is CheckStatus.UNKNOWN else "",
        authentication_uuid=parsing.identifier(answer.get("id")),
    )


def parse_lookup(answer: Mapping[str, Any]) -> LookupResponse:
    """Return what the provider knows of a number."""
    network, flags = parsing.object(answer.get("network_info")), answer.get("flags")
    flags = flags if isinstance(flags, list) else []
    return LookupResponse(
        phone_number=parsing.text(answer.get("phone_number")),
        country_code=parsing.text(answer.get("country_code")),
        mcc=parsing.text(network.get("mcc")),
        mnc=parsing.text(network.get("mnc")),
        carrier=parsing.text(network.get("carrier_name")),
        number_ported="ported" in flags,
        # Version 2's words for line types are this app's.
        line_type=LineType(line) if (line := answer.get("line_type")) in list(LineType) else LineType.UNKNOWN,
        temporary_phone_number="temporary" in flags,
        caller_name=parsing.text(answer.get("caller_name")),
    )


def parse_channel(answer: Mapping[str, Any], *, requested: Channel | None) -> Channel | None:
    """Return how the message goes: by the method, else by the first of the planned channels, else as requested."""
    if method := _METHOD_CHANNELS.get(str(answer.get("method"))):
        return method
    planned = answer.get("channels")
    first = planned[0] if isinstance(planned, list) and planned else None
    return parsing.choice(Channel, first) if isinstance(first, str) else requested


def parse_details(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return why the provider blocked a request, in its own words: new ones are added often."""
    reason, factors = parsing.identifier(answer.get("reason")), answer.get("risk_factors")
    factors = factors[:_MAX_RISK_FACTORS] if isinstance(factors, list) else []
    named = [name for name in map(parsing.identifier, factors) if name]
    return {**({"reason": reason} if reason else {}), **({"risk_factors": named} if named else {})}


def parse_delivery(value: object) -> DeliveryStatus:
    """Return the state of a message."""
    return DELIVERY_STATUSES.get(value, DeliveryStatus.UNKNOWN) if isinstance(value, str) else DeliveryStatus.UNKNOWN


def parse_price(value: object) -> Price | None:
    """Return a price. Its amount is a number in webhooks, and a text in the history."""
    answer = parsing.object(value)
    amount, currency = answer.get("amount"), parsing.text(answer.get("currency"), max_length=3)
    if isinstance(amount, str):
        amount = float(Decimal(amount)) if _DECIMAL.fullmatch(amount) else None
    sum_ = parsing.money(amount)
    return Price(amount=sum_, currency=currency) if sum_ is not None and currency else None


def _telling(word: str) -> str:
    """Return the provider's word where it says more than the status that it stands for."""
    is_known = word in SEND_STATUSES
    return "" if is_known and word not in ("challenged", "shadow_blocked", "blocked") else word


def _after(seconds: object) -> datetime | None:
    wait = parsing.number(seconds)
    return None if wait is None else timezone.now() + timedelta(seconds=wait)


def _word(answer: Mapping[str, Any]) -> str:
    return parsing.identifier(answer.get("status")) or ""
