"""The project's own tests."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from typing import Any, assert_type

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings

from django_ding.backends.http import Reply
from django_ding.backends.types import Sent
from django_ding.exceptions import Blocked
from django_ding.services import acheck, asend, check, send
from django_ding.testing import BackendContract, Outbox, SandboxMixin, outbox, sandbox, script
from shop.backends import PigeonBackend, carried
from shop.views import orders

OWN_CODES = {"BACKEND": "django_ding.backends.sms.SMSBackend", "OPTIONS": {"gateway": "shop.backends.deliver"}}


class OrderTests(SandboxMixin, TestCase):
    def test_code_verifies_a_number(self) -> None:
        user = User.objects.create_user("alice")
        authentication = send("+33 6 12 34 56 78", user=user).authentication
        result = check(authentication, self.outbox[-1].code)
        self.assertEqual(result.status, "valid")
        self.client.force_login(user)
        self.assertEqual(self.client.get("/orders/").content, b"Your orders")

    def test_restricted_view_keeps_its_type(self) -> None:
        request = RequestFactory().get("/orders/")
        request.user = AnonymousUser()
        self.assertEqual(assert_type(orders(request), HttpResponse).status_code, 302)

    def test_own_endpoint(self) -> None:
        body = {"phone_number": "+447400123456", "captcha": "passed"}
        response = self.client.post("/api/phone/authentications/", body)
        self.assertEqual(response.json()["country"], "GB")
        self.assertEqual(self.outbox[-1].phone_number, "+447400123456")

    async def test_async(self) -> None:
        authentication = (await asend("+33612345678")).authentication
        result = await acheck(authentication, self.outbox.to("+33612345678")[-1].code)
        self.assertEqual(result.status, "valid")

    def test_refusal(self) -> None:
        script("send", "spam_detected")
        with self.assertRaises(Blocked):
            send("+33612345678")


class PlainTests(TestCase):
    def test_sandbox(self) -> None:
        with sandbox(MAX_CHECKS=3) as messages:
            send("+33612345678")
            self.assertIsInstance(messages, Outbox)
            self.assertEqual([message.channel for message in messages], ["sms"])
            self.assertEqual(len(outbox), 1)

    @override_settings(DING={"BACKENDS": {"default": OWN_CODES}})
    def test_gateway(self) -> None:
        carried.clear()
        send("+33612345678")
        self.assertEqual([text.partition(":")[0] for text in carried], ["+33612345678"])


def test_sign_up(ding_outbox: Outbox) -> None:
    """As with pytest."""
    assert [message.code for message in ding_outbox] == []


class FakePigeon:
    base_url = "https://api.pigeon.example/v1"

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.next_code = count()

    def post(self, path: str, *, json: dict[str, str]) -> Reply:
        number = json["to"]
        if path == "/codes":
            self.codes[number] = f"{next(self.next_code):06}"
            return Reply(status=201, data={"id": f"pigeon-{number[-4:]}"})
        result = "right" if json["code"] == self.codes.get(number) else "wrong"
        return Reply(status=200, data={"id": f"pigeon-{number[-4:]}", "result": result})

    def get(self, path: str, *, query: dict[str, str]) -> Reply:
        return Reply(status=200, data={"network": "Pigeon Mobile"})


class FakedPigeonBackend(PigeonBackend):
    client: Any


class PigeonBackendTests(BackendContract, SimpleTestCase):
    fake = FakePigeon()
    secrets = ["the-api-key"]

    def make_backend(self) -> PigeonBackend:
        backend = FakedPigeonBackend("default", api_key="the-api-key")
        backend.client = self.fake
        return backend

    def valid_code(self, sent: Sent) -> str:
        return self.fake.codes[sent.phone_number]

    @contextmanager
    def outage(self) -> Generator[PigeonBackend]:
        yield PigeonBackend("default", api_key="the-api-key", base_url="http://127.0.0.1:9")
