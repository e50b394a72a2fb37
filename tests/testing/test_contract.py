"""The contract suite finds what it is there to find."""

import logging
import unittest
from dataclasses import replace

import pytest

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    RetryResponse,
    SendResponse,
    WebhookEvent,
)
from django_ding.exceptions import BackendUnavailable, InvalidWebhook
from django_ding.testing import BackendContract


class Honest(BaseBackend):
    """As little as the contract asks for. Its codes are the last digits of the number."""

    code_lengths = (6,)

    def send(self, request):
        return SendResponse(status="pending", authentication_uuid="one", state={"code_of": 6})

    def check(self, sent, code):
        return CheckResponse(status="valid" if code == sent.phone_number[-6:][::-1] else "invalid")

    def retry(self, sent, *, channel=None):
        return RetryResponse(status="approved")


def contract(backend_class, **attributes):
    class Contract(BackendContract):
        def make_backend(self):
            return backend_class("default")

        def valid_code(self, sent):
            return sent.phone_number[-6:][::-1]

    return type("Contract", (Contract,), attributes)()


def broken(name, method, **attributes):
    return type("Broken", (Honest,), {name: method, **attributes})


TESTS = [name for name in dir(BackendContract) if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
def test_honest_backend_passes(name):
    try:
        getattr(contract(Honest), name)()
    except unittest.SkipTest:
        assert name in ("test_webhook", "test_webhook_garbage", "test_outage")


def leak(self, request):
    logging.getLogger("acme").debug("to %s", request.phone_number)
    return Honest.send(self, request)


def quote_code(self, sent, code):
    return CheckResponse(status="valid", provider_status=f"{code} is right")


BREACHES = {
    "channels": ("test_attributes", broken("channels", frozenset({"pigeon"}))),
    "webhooks": ("test_attributes", broken("webhooks", "sometimes")),
    "lengths": ("test_attributes", broken("code_lengths", ())),
    "repr": ("test_attributes", broken("__repr__", lambda self: "<to +12025550100>")),
    "hidden operation": ("test_unsupported_operations", broken("cancel", lambda self, sent: None)),
    "status": ("test_send", broken("send", lambda self, request: SendResponse(status="unknown"))),
    "type": ("test_send", broken("send", lambda self, request: {"status": "pending"})),
    "id": ("test_send", broken("send", lambda self, request: SendResponse(status="pending"))),
    "size": (
        "test_send",
        broken("send", lambda self, request: replace(Honest.send(self, request), state={"x": "y" * 5000})),
    ),
    "valid": ("test_check", broken("check", lambda self, sent, code: CheckResponse(status="valid"))),
    "invalid": ("test_check", broken("check", lambda self, sent, code: CheckResponse(status="invalid"))),
    "unbound": (
        "test_check_code_of_another_authentication",
        broken("check", lambda self, sent, code: CheckResponse(status="valid")),
    ),
    "other id": (
        "test_check",
        broken("check", lambda self, sent, code: CheckResponse(status="invalid", authentication_uuid="two")),
    ),
    "denied": ("test_retry", broken("retry", lambda self, sent, channel=None: RetryResponse(status="denied"))),
    "channel": (
        "test_retry",
        broken(
            "retry",
            lambda self, sent, channel=None: RetryResponse(status="approved", channel=Channel.RCS),
            channels=frozenset({Channel.SMS}),
        ),
    ),
    "logged": ("test_no_secrets", broken("send", leak)),
    "quoted": ("test_no_secrets", broken("check", quote_code)),
}


@pytest.mark.parametrize(("name", "backend"), BREACHES.values(), ids=BREACHES)
def test_breach_is_found(name, backend):
    with pytest.raises(AssertionError, match=r"A backend's contract: .*\.") as raised:
        getattr(contract(backend), name)()
    assert "2025550100" not in str(raised.value)


def test_state_must_be_json():
    backend = broken("send", lambda self, request: replace(Honest.send(self, request), state={"x": object()}))
    with pytest.raises(TypeError, match="JSON"):
        contract(backend).test_send()


@pytest.mark.parametrize(
    "parse",
    [
        lambda self, request: [],
        lambda self, request: 1 / 0,
        BaseBackend.parse_webhook,
    ],
)
def test_webhook_that_takes_anything_is_found(parse):
    backend = broken("parse_webhook", parse, webhooks="per_account")
    with pytest.raises((AssertionError, ZeroDivisionError)):
        contract(backend).test_webhook_garbage()


def test_webhook_without_an_id_is_found():
    def parse(self, request):
        return [WebhookEvent(type="attempt")]

    backend = broken("parse_webhook", parse, webhooks="per_account")
    with pytest.raises(AssertionError, match="has an id"):
        contract(backend, webhook=lambda self, sent: object()).test_webhook()


def test_webhook_with_the_wrong_code_of_a_forgery_is_found():
    def parse(self, request):
        raise InvalidWebhook(code="unreadable")

    backend = broken("parse_webhook", parse, webhooks="per_account")
    with pytest.raises(AssertionError, match="bad_signature"):
        contract(backend).test_webhook_garbage()


def down(self, *args, **kwargs):
    raise BackendUnavailable(f"No answer about {args}", code="timeout")


def test_outage_that_is_no_outage_is_found():
    class Context:
        def __enter__(self):
            return Honest("default")

        def __exit__(self, *exception):
            pass

    with pytest.raises(AssertionError, match="an outage raises BackendUnavailable"):
        contract(Honest, outage=lambda self: Context()).test_outage()


class TestWithUnittest(BackendContract, unittest.TestCase):
    """The same suite in a ``unittest.TestCase``."""

    def make_backend(self):
        return Honest("default")

    def valid_code(self, sent):
        return sent.phone_number[-6:][::-1]
