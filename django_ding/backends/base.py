"""The contract of a backend: what a provider of one-time codes must do, and what it may do."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

from django_ding.backends.types import (
    Channel,
    CheckResponse,
    FeedbackResponse,
    FeedbackStatus,
    LookupResponse,
    RetryResponse,
    SendRequest,
    SendResponse,
    Sent,
    StatusResponse,
    WebhookEvent,
    WebhookRequest,
)
from django_ding.backends.unpicklable import Unpicklable
from django_ding.exceptions import UnsupportedOperation
from django_ding.loopback import is_loopback


class BaseBackend(Unpicklable):
    """The provider's side of the wire. A backend keeps no record of its own and knows nothing of users.

    Every operation raises :class:`~django_ding.exceptions.InputError` when the user's input is at fault,
    :class:`~django_ding.exceptions.Blocked` for a number on the account's block list,
    :class:`~django_ding.exceptions.BackendRejected` when our configuration or account is, and
    :class:`~django_ding.exceptions.BackendUnavailable` in an outage. Any other answer, a refusal included, is a
    response. A subclass takes its options as keyword-only arguments.

    :param alias: the backend's key in ``DING["BACKENDS"]``.
    """

    #: Whether the operation exists. One that doesn't raises ``UnsupportedOperation``.
    supports_status: bool = False
    supports_feedback: bool = False
    supports_lookup: bool = False
    supports_cancel: bool = False
    supports_text: bool = False

    #: Which feedback the provider takes, where it takes any.
    feedback_statuses: frozenset[FeedbackStatus] = frozenset(FeedbackStatus)

    #: How the provider reports: to a URL that is sent with each request, or to one URL of the account's. ``None``: not.
    webhooks: Literal["per_request", "per_account"] | None = None

    #: Whether the provider has one open authentication per number, for all who request it, and checks and retries by
    #: number. A retry may then be answered with the id of another requester's.
    is_per_number: bool = False

    #: Keys of ``extra`` that are not stored with the row, such as a code of the caller's own. A retry lacks them.
    unstored_options: frozenset[str] = frozenset()

    #: How many digits a code may have.
    code_lengths: Sequence[int] = range(4, 9)

    #: Whether ``send`` wants what is known of the user's own HTTP request among the device signals: see
    #: ``DING["DEVICE_SIGNALS"]``.
    uses_request_signals: bool = False

    #: The channels that a caller may ask for, as far as ``DING["CHANNELS"]`` has them. Empty: the provider decides.
    channels: frozenset[Channel] = frozenset()

    #: The URL that requests go to, where they go over HTTP; a system check warns about plain http.
    base_url: str | None = None

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def __repr__(self) -> str:
        # No options: they hold keys.
        return f"<{type(self).__name__} {self.alias!r}>"

    @property
    def is_sandbox(self) -> bool:
        """Whether it sends no message at all, so that numbers reserved for films and books get codes, too.

        With ``DEBUG``, an API on this machine is taken for the sandbox's.
        """
        return settings.DEBUG and is_loopback(urlsplit(self.base_url or "").hostname or "")

    @property
    def max_code_length(self) -> int:
        """How many digits its codes have, at most, as far as its options say; a check warns about fewer than six."""
        return max(self.code_lengths)

    def send(self, request: SendRequest) -> SendResponse:
        """Send a code. A read timeout does not mean that nothing was sent."""
        # No DingError: a class that lacks one of these three is unfinished, and nothing should handle that.
        raise NotImplementedError(f"{type(self).__name__} must implement send().")

    def check(self, sent: Sent, code: str) -> CheckResponse:
        """Check the code that a user entered: ASCII digits as text."""
        raise NotImplementedError(f"{type(self).__name__} must implement check().")

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        """Send another message, by ``channel`` if given, else by another route if the provider has one."""
        raise NotImplementedError(f"{type(self).__name__} must implement retry().")

    def status(self, sent: Sent) -> StatusResponse:
        """Return the provider's record of an authentication."""
        raise UnsupportedOperation(f"The backend {self.alias!r} has no status operation.")

    def cancel(self, sent: Sent) -> None:
        """End an authentication, so that its code is worthless."""
        raise UnsupportedOperation(f"The backend {self.alias!r} can't cancel an authentication.")

    def feedback(self, phone_number: str, status: FeedbackStatus) -> FeedbackResponse:
        """Report to the provider whether the user of an E.164 number completed sign-up."""
        raise UnsupportedOperation(f"The backend {self.alias!r} takes no feedback.")

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResponse:
        """Return the line type of an E.164 number; ``caller_name`` requests CNAM, which may cost more."""
        raise UnsupportedOperation(f"The backend {self.alias!r} has no lookup.")

    def send_text(self, phone_number: str, text: str) -> None:
        """Send a text without a code to an E.164 number, such as a notice that it was removed from an account."""
        raise UnsupportedOperation(f"The backend {self.alias!r} sends no texts of your own.")

    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        """Return the events that the provider posted, none for those that aren't used.

        A backend with ``webhooks = "per_account"`` verifies the provider's signature here. For ``"per_request"`` the
        URL itself was signed by this app and has been verified.

        :raises InvalidWebhook: when it isn't the provider's, or can't be read.
        """
        raise UnsupportedOperation(f"The backend {self.alias!r} takes no webhooks.")
