"""A provider of the project's own, a gateway, and an authentication backend."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User

from django_ding.backends import options, parsing
from django_ding.backends.base import BaseBackend
from django_ding.backends.http import HttpClient
from django_ding.backends.sms import SMSMessage
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    LineType,
    LookupResponse,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
    WebhookEvent,
    WebhookRequest,
)
from django_ding.exceptions import BackendRejected, InvalidWebhook, provider_input_error
from django_ding.login.backends import PhoneBackend

CHECKS = {"right": CheckStatus.VALID, "wrong": CheckStatus.INVALID, "expired": CheckStatus.EXPIRED_AUTH}


class PigeonBackend(BaseBackend):
    channels = frozenset({Channel.SMS, Channel.VOICE})
    code_lengths = (6,)
    supports_lookup = True
    webhooks = "per_account"

    def __init__(self, alias: str, *, api_key: str, base_url: str = "https://api.pigeon.example/v1") -> None:
        super().__init__(alias)
        headers = {"Authorization": f"Bearer {options.secret('api_key', api_key)}"}
        self.client = HttpClient(base_url, headers=headers, read_timeout=5)
        self.base_url = self.client.base_url

    def send(self, request: SendRequest) -> SendResponse:
        channel = request.channel or Channel.SMS
        answer = self.post("/codes", to=request.phone_number, by=channel, reference=request.correlation_id)
        return SendResponse(
            status=SendStatus.PENDING,
            authentication_uuid=parsing.identifier(answer.get("id")),
            expires_at=parsing.time(answer.get("expires_at")),
            channel=channel,
            state={"by": channel},
        )

    def check(self, sent: Sent, code: str) -> CheckResponse:
        answer = self.post("/codes/check", to=sent.phone_number, code=code)
        result = parsing.identifier(answer.get("result")) or ""
        return CheckResponse(
            status=CHECKS.get(result, CheckStatus.UNKNOWN),
            provider_status=result,
            authentication_uuid=parsing.identifier(answer.get("id")),
        )

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        channel = channel or Channel(sent.state["by"])
        answer = self.post("/codes", to=sent.phone_number, by=channel, reference=sent.correlation_id)
        return RetryResponse(
            status=RetryStatus.APPROVED,
            authentication_uuid=parsing.identifier(answer.get("id")),
            channel=channel,
            state={"by": channel},
        )

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResponse:
        reply = self.client.get("/numbers", query={"number": phone_number})
        return LookupResponse(line_type=LineType.MOBILE, carrier=parsing.text(reply.data.get("network")))

    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        raise InvalidWebhook(code="bad_signature")

    def post(self, path: str, **fields: str | None) -> Mapping[str, Any]:
        reply = self.client.post(path, json=fields)
        if reply.status < 400:
            return reply.data
        if reply.data.get("error") == "no_such_number":
            raise provider_input_error("invalid_phone_number")
        raise BackendRejected(f"Pigeon answered HTTP {reply.status}: check api_key in OPTIONS.")


def deliver(message: SMSMessage) -> None:
    """Carry a message, in a project that makes the codes itself."""
    carried.append(f"{message.phone_number}: {message.text}")


carried: list[str] = []


class ActivePhoneBackend(PhoneBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and isinstance(user, User) and user.has_usable_password()
