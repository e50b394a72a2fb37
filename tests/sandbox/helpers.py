"""A clock to move, and a client that calls v1 of the simulator without a socket."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse

from django_ding.sandbox.handler import call
from django_ding.sandbox.simulator import Simulator

PHONE = "+33612345678"
CUSTOMER = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"
HEADERS = {"X-API-Key": "key", "Content-Type": "application/json; charset=utf-8"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Client:
    """Each method returns the decoded body; ``response`` is the last response."""

    response: HttpResponse

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def post(self, path: str, **fields: Any) -> dict[str, Any]:
        body = json.dumps({"customer_uuid": CUSTOMER, **fields}).encode()
        return self.call("POST", path, body=body)

    def call(
        self, method: str, path: str, *, headers: Any = HEADERS, body: bytes = b"", query: str = ""
    ) -> dict[str, Any]:
        self.response = call(self.simulator, method, f"{path}?{query}", headers=headers, body=body)
        try:
            decoded: dict[str, Any] = json.loads(self.response.content)
        except ValueError:
            decoded = {}
        return decoded

    def send(self, phone_number: str = PHONE, **fields: Any) -> dict[str, Any]:
        return self.post("/v1/authentication", phone_number=phone_number, **fields)

    def check(self, uuid: str, code: str) -> dict[str, Any]:
        return self.post("/v1/check", authentication_uuid=uuid, check_code=code)

    def retry(self, uuid: str) -> dict[str, Any]:
        return self.post("/v1/retry", authentication_uuid=uuid)

    def feedback(self, phone_number: str = PHONE, status: str = "onboarded") -> dict[str, Any]:
        return self.post("/v1/authentication/feedback", phone_number=phone_number, status=status)

    def status(self, uuid: str) -> dict[str, Any]:
        return self.call("GET", f"/v1/authentication/{uuid}")

    def lookup(self, phone_number: str = PHONE, query: str = "") -> dict[str, Any]:
        path = f"/v1/lookup/{phone_number.replace('+', '%2B')}"
        return self.call("GET", path, headers={**HEADERS, "customer-uuid": CUSTOMER}, query=query)

    def code(self, phone_number: str = PHONE) -> str:
        """Return the newest code sent to a number."""
        return self.simulator.messages(phone_number)[0].code

    def wrong_code(self, phone_number: str = PHONE) -> str:
        codes = {message.code for message in self.simulator.messages(phone_number)}
        return next(code for code in map("{:06}".format, range(100)) if code not in codes)


class V2Client(Client):
    """Calls version 2 of the simulator."""

    headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}

    def request(self, method: str, path: str, *, query: str = "", **fields: Any) -> dict[str, Any]:
        body = json.dumps(fields).encode() if fields else b""
        return self.call(method, f"/v2/{path}", headers=self.headers, body=body, query=query)

    def create(self, phone_number: str = PHONE, **fields: Any) -> dict[str, Any]:
        return self.request("POST", "verification", target=target(phone_number), **fields)

    def check(self, code: str, phone_number: str = PHONE, **fields: Any) -> dict[str, Any]:
        return self.request("POST", "verification/check", target=target(phone_number), code=code, **fields)

    def history(self, verification_id: str) -> dict[str, Any]:
        return self.request("GET", f"verification/phone/history/{verification_id}")

    def list(self, query: str = "") -> dict[str, Any]:
        return self.request("GET", "verification/phone/history", query=query)

    def lookup(self, phone_number: str = PHONE, query: str = "") -> dict[str, Any]:
        return self.request("GET", f"lookup/{phone_number.replace('+', '%2B')}", query=query)


def target(phone_number: str) -> dict[str, str]:
    return {"type": "phone_number", "value": phone_number}
