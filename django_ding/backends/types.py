"""What every backend answers, and how: the contract and its result types.

What says who somebody is (numbers, addresses, names) stays out of every ``repr``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from django_ding.exceptions import UnsupportedOperation
from django_ding.phone import LineType


class SendStatus(TextChoices):
    """What became of a request to send a code. Only ``PENDING`` means that a code is on its way."""

    PENDING = "pending"
    RATE_LIMITED = "rate_limited"
    SPAM_DETECTED = "spam_detected"
    UNKNOWN = "unknown"


class CheckStatus(TextChoices):
    """What became of a code that was entered. Only ``VALID`` proves control of the number."""

    VALID = "valid"
    INVALID = "invalid"
    WITHOUT_ATTEMPT = "without_attempt"
    RATE_LIMITED = "rate_limited"
    ALREADY_VALIDATED = "already_validated"
    EXPIRED_AUTH = "expired_auth"
    UNKNOWN = "unknown"


class RetryStatus(TextChoices):
    """What became of a retry. Only ``APPROVED`` means that a new message is on its way."""

    APPROVED = "approved"
    DENIED = "denied"
    NO_ATTEMPT = "no_attempt"
    RATE_LIMITED = "rate_limited"
    EXPIRED_AUTH = "expired_auth"
    ALREADY_VALIDATED = "already_validated"
    UNKNOWN = "unknown"


class FeedbackStatus(TextChoices):
    """How a user turned out."""

    ONBOARDED = "onboarded"
    NOT_ONBOARDED = "not_onboarded"


class DeviceType(TextChoices):
    """The platform of the user's device. Requests take the first three; answers may hold all."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"
    IPADOS = "IPADOS"
    TVOS = "TVOS"


class Channel(TextChoices):
    """How a message travels. ``TEXT`` is plain SMS."""

    TEXT = "text", "SMS"
    RCS = "rcs", "RCS"
    WHATSAPP = "whatsapp", "WhatsApp"
    VIBER = "viber", "Viber"
    ZALO = "zalo", "Zalo"
    TELEGRAM = "telegram", "Telegram"
    UNKNOWN = "unknown", _("unknown")


class AttemptStatus(TextChoices):
    """Where the message of an attempt stands. ``RATE_LIMITED`` and ``EXPIRED`` ones cannot be retried."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    RATE_LIMITED = "rate_limited"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class DeliveryStatus(TextChoices):
    """What the carrier reports of a message, in the order in which it happens."""

    UNKNOWN = "unknown", _("unknown")
    SUBMITTED = "submitted", _("submitted")
    IN_TRANSIT = "in_transit", _("in transit")
    DELIVERED = "delivered", _("delivered")
    UNDELIVERABLE = "undeliverable", _("undeliverable")


class BalanceUpdateType(TextChoices):
    """What a change of the account's balance was for."""

    UNKNOWN = "unknown"
    AUTHENTICATION = "authentication"
    AUTHENTICATION_PENDING = "authentication_pending"
    AUTHENTICATION_SUCCESS = "authentication_success"
    ATTEMPT = "attempt"
    ATTEMPT_PENDING = "attempt_pending"
    ATTEMPT_SUCCESS = "attempt_success"


@dataclass(frozen=True, kw_only=True)
class Signals:
    """What is known of the user's device, for the provider's antifraud. Everything is optional.

    ``ip`` is an IPv4 or IPv6 address; ``device_id`` Android's ``ANDROID_ID`` or iOS's ``identifierForVendor``;
    ``app_realm`` the 11-character hash of Android's SMS Retriever; ``is_returning_user`` states that the user is
    known to be genuine.
    """

    ip: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)
    device_type: str | None = None
    device_model: str | None = None
    os_version: str | None = None
    app_version: str | None = None
    app_realm: str | None = None
    is_returning_user: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SendRequest:
    """A code to send: to whom (E.164), for whom, and how.

    ``correlation_id`` comes back in callbacks and in ``status``; ``locale`` is a BCP 47 tag; ``sender_id`` and
    ``template_id`` must be known to the provider's account; ``callback_url`` is where the provider may report to.
    """

    phone_number: str = field(repr=False)
    correlation_id: str | None = None
    signals: Signals = Signals()
    locale: str | None = None
    template_id: str | None = None
    sender_id: str | None = None
    callback_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """The provider's answer to ``send``. Only ``status`` is certain to be there.

    ``provider_status`` is the word as the provider said it, for statuses this app doesn't know yet.
    """

    status: SendStatus
    provider_status: str = ""
    authentication_uuid: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", SendStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The provider's answer to ``check``."""

    status: CheckStatus
    provider_status: str = ""
    authentication_uuid: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", CheckStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class RetryResult:
    """The provider's answer to ``retry``: ``next_retry_at`` is when another retry may be made, if any remains."""

    status: RetryStatus
    provider_status: str = ""
    authentication_uuid: str | None = None
    created_at: datetime | None = None
    next_retry_at: datetime | None = None
    remaining_retry: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RetryStatus(self.status))


