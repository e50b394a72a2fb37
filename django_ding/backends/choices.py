"""The choices of the contract: statuses and types. ``types`` exports them beside what has them as fields."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SendStatus(TextChoices):
    """The outcome of a request to send a code. Only ``PENDING`` means that a code is on its way."""

    PENDING = "pending"
    RATE_LIMITED = "rate_limited"
    SPAM_DETECTED = "spam_detected"
    UNKNOWN = "unknown"


class CheckStatus(TextChoices):
    """The outcome of a check.

    ``VALID`` and ``NUMBER_TAKEN`` both mean that the code was right. The latter is this app's own, for a number that
    belongs to another account; no backend returns it.
    """

    VALID = "valid"
    NUMBER_TAKEN = "number_taken"
    INVALID = "invalid"
    WITHOUT_ATTEMPT = "without_attempt"
    RATE_LIMITED = "rate_limited"
    ALREADY_VALIDATED = "already_validated"
    EXPIRED_AUTH = "expired_auth"
    UNKNOWN = "unknown"


class RetryStatus(TextChoices):
    """The outcome of a retry. Only ``APPROVED`` means that a new message is on its way."""

    APPROVED = "approved"
    DENIED = "denied"
    NO_ATTEMPT = "no_attempt"
    RATE_LIMITED = "rate_limited"
    EXPIRED_AUTH = "expired_auth"
    ALREADY_VALIDATED = "already_validated"
    UNKNOWN = "unknown"


class FeedbackStatus(TextChoices):
    """Whether a user completed sign-up and is genuine."""

    ONBOARDED = "onboarded"
    NOT_ONBOARDED = "not_onboarded"


class DeviceType(TextChoices):
    """The platform of the user's device."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"
    IPADOS = "IPADOS"
    TVOS = "TVOS"


class AttemptStatus(TextChoices):
    """Where the message of an attempt is. ``RATE_LIMITED`` and ``EXPIRED`` ones cannot be retried."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    RATE_LIMITED = "rate_limited"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class BalanceUpdateType(TextChoices):
    """The reason for a change of the account's balance."""

    UNKNOWN = "unknown"
    AUTHENTICATION = "authentication"
    AUTHENTICATION_PENDING = "authentication_pending"
    AUTHENTICATION_SUCCESS = "authentication_success"
    ATTEMPT = "attempt"
    ATTEMPT_PENDING = "attempt_pending"
    ATTEMPT_SUCCESS = "attempt_success"


class EventType(TextChoices):
    """What a :class:`WebhookEvent` is about. A backend passes types it doesn't know on as the provider writes them."""

    AUTHENTICATION = "authentication", _("verification")
    ATTEMPT = "attempt", _("message")
    CHECK = "check", _("attempt")
    DELIVERY_STATUS = "delivery_status", _("delivery status")
    BALANCE_UPDATE = "balance_update", _("balance update")
