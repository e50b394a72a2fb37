"""What goes to a provider and what comes back: choices, requests and responses, the same for every backend.

Whatever identifies a person (numbers, addresses, names) and whatever can hold a code stays out of every ``repr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django_ding.backends.choices import (
    AttemptStatus,
    BalanceUpdateType,
    CheckStatus,
    DeviceType,
    EventType,
    FeedbackStatus,
    RetryStatus,
    SendStatus,
)
from django_ding.backends.request_types import DeviceSignals, SendRequest, Sent, WebhookRequest
from django_ding.channels import Channel, DeliveryStatus
from django_ding.line_types import LineType

__all__ = [
    "AttemptStatus",
    "BalanceUpdateType",
    "Channel",
    "CheckResponse",
    "CheckStatus",
    "DeliveryStatus",
    "DeviceSignals",
    "DeviceType",
    "EventType",
    "FeedbackResponse",
    "FeedbackStatus",
    "LineType",
    "LookupResponse",
    "Price",
    "RetryResponse",
    "RetryStatus",
    "SendRequest",
    "SendResponse",
    "SendStatus",
    "Sent",
    "StatusResponse",
    "WebhookEvent",
    "WebhookRequest",
]


@dataclass(frozen=True, kw_only=True)
class SendResponse:
    """The provider's answer to ``send``. Only ``status`` is always there.

    :ivar provider_status: the status in the provider's own words, where they say more than ``status``.
    :ivar authentication_uuid: the provider's id; required when a code was sent.
    :ivar is_new: whether the provider opened an authentication. It may instead have sent another message for one that
        another request for the same number had opened; then the two share its id, expiry and checks.
    :ivar expires_at: until when the code can be entered (aware UTC). Where the provider doesn't say, this and the next
        two follow from the settings.
    :ivar next_retry_at: the earliest time of a retry (aware UTC).
    :ivar remaining_retry: retries left, where the provider counts them.
    :ivar retry_after: seconds after which a rate-limited send may be tried again.
    :ivar channel: how the message is delivered, where it is known. With ``Channel.SILENT`` no message was sent yet.
    :ivar silent_request_url: for a silent verification, the URL that the user's device has to open.
    :ivar details: more about it for the timeline, such as the reason for a refusal. JSON; never a code.
    :ivar state: small JSON that the backend gets back in :class:`Sent`. Never a code in clear.
    """

    status: SendStatus
    provider_status: str = ""
    authentication_uuid: str | None = None
    is_new: bool = True
    created_at: datetime | None = None
    expires_at: datetime | None = None
    next_retry_at: datetime | None = None
    remaining_retry: int | None = None
    retry_after: float | None = None
    channel: Channel | None = None
    silent_request_url: str | None = field(default=None, repr=False)
    details: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # So that a backend may write ``status="pending"``.
        object.__setattr__(self, "status", SendStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class CheckResponse:
    """The provider's answer to ``check``.

    :ivar retry_after: seconds after which a rate-limited check may be tried again, since it was not made; ``None``
        where no further check is possible.
    """

    status: CheckStatus
    provider_status: str = ""
    authentication_uuid: str | None = None
    retry_after: float | None = None
    state: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", CheckStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class RetryResponse:
    """The provider's answer to ``retry``: ``next_retry_at`` is when another retry may be made, if any remains.

    :ivar is_new: whether the provider's authentication had ended and it opened another, whose id is given. It may cost
        as much as a new one, and the row belongs to it from then on.
    :ivar details: as in :class:`SendResponse`.
    """

    status: RetryStatus
    provider_status: str = ""
    authentication_uuid: str | None = None
    is_new: bool = False
    created_at: datetime | None = None
    expires_at: datetime | None = None
    next_retry_at: datetime | None = None
    remaining_retry: int | None = None
    channel: Channel | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RetryStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class FeedbackResponse:
    """The provider's answer to ``feedback``: the id of its record."""

    uuid: str | None = None


@dataclass(frozen=True, kw_only=True)
class LookupResponse:
    """What the provider knows about a number. ``caller_name`` comes only when it was requested (CNAM).

    :ivar number_ported: whether it is not, or no longer, with the network that it was first assigned to.
    :ivar ported_at: when it was last ported, or its SIM replaced, where the provider says so (aware UTC).
    """

    phone_number: str | None = field(default=None, repr=False)
    country_code: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    carrier: str | None = None
    number_ported: bool | None = None
    ported_at: datetime | None = None
    line_type: LineType = LineType.UNKNOWN
    temporary_phone_number: bool | None = None
    caller_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Price:
    """What something cost: at most six decimals, and the currency's three letters as the provider wrote them."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """One thing that happened to an authentication, reported by a webhook or in the response to ``status``.

    Never a code, never the text of a message.

    :ivar type: an :class:`EventType`, or a type this app doesn't know yet, as the provider writes it.
    :ivar id: of the report itself; a repetition has the same.
    :ivar created_at: when it happened (aware UTC).
    :ivar authentication_uuid: the provider's id of the authentication.
    :ivar correlation_id: the authentication's ``public_id``. One of the two ids finds the row.
    :ivar attempt_id: the provider's id of the message that it is about.
    :ivar attempt_number: 1 for the first message.
    :ivar status: an ``AttemptStatus``, ``CheckStatus``, ``DeliveryStatus`` or ``BalanceUpdateType``, by type.
    :ivar amount: change of the account's balance, in the account's currency.
    :ivar details: more about it for the timeline, JSON, never a code. The row keeps the ``network`` of a ``carrier``:
        ``{"carrier": {"network": "20801", "name": "Orange"}}``, MCC and MNC (ITU-T E.212).
    """

    type: str
    id: str | None = None
    created_at: datetime | None = None
    authentication_uuid: str | None = None
    correlation_id: str | None = None
    attempt_id: str | None = None
    attempt_number: int | None = None
    channel: Channel | None = None
    sender_id: str | None = None
    status: str = ""
    amount: float | None = None
    price: Price | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StatusResponse:
    """The provider's record of an authentication, its events in the order in which they happened.

    :ivar status: ``pending`` while its code can be entered, else why it can't: ``validated``, ``expired``, a
        :class:`SendStatus` or an error code of this app's. Empty where the provider doesn't say.
    :ivar expires_at: until when the code can be entered (aware UTC).
    """

    uuid: str | None = None
    status: str = ""
    phone_number: str | None = field(default=None, repr=False)
    template_id: str | None = None
    correlation_id: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    ip: str | None = field(default=None, repr=False)
    device_signals: DeviceSignals = field(default_factory=DeviceSignals)
    events: tuple[WebhookEvent, ...] = ()
