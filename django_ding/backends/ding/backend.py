"""The six operations of Ding's OTP API, v1, over any transport."""

from collections.abc import Mapping
from dataclasses import asdict
from ipaddress import IPv4Address, ip_address
from typing import Any, Protocol
from urllib.parse import quote

from django_ding.backends.base import (
    BaseBackend,
    CheckResult,
    CheckStatus,
    FeedbackResult,
    FeedbackStatus,
    LookupResult,
    RetryResult,
    RetryStatus,
    SendRequest,
    SendResult,
    SendStatus,
    StatusResult,
)
from django_ding.backends.ding.errors import answer_of
from django_ding.backends.ding.events import read_events, read_signals
from django_ding.backends.http import Reply
from django_ding.backends.parsing import choice, flag, mapping, text, time, whole, word
from django_ding.exceptions import InputError
from django_ding.phone import LineType


class Client(Protocol):
    """What a backend needs of its transport."""

    def post(self, path: str, body: Mapping[str, object]) -> Reply: ...

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply: ...


class DingOperations(BaseBackend):
    """Builds the requests and reads the answers.

    :param client: what carries a request to the API and brings back its answer.
    :param customer_uuid: the account.
    :param send_ipv6: whether IPv6 addresses of users are passed on. The API documents IPv4 only.
    """

    supports_status = True
    supports_feedback = True
    supports_lookup = True

    def __init__(self, alias: str, *, client: Client, customer_uuid: str, send_ipv6: bool) -> None:
        super().__init__(alias)
        self._client = client
        self._customer_uuid = customer_uuid
        self._send_ipv6 = send_ipv6

    def send(self, request: SendRequest) -> SendResult:
        answer = self._post("/authentication", **self._authentication(request))
        return SendResult(
            status=choice(SendStatus, answer.get("status")),
            provider_status=word(answer.get("status")) or "",
            authentication_uuid=word(answer.get("authentication_uuid")),
            created_at=time(answer.get("created_at")),
            expires_at=time(answer.get("expires_at")),
        )

    def check(self, authentication_uuid: str, code: str) -> CheckResult:
        try:
            answer = self._post("/check", authentication_uuid=authentication_uuid, check_code=code)
        except InputError as error:
            if error.code != "impossible_code":
                raise
            answer = {"status": CheckStatus.INVALID}  # Of another length than the account's: a wrong code like others.
        return CheckResult(
            status=choice(CheckStatus, answer.get("status")),
            provider_status=word(answer.get("status")) or "",
            authentication_uuid=word(answer.get("authentication_uuid")),
        )

    def retry(self, authentication_uuid: str) -> RetryResult:
        answer = self._post("/retry", authentication_uuid=authentication_uuid)
        return RetryResult(
            status=choice(RetryStatus, answer.get("status")),
            provider_status=word(answer.get("status")) or "",
            authentication_uuid=word(answer.get("authentication_uuid")),
            created_at=time(answer.get("created_at")),
            next_retry_at=time(answer.get("next_retry_at")),
            remaining_retry=whole(answer.get("remaining_retry")),
        )

    def status(self, authentication_uuid: str) -> StatusResult:
        answer = answer_of(self._client.get(f"/authentication/{quote(authentication_uuid, safe='')}"))
        return StatusResult(
            uuid=word(answer.get("uuid")),
            phone_number=text(answer.get("phone_number")),
            template_id=text(answer.get("template_id")),
            correlation_id=text(answer.get("correlation_id")),
            created_at=time(answer.get("created_at")),
            signals=read_signals(mapping(answer.get("signals"))),
            events=read_events(answer.get("events")),
        )

    def feedback(self, phone_number: str, status: FeedbackStatus) -> FeedbackResult:
        answer = self._post("/authentication/feedback", phone_number=phone_number, status=status)
        return FeedbackResult(uuid=word(answer.get("uuid")))

    def lookup(self, phone_number: str, *, caller_name: bool = False) -> LookupResult:
        path = f"/lookup/{quote(phone_number, safe='')}{'?type=cnam' if caller_name else ''}"
        answer = answer_of(self._client.get(path, headers={"customer-uuid": self._customer_uuid}))
        return LookupResult(
            phone_number=text(answer.get("phone_number")),
            country_code=text(answer.get("country_code")),
            mcc=text(answer.get("mcc")),
            mnc=text(answer.get("mnc")),
            carrier=text(answer.get("carrier")),
            number_ported=flag(answer.get("number_ported")),
            line_type=_line_type(answer.get("line_type")),
            temporary_phone_number=flag(answer.get("temporary_phone_number")),
            caller_name=text(answer.get("caller_name")),
        )

    def _post(self, path: str, **fields: object) -> Mapping[str, Any]:
        body = {name: value for name, value in fields.items() if value is not None}
        return answer_of(self._client.post(path, {"customer_uuid": self._customer_uuid, **body}))

    def _authentication(self, request: SendRequest) -> dict[str, object]:
        return {
            "phone_number": request.phone_number,
            "correlation_id": request.correlation_id,
            "locale": request.locale,
            "template_id": request.template_id,
            "sender_id": request.sender_id,
            "callback_url": request.callback_url,
            **asdict(request.signals),
            "ip": self._acceptable_ip(request.signals.ip),
        }

    def _acceptable_ip(self, ip: str | None) -> str | None:
        """Return the address as the API takes it: its ``ip`` is documented as IPv4."""
        if ip is None or self._send_ipv6:
            return ip
        address = ip_address(ip)
        if isinstance(address, IPv4Address):
            return str(address)
        return str(address.ipv4_mapped) if address.ipv4_mapped else None


def _line_type(value: object) -> LineType:
    try:
        return LineType(value)  # type: ignore[arg-type]
    except ValueError:
        return LineType.UNKNOWN
