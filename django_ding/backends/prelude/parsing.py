"""What version 2 of Prelude's API answers, in this app's terms.

Codes and texts of messages are dropped here.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django_ding import clock
from django_ding.backends import parsing
from django_ding.backends.prelude.errors import TOO_MANY_REQUESTS, Answer
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
from django_ding.exceptions import BackendUnavailable, provider_input_error

#: A window was opened, or had been before. ``challenged`` and ``shadow_blocked`` sent a code, too.
_SENT = ("success", "retry", "challenged", "shadow_blocked")

SEND_STATUSES: Mapping[str, SendStatus] = {
    **dict.fromkeys(_SENT, SendStatus.PENDING),
    "blocked": SendStatus.SPAM_DETECTED,
    "too_many_attempts": SendStatus.RATE_LIMITED,
    "too_many_checks": SendStatus.RATE_LIMITED,
    TOO_MANY_REQUESTS: SendStatus.RATE_LIMITED,
}
RETRY_STATUSES: Mapping[str, RetryStatus] = {
    **dict.fromkeys(_SENT, RetryStatus.APPROVED),
    "blocked": RetryStatus.DENIED,
    "too_many_attempts": RetryStatus.RATE_LIMITED,
    "too_many_checks": RetryStatus.RATE_LIMITED,
    TOO_MANY_REQUESTS: RetryStatus.RATE_LIMITED,
}
CHECK_STATUSES: Mapping[str, CheckStatus] = {
    "success": CheckStatus.VALID,
    "failure": CheckStatus.INVALID,
    # Only this app knows which of the two it is: the flow that closes the row distinguishes them.
    "expired_or_not_found": CheckStatus.EXPIRED_AUTH,
    "too_many_checks": CheckStatus.RATE_LIMITED,
    "too_many_attempts": CheckStatus.RATE_LIMITED,
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
_PAUSE_SECONDS = 30.0  # After too many requests of the account, where the provider doesn't say how long.
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)


def parse_send(answer: Answer, *, requested: Channel | None) -> SendResponse:
    """Return the answer to a create that was meant to open a window.

    :param requested: the channel that was requested.
    :raises InputError: when the provider blocked the number for what it is.
    :raises Blocked: when it is on the account's block list.
    """
    data = answer.data
    word, reason = _word(data), parsing.identifier(data.get("reason")) or ""
    status = SEND_STATUSES.get(word, SendStatus.UNKNOWN)
    if word == "blocked" and reason in BLOCKED_ERRORS:
        error = provider_input_error(BLOCKED_ERRORS[reason])
        error.details = parse_details(data)
        raise error
    if word == "blocked" and reason == REPEATED_ATTEMPTS:
        status = SendStatus.RATE_LIMITED
    return SendResponse(
        status=status,
        provider_status=word if word == "retry" else _provider_status(word),
        authentication_uuid=parsing.identifier(data.get("id")),
        is_new=word != "retry",
        retry_after=answer.retry_after,
        channel=parse_channel(data, requested=requested) if word in _SENT else None,
        silent_request_url=_web_url(parsing.object(data.get("silent")).get("request_url")),
        details=parse_details(data),
    )


def parse_retry(answer: Answer, *, requested: Channel | None, known_id: str) -> RetryResponse:
    """Return the answer to a create that was meant as a retry. The window may have ended, and another one been opened.

    :param known_id: the id of the window that the message was meant for.
    """
    data = answer.data
    id_, word, reason = _id(data), _word(data), parsing.identifier(data.get("reason"))
    status = RETRY_STATUSES.get(word, RetryStatus.UNKNOWN)
    if word == "blocked" and reason == REPEATED_ATTEMPTS:
        status = RetryStatus.RATE_LIMITED
    return RetryResponse(
        status=status,
        provider_status=_provider_status(word),
        authentication_uuid=id_ if status is RetryStatus.APPROVED else None,
        # By the id, since "challenged" and "shadow_blocked" don't say it.
        is_new=word in _SENT and word != "retry" and id_ != known_id,
        next_retry_at=_after(answer.retry_after),
        channel=parse_channel(data, requested=requested) if word in _SENT else None,
        details=parse_details(data),
    )


def parse_check(answer: Answer) -> CheckResponse:
    """Return the answer to a check.

    The end of a window's checks is final. Too many requests of the account are not: the check was not made.
    """
    word = _word(answer.data)
    status = CHECK_STATUSES.get(word, CheckStatus.UNKNOWN)
    return CheckResponse(
        status=status,
        # Those of PSD2, and what the API may add.
        provider_status=word if status is CheckStatus.UNKNOWN else "",
        authentication_uuid=_id(answer.data),
        retry_after=(answer.retry_after or _PAUSE_SECONDS) if word == TOO_MANY_REQUESTS else None,
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
    if method := _METHOD_CHANNELS.get(parsing.identifier(answer.get("method")) or ""):
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
    total = parsing.money(amount)
    return Price(amount=total, currency=currency) if total is not None and currency else None


def _provider_status(word: str) -> str:
    """Return the provider's word where it is more specific than the status it maps to."""
    is_known = word in SEND_STATUSES
    return "" if is_known and word not in ("challenged", "shadow_blocked", "blocked") else word


def _after(seconds: float | None) -> datetime | None:
    return None if seconds is None else clock.now() + timedelta(seconds=seconds)


def _id(data: Mapping[str, Any]) -> str | None:
    """Return the id that an answer is about, if it names one.

    :raises BackendUnavailable: when what it names can't be an id, and so not the one that was asked about.
    """
    id_ = parsing.identifier(data.get("id"))
    if id_ is None and data.get("id") is not None:
        raise BackendUnavailable(code="unexpected_answer")
    return id_


def _web_url(value: object) -> str | None:
    """Return a URL that an app may open."""
    url = parsing.text(value, max_length=2048)
    return url if url and url.startswith(("https://", "http://")) else None


def _word(answer: Mapping[str, Any]) -> str:
    return parsing.identifier(answer.get("status")) or ""
