"""A way to sign in and a provider that cost next to nothing, so that they aren't measured."""

import json
from collections.abc import Sequence
from uuid import uuid4

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from django_ding.backends.base import BaseBackend
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


class Bearer(BaseAuthentication):
    """Authenticates ``Authorization: Bearer 1`` as the user with that key, without a query."""

    def authenticate(self, request: Request) -> tuple[User, None]:
        return User(pk=int(request.headers["Authorization"].removeprefix("Bearer "))), None


class InstantBackend(BaseBackend):
    """Responds at once, accepts every code, and believes every webhook."""

    webhooks = "per_account"

    def send(self, request: SendRequest) -> SendResponse:
        return SendResponse(status=SendStatus.PENDING, authentication_uuid=str(uuid4()))

    def check(self, sent: Sent, code: str) -> CheckResponse:
        return CheckResponse(status=CheckStatus.VALID, authentication_uuid=sent.authentication_uuid)

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        return RetryResponse(status=RetryStatus.APPROVED, authentication_uuid=sent.authentication_uuid)

    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        """Return the delivery of the authentication's only message."""
        return [
            WebhookEvent(
                type=EventType.DELIVERY_STATUS,
                id=str(uuid4()),
                correlation_id=json.loads(request.body)["id"],
                attempt_number=1,
                status=DeliveryStatus.DELIVERED,
            )
        ]