@dataclass(frozen=True, kw_only=True)
class FeedbackResult:
    """The provider's answer to ``feedback``: the id of its record."""

    uuid: str | None = None


@dataclass(frozen=True, kw_only=True)
class StatusEvent:
    """Something that happened to an authentication. A type this app doesn't know yet is one of these, bare."""

    type: str
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AttemptEvent(StatusEvent):
    """A message. Its content, which holds the code, is dropped."""

    id: str | None = None
    attempt_number: int | None = None
    capability: Channel | None = None
    sender_id: str | None = None
    status: AttemptStatus = AttemptStatus.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class CheckEvent(StatusEvent):
    """A code that was entered. The code itself is dropped."""

    id: str | None = None
    status: CheckStatus = CheckStatus.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class DeliveryStatusEvent(StatusEvent):
    """A carrier's report on an attempt; ``originated_at`` is the carrier's own time."""

    attempt_id: str | None = None
    attempt_number: int | None = None
    originated_at: datetime | None = None
    status: DeliveryStatus = DeliveryStatus.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class BalanceUpdateEvent(StatusEvent):
    """A change of the account's balance, in the account's currency."""

    amount: float | None = None
    balance_update_type: BalanceUpdateType = BalanceUpdateType.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class StatusResult:
    """The provider's record of an authentication, its events in the order in which they happened."""

    uuid: str | None = None
    phone_number: str | None = field(default=None, repr=False)
    template_id: str | None = None
    correlation_id: str | None = None
    created_at: datetime | None = None
    signals: Signals = Signals()
    events: tuple[StatusEvent, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LookupResult:
    """What the provider knows of a number. ``caller_name`` comes only when it was asked for (CNAM)."""

    phone_number: str | None = field(default=None, repr=False)
    country_code: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    carrier: str | None = None
    number_ported: bool | None = None
    line_type: LineType = LineType.UNKNOWN
    temporary_phone_number: bool | None = None
    caller_name: str | None = field(default=None, repr=False)


class BaseBackend:
    """The provider's side of the wire. A backend keeps no record of its own and knows nothing of users.

    Every operation raises :class:`~django_ding.exceptions.InputError` when the user's input is at fault,
    :class:`~django_ding.exceptions.AccountError` when our configuration or account is, and
    :class:`~django_ding.exceptions.BackendUnavailable` in an outage. Any other answer, a refusal included, is a
    result. A subclass takes its options as keyword-only arguments.

    :param alias: the backend's key in ``DING["BACKENDS"]``.
    """

    #: Whether the operation exists. One that doesn't raises ``UnsupportedOperation``.
    supports_status: ClassVar[bool] = False
    supports_feedback: ClassVar[bool] = False
    supports_lookup: ClassVar[bool] = False

    #: The URL that requests go to, where they go over HTTP; a system check warns of one in clear.
    base_url: str | None = None

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.alias!r}>"

    def send(self, request: SendRequest) -> SendResult:
        """Send a code. A read timeout does not mean that nothing was sent."""
        raise NotImplementedError(f"{type(self).__name__} must implement send().")

    def check(self, authentication_uuid: str, code: str) -> CheckResult:
        """Check the code a user entered, ASCII digits as text."""
        raise NotImplementedError(f"{type(self).__name__} must implement check().")

    def retry(self, authentication_uuid: str) -> RetryResult:
        """Send once more, by another route if the provider has one."""
        raise NotImplementedError(f"{type(self).__name__} must implement retry().")

    def status(self, authentication_uuid: str) -> StatusResult:
        """Return the provider's record of an authentication."""
        raise UnsupportedOperation(f"The backend {self.alias!r} can't tell the status of an authentication.")

    def feedback(self, phone_number: str, status: FeedbackStatus) -> FeedbackResult:
        """Tell the provider how the user of an E.164 number turned out."""
        raise UnsupportedOperation(f"The backend {self.alias!r} takes no feedback.")

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResult:
        """Ask what kind of line an E.164 number is; ``caller_name`` asks for CNAM, which may cost more."""
        raise UnsupportedOperation(f"The backend {self.alias!r} has no lookup.")
