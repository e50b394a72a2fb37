"""The six operations of Ding's OTP API, version 1."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from ipaddress import IPv4Address, ip_address
from typing import Any, Literal, Protocol
from urllib.parse import quote

from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.base import BaseBackend
from django_ding.backends.ding.parsing import (
    check_reply,
    parse_device_signals,
    parse_events,
    parse_line_type,
    parse_webhook,
)
from django_ding.backends.http import HttpClient, Reply
from django_ding.backends.parsing import boolean, choice, identifier, integer, text, time, webhook_object
from django_ding.backends.parsing import object as json_object
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    DeviceSignals,
    DeviceType,
    FeedbackResponse,
    FeedbackStatus,
    LookupResponse,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
    StatusResponse,
    WebhookEvent,
    WebhookRequest,
)
from django_ding.exceptions import InputError

#: Signals that version 1 has no field for.
_UNKNOWN_SIGNALS = ("user_agent", "ja4_fingerprint")
#: Version 1 documents three platforms; these run what it calls iOS.
_IOS = (DeviceType.IPADOS, DeviceType.TVOS)


class Client(Protocol):
    """What a backend needs of its transport."""

    def post(self, path: str, *, json: Mapping[str, object]) -> Reply: ...

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply: ...


class BaseDingBackend(BaseBackend):
    """Builds the requests and parses the answers, over any transport.

    :param client: what carries a request to the API and returns its answer.
    :param customer_uuid: the account.
    :param send_ipv6: whether IPv6 addresses of users are passed on. The API documents IPv4 only.
    """

    supports_status = True
    supports_feedback = True
    supports_lookup = True
    webhooks: Literal["per_request", "per_account"] | None = "per_request"

    def __init__(self, alias: str, *, client: Client, customer_uuid: str, send_ipv6: bool) -> None:
        super().__init__(alias)
        self._client = client
        self._customer_uuid = customer_uuid
        self._send_ipv6 = send_ipv6

    def send(self, request: SendRequest) -> SendResponse:
        answer = self._post(
            "/authentication",
            phone_number=request.phone_number,
            correlation_id=request.correlation_id,
            locale=request.locale,
            template_id=request.template_id,
            sender_id=request.sender_id,
            callback_url=request.callback_url,
            ip=self._acceptable_ip(request.ip),
            **_device_fields(request.device_signals),
        )
        return SendResponse(
            status=choice(SendStatus, answer.get("status")),
            provider_status=identifier(answer.get("status")) or "",
            authentication_uuid=identifier(answer.get("authentication_uuid")),
            created_at=time(answer.get("created_at")),
            expires_at=time(answer.get("expires_at")),
        )

    @sensitive_variables()
    def check(self, sent: Sent, code: str) -> CheckResponse:
        try:
            answer = self._post("/check", authentication_uuid=sent.authentication_uuid, check_code=code)
        except InputError as error:
            if error.code != "impossible_code":
                raise
            answer = {"status": CheckStatus.INVALID}  # Of another length than the account's: a wrong code like others.
        return CheckResponse(
            status=choice(CheckStatus, answer.get("status")),
            provider_status=identifier(answer.get("status")) or "",
            authentication_uuid=identifier(answer.get("authentication_uuid")),
        )

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        """Send another message. The provider chooses its route."""
        # Without ``channels`` no caller can ask for one.
        answer = self._post("/retry", authentication_uuid=sent.authentication_uuid)
        return RetryResponse(
            status=choice(RetryStatus, answer.get("status")),
            provider_status=identifier(answer.get("status")) or "",
            authentication_uuid=identifier(answer.get("authentication_uuid")),
            created_at=time(answer.get("created_at")),
            next_retry_at=time(answer.get("next_retry_at")),
            remaining_retry=integer(answer.get("remaining_retry")),
        )

    def status(self, sent: Sent) -> StatusResponse:
        # Quoted, because an id of another provider's may have got into the row.
        answer = check_reply(self._client.get(f"/authentication/{quote(sent.authentication_uuid, safe='')}"))
        signals = json_object(answer.get("signals"))
        return StatusResponse(
            uuid=identifier(answer.get("uuid")),
            phone_number=text(answer.get("phone_number")),
            template_id=text(answer.get("template_id")),
            correlation_id=text(answer.get("correlation_id")),
            created_at=time(answer.get("created_at")),
            ip=text(signals.get("ip")),
            device_signals=parse_device_signals(signals),
            events=parse_events(answer.get("events")),
        )

    def feedback(self, phone_number: str, status: FeedbackStatus) -> FeedbackResponse:
        answer = self._post("/authentication/feedback", phone_number=phone_number, status=status)
        return FeedbackResponse(uuid=identifier(answer.get("uuid")))

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResponse:
        # Only this operation takes the account from a header.
        path = f"/lookup/{quote(phone_number, safe='')}{'?type=cnam' if caller_name else ''}"
        answer = check_reply(self._client.get(path, headers={"customer-uuid": self._customer_uuid}))
        return LookupResponse(
            phone_number=text(answer.get("phone_number")),
            country_code=text(answer.get("country_code")),
            mcc=text(answer.get("mcc")),
            mnc=text(answer.get("mnc")),
            carrier=text(answer.get("carrier")),
            number_ported=boolean(answer.get("number_ported")),
            line_type=parse_line_type(answer.get("line_type")),
            temporary_phone_number=boolean(answer.get("temporary_phone_number")),
            caller_name=text(answer.get("caller_name")),
        )

    @sensitive_variables()
    def parse_webhook(self, request: WebhookRequest) -> Sequence[WebhookEvent]:
        return [parse_webhook(webhook_object(request.body))]

    @sensitive_variables()
    def _post(self, path: str, **fields: object) -> Mapping[str, Any]:
        # The API takes an absent field for unknown, and null for a mistake.
        body = {name: value for name, value in fields.items() if value is not None}
        return check_reply(self._client.post(path, json={"customer_uuid": self._customer_uuid, **body}))

    def _acceptable_ip(self, ip: str | None) -> str | None:
        """Return the address as the API takes it: its ``ip`` is documented as IPv4."""
        if ip is None or self._send_ipv6:
            return ip
        address = ip_address(ip)
        if isinstance(address, IPv4Address):
            return str(address)
        return str(address.ipv4_mapped) if address.ipv4_mapped else None


def _device_fields(signals: DeviceSignals) -> dict[str, object]:
    """Return the signals as version 1 takes them."""
    given = {name: value for name, value in asdict(signals).items() if name not in _UNKNOWN_SIGNALS}
    return {**given, "device_type": DeviceType.IOS} if given["device_type"] in _IOS else given


class DingBackend(BaseDingBackend):
    """Ding's OTP API, version 1, over HTTPS.

    :param api_key: the key of the dashboard's legacy credentials.
    :param customer_uuid: the customer UUID that goes with it.
    :param base_url: where the API is; change it for a sandbox.
    :param connect_timeout: connection timeout in seconds.
    :param read_timeout: seconds within which the whole answer must arrive.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open per process; make it at least the number of threads.
    :param send_ipv6: whether IPv6 addresses of users are passed on. The API documents IPv4 only.
    """

    @sensitive_variables()
    def __init__(
        self,
        alias: str,
        *,
        api_key: str,
        customer_uuid: str,
        base_url: str = "https://api.ding.live/v1",
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        connect_retries: int = 1,
        pool_size: int = 100,
        send_ipv6: bool = False,
    ) -> None:
        client = HttpClient(
            base_url,
            headers={"x-api-key": options.secret("api_key", api_key)},
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connect_retries=connect_retries,
            pool_size=pool_size,
        )
        super().__init__(alias, client=client, customer_uuid=options.customer_uuid(customer_uuid), send_ipv6=send_ipv6)
        self.base_url = client.base_url
