"""A backend as another package would ship it: of a provider that knows numbers and no authentications."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from django_ding.backends import options, parsing
from django_ding.backends.base import BaseBackend
from django_ding.backends.http import HttpClient, Reply
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    DeliveryStatus,
    EventType,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
    WebhookEvent,
    WebhookRequest,
)
from django_ding.exceptions import BackendRejected, InputError, InvalidWebhook

CHECKS = {"ok": CheckStatus.VALID, "wrong": CheckStatus.INVALID, "gone": CheckStatus.EXPIRED_AUTH}
DELIVERIES = {"arrived": DeliveryStatus.DELIVERED, "lost": DeliveryStatus.UNDELIVERABLE}


class AcmeBackend(BaseBackend):
    """Acme Verify: checks by number, sends again by the channel that is asked of it, signs its webhooks.

    :param account: the account's name.
    :param api_key: its key.
    :param webhook_secret: what its webhooks are signed with.
    """

    webhooks: ClassVar[Literal["per_request", "per_account"] | None] = "per_account"
    supports_cancel = True
    channels = frozenset({Channel.SMS, Channel.VOICE})
    code_lengths = (5,)

    def __init__(self, alias: str, *, account: str, api_key: str, webhook_secret: str, base_url: str) -> None:
        super().__init__(alias)
        self._secret = options.secret("webhook_secret", webhook_secret)
        self._client = HttpClient(base_url, auth=(account, options.secret("api_key", api_key)), read_timeout=5)
        self.base_url = self._client.base_url

    def send(self, request: SendRequest) -> SendResponse:
        channel = request.channel or Channel.SMS
        answer = self._post("/codes", number=request.phone_number, reference=request.correlation_id, by=channel)
        if answer.get("result") == "busy":
            return SendResponse(status=SendStatus.RATE_LIMITED, provider_status="busy", retry_after=60)
        now = timezone.now()
        return SendResponse(
            status=SendStatus.PENDING,
            authentication_uuid=parsing.identifier(answer.get("ticket")),
            created_at=now,
            expires_at=now + timedelta(seconds=parsing.integer(answer.get("seconds")) or 300),
            channel=channel,
            state={"by": channel},
        )

    def check(self, sent: Sent, code: str) -> CheckResponse:
        answer = self._post("/codes/check", number=sent.phone_number, code=code)
        word = parsing.identifier(answer.get("result")) or ""
        return CheckResponse(
            status=CHECKS.get(word, CheckStatus.UNKNOWN),
            provider_status=word,
            authentication_uuid=parsing.identifier(answer.get("ticket")),
        )

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        """Send another code, by the channel of the last message unless another one is given."""
        channel = channel or Channel(sent.state.get("by", Channel.SMS))
        answer = self._post("/codes/again", number=sent.phone_number, by=channel)
        result = parsing.identifier(answer.get("result")) or ""
        status = {"sent": RetryStatus.APPROVED, "gone": RetryStatus.EXPIRED_AUTH, "busy": RetryStatus.RATE_LIMITED}
        return RetryResponse(
            status=status.get(result, RetryStatus.UNKNOWN),
            provider_status=result,
            authentication_uuid=parsing.identifier(answer.get("ticket")),
            channel=channel,
            state={"by": channel},
        )

    def cancel(self, sent: Sent) -> None:
        self._post("/codes/cancel", number=sent.phone_number)

    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        expected = hmac.new(self._secret.encode(), request.body, hashlib.sha256).hexdigest()
        if not constant_time_compare(request.headers.get("Acme-Signature", ""), expected):
            raise InvalidWebhook(code="bad_signature")
        reports = parsing.webhook_object(request.body).get("reports")
        return [
            WebhookEvent(
                type=EventType.DELIVERY_STATUS,
                id=parsing.identifier(report.get("id")),
                created_at=parsing.time(report.get("at")),
                authentication_uuid=parsing.identifier(report.get("ticket")),
                correlation_id=parsing.identifier(report.get("reference")),
                attempt_id=parsing.identifier(report.get("message")),
                status=DELIVERIES.get(str(report.get("state")), DeliveryStatus.UNKNOWN),
            )
            for report in parsing.objects(reports)
        ]

    def _post(self, path: str, **fields: Any) -> Mapping[str, Any]:
        form = {name: str(value) for name, value in fields.items() if value is not None}
        return _check(self._client.post(path, form=form))


def _check(reply: Reply) -> Mapping[str, Any]:
    if reply.status < 400:
        return reply.data
    if reply.data.get("error") == "bad_number":
        raise InputError.from_code("invalid_phone_number")
    raise BackendRejected(f"Acme answered HTTP {reply.status}: check the account in OPTIONS.")
