"""The operations of Prelude's API, version 2: Verify, Lookup and Watch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.base import BaseBackend
from django_ding.backends.http import Reply
from django_ding.backends.parsing import identifier
from django_ding.backends.prelude.errors import (
    ERROR_STATUSES,
    USED_UP,
    Answer,
    check_limited_reply,
    check_reply,
    error_code,
)
from django_ding.backends.prelude.history import parse_history
from django_ding.backends.prelude.parsing import parse_check, parse_lookup, parse_retry, parse_send
from django_ding.backends.prelude.payload import (
    MESSAGE_CHANNELS,
    build_body,
    call_options,
    choose_options,
    target,
    validate_options,
)
from django_ding.backends.prelude.signatures import SignatureVerifier
from django_ding.backends.prelude.webhooks import parse_webhook
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    DeviceType,
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
from django_ding.exceptions import BackendRejected, InputError, UnsupportedOperation

_VERIFICATION = "/v2/verification"


class Client(Protocol):
    """What a backend needs of its transport."""

    def post(self, path: str, *, json: Mapping[str, object], returned: Collection[int]) -> Reply: ...

    def get(self, path: str, *, query: Mapping[str, str] | None = None, returned: Collection[int]) -> Reply: ...


class BasePreludeBackend(BaseBackend):
    """Builds the requests and parses the answers, over any transport.

    The provider knows *windows*: one per number, opened by the first request for a code. Within it, any further request
    sends another message, no matter who made it, and a code is checked for the number. So two requesters of one number
    share a window: its expiry, its checks and its id.

    :param client: what carries a request to the API and returns its answer.

    The other arguments are those of :class:`PreludeBackend`.
    """

    is_per_number = True
    uses_request_signals = True
    #: The API has no word for a user who did not complete sign-up.
    feedback_statuses = frozenset({FeedbackStatus.ONBOARDED})
    channels = frozenset(Channel(channel) for channel in (*MESSAGE_CHANNELS, "voice"))
    unstored_options = frozenset({"custom_code"})

    def __init__(
        self,
        alias: str,
        *,
        client: Client,
        supports_status: bool = False,
        supports_lookup: bool = True,
        supports_feedback: bool = False,
        silent: bool = False,
        trust_returning_users: bool = False,
        allow_custom_code: bool = False,
        template_id: str | None = None,
        sender_id: str | None = None,
        webotp_domain: str | None = None,
        webhooks: Literal["per_request", "per_account"] = "per_request",
        webhook_public_keys: str | Sequence[str] = (),
        **verification: Any,
    ) -> None:
        super().__init__(alias)
        self._client = client
        self.supports_status = supports_status
        self.supports_lookup = supports_lookup
        self.supports_feedback = supports_feedback
        self._silent = silent
        self._trust_returning_users = trust_returning_users
        self._allow_custom_code = allow_custom_code
        self._webotp_domain = webotp_domain and options.domain("webotp_domain", webotp_domain)
        named = {"template_id": template_id, "sender_id": sender_id}
        self._options = validate_options(verification) | {name: value for name, value in named.items() if value}
        if {"preferred_channel", "channels"} <= self._options.keys():
            raise ImproperlyConfigured("Give either preferred_channel or channels.")
        keys = [webhook_public_keys] if isinstance(webhook_public_keys, str) else webhook_public_keys
        self._verifier = SignatureVerifier(keys) if keys else None
        if webhooks not in ("per_request", "per_account"):
            raise ImproperlyConfigured('webhooks must be "per_request" or "per_account".')
        if webhooks == "per_account" and not keys:
            # Its URL has no token, so anyone could post to it.
            raise ImproperlyConfigured('webhooks="per_account" needs webhook_public_keys.')
        self.webhooks = webhooks

    @property
    def max_code_length(self) -> int:
        return int(self._options.get("code_size", super().max_code_length))

    @sensitive_variables()
    def send(self, request: SendRequest) -> SendResponse:
        """Send a code. Where the number has an open window, this is a message of that window."""
        skip_silent = not self._may_be_silent(request)
        answer = self._create(request, channel=request.channel, skip_silent=skip_silent)
        if answer.data.get("status") in USED_UP:
            # Others who know the number may have used its window up. That ends it, and another request opens the next.
            answer = self._create(request, channel=request.channel, skip_silent=skip_silent)
        return parse_send(answer, requested=request.channel)

    @sensitive_variables()
    def check(self, sent: Sent, code: str) -> CheckResponse:
        psd2 = sent.request.extra.get("psd2")
        body = {"target": target(sent.phone_number), "code": code, **({"psd2": psd2} if psd2 else {})}
        reply = self._post(f"{_VERIFICATION}/check", body)
        try:
            return parse_check(check_reply(reply))
        except InputError as error:
            if error.code != "impossible_code":
                raise
            # Of another length than the account's: a wrong code like others.
            return parse_check(Answer({"status": "failure"}))

    @sensitive_variables()
    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        """Send another message, by the same options: the API has no retry but the repeated request.

        If the window has ended in the meantime, this opens another one.
        """
        # A silent verification that failed must be followed by a message.
        answer = self._create(sent.request, channel=channel, skip_silent=True)
        return parse_retry(answer, requested=channel, known_id=sent.authentication_uuid)

    def status(self, sent: Sent) -> StatusResponse:
        if not self.supports_status:
            return super().status(sent)
        reply = self._get(f"{_VERIFICATION}/phone/history/{quote(sent.authentication_uuid, safe='')}")
        if reply.status == 404:
            raise BackendRejected(
                "The provider does not know this verification: is it another account's, or too old?",
                code="invalid_auth_uuid",
            )
        return parse_history(check_limited_reply(reply))

    def feedback(self, phone_number: str, status: FeedbackStatus) -> FeedbackResponse:
        """Report a completed verification to Watch."""
        if not self.supports_feedback:
            return super().feedback(phone_number, status)
        if status not in self.feedback_statuses:
            raise UnsupportedOperation(f"The backend {self.alias!r} takes no feedback {status.value!r}.")
        feedback = {"target": target(phone_number), "type": "verification.completed"}
        answer = check_limited_reply(self._post("/v2/watch/feedback", {"feedbacks": [feedback]}))
        return FeedbackResponse(uuid=identifier(answer.get("request_id")))

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResponse:
        if not self.supports_lookup:
            return super().lookup(phone_number, caller_name=caller_name)
        query = {"type": "cnam"} if caller_name else None
        return parse_lookup(check_limited_reply(self._get(f"/v2/lookup/{quote(phone_number, safe='')}", query)))

    @sensitive_variables()
    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        """Return the event. With ``webhook_public_keys``, an unsigned webhook is refused."""
        if self._verifier:
            self._verifier.verify(request)
        return [parse_webhook(request.body)]

    @sensitive_variables()
    def _create(self, request: SendRequest, *, channel: Channel | None, skip_silent: bool) -> Answer:
        chosen = choose_options(
            request,
            defaults=self._options,
            extra=call_options(request.extra, allow_custom_code=self._allow_custom_code),
            channel=channel,
            skip_silent=skip_silent,
            webotp_domain=self._webotp_domain,
        )
        is_trusted = request.device_signals.is_returning_user if self._trust_returning_users else None
        reply = self._post(_VERIFICATION, build_body(request, chosen, is_trusted=is_trusted))
        if channel and error_code(reply) == "channel_not_enabled_in_region":
            raise InputError.from_code("unsupported_channel")  # The user can choose another one.
        return check_reply(reply)

    def _may_be_silent(self, request: SendRequest) -> bool:
        """Return whether the client can open the URL of a silent verification: an app on a phone."""
        return self._silent and request.device_signals.device_type in (DeviceType.ANDROID, DeviceType.IOS)

    @sensitive_variables()
    def _post(self, path: str, body: Mapping[str, object]) -> Reply:
        return self._client.post(path, json=body, returned=ERROR_STATUSES)

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Reply:
        return self._client.get(path, query=query, returned=ERROR_STATUSES)
