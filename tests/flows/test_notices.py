"""The message to a number that was removed from its account."""

import asyncio
import threading
from contextlib import suppress
from typing import ClassVar

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from django_ding.backends.sms import HTTPGateway, SMSBackend
from django_ding.backends.types import Channel
from django_ding.exceptions import BackendUnavailable, UnsupportedOperation
from django_ding.models import PhoneNumber
from django_ding.services import aremove_number, erase_data, remove_number, replace_number, send
from django_ding.testing import sandbox
from tests.backends import gateways
from tests.helpers import await_the_rest
from tests.stubs import Plain, using

pytestmark = pytest.mark.django_db(transaction=True)

LANDLINE = "+33123456789"
TEXT = "Acme: This phone number was removed from an account. If you didn't do this, contact support."
HTTP_GATEWAY = "django_ding.backends.sms.HTTPGateway"
NOWHERE = {"url": "http://127.0.0.1:1/", "json": {"body": "{text}"}}


def by(gateway, **options):
    """Return a context in which this gateway carries the messages."""
    backend = {"BACKEND": "django_ding.backends.sms.SMSBackend", "OPTIONS": {"gateway": gateway, **options}}
    return sandbox(BACKENDS={"default": backend}, RATE_LIMITS={"send": "1/h/phone"})


@pytest.fixture
def delivered():
    """What the gateway was given, codes and notices."""
    gateways.delivered.clear()
    with by("tests.backends.gateways.deliver", brand="Acme"):
        yield gateways.delivered


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


def test_removed_number_gets_a_notice(delivered, number, phone):
    remove_number(number)
    assert [(message.phone_number, message.text, message.code) for message in delivered] == [(phone, TEXT, "")]


def test_replaced_number_gets_a_notice(delivered, number, user, phone):
    replace_number(number, PhoneNumber.objects.create(user=user, phone_number="+12025550100"))
    assert [message.phone_number for message in delivered] == [phone]


def test_notice_is_sent_after_the_commit(delivered, number):
    with transaction.atomic():
        remove_number(number)
        assert not delivered
    assert len(delivered) == 1


def test_removal_that_is_rolled_back_sends_none(delivered, number):
    with transaction.atomic():
        remove_number(number)
        transaction.set_rollback(True)
    assert not delivered


def test_notices_are_counted_as_codes_are(delivered, number, user, phone):
    send(phone, user=user)
    remove_number(number)
    assert [bool(message.code) for message in delivered] == [True]
    assert not PhoneNumber.objects.exists()


def test_erased_data_sends_none(delivered, number, user):
    erase_data(user=user)
    assert not delivered


def test_test_number_gets_none(number, phone):
    gateways.delivered.clear()
    backend = {
        "BACKEND": "django_ding.backends.sms.SMSBackend",
        "OPTIONS": {"gateway": "tests.backends.gateways.deliver"},
    }
    with sandbox(BACKENDS={"default": backend}, TEST_NUMBERS={phone: "424242"}):
        remove_number(number)
    assert not gateways.delivered


class CallingBackend(SMSBackend):
    channels = frozenset({Channel.SMS, Channel.VOICE})


def test_landline_that_is_called_gets_none(user):
    gateways.delivered.clear()
    backend = {
        "BACKEND": "tests.flows.test_notices.CallingBackend",
        "OPTIONS": {"gateway": "tests.backends.gateways.deliver"},
    }
    with sandbox(BACKENDS={"default": backend}, CHANNELS=["sms", "voice"]):
        remove_number(PhoneNumber.objects.create(user=user, phone_number=LANDLINE))
    assert not gateways.delivered


def test_number_is_removed_whatever_the_gateway_does(number, caplog, phone):
    with by("tests.backends.gateways.fail"):
        remove_number(number)
    assert not PhoneNumber.objects.exists()
    (record,) = caplog.records
    assert (record.ding_event, record.ding_operation) == ("provider_error", "send_text")
    assert phone not in caplog.text


class Buggy(Plain):
    """Takes texts, and has a bug."""

    supports_text = True

    def send_text(self, phone_number, text):
        raise ZeroDivisionError


def test_number_is_removed_whatever_bug_the_backend_has(number):
    with using(Buggy):
        remove_number(number)
    assert not PhoneNumber.objects.exists()


def test_backend_without_texts_sends_none(number, outbox):
    remove_number(number)
    assert not outbox


def test_gateway_with_templates_of_its_own_gets_none():
    options = {**NOWHERE, "json": {"to": "{digits}", "otp": "{code}"}}
    assert not HTTPGateway(**options).supports_text
    with pytest.raises(UnsupportedOperation):
        SMSBackend("default", gateway=HTTP_GATEWAY, gateway_options=options).send_text("+12025550100", "Hello")


def test_gateway_that_is_down():
    with pytest.raises(BackendUnavailable):
        SMSBackend("default", gateway=HTTP_GATEWAY, gateway_options=NOWHERE).send_text("+12025550100", "Hello")


class Texting(Plain):
    """Notes in which thread it sends a text."""

    supports_text = True
    threads: ClassVar[list] = []

    def send_text(self, phone_number, text):
        self.threads.append(threading.current_thread())
        raise ZeroDivisionError


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_asynchronous_caller_waits_in_no_thread_of_the_projects(number, caplog, is_cancelled):
    Texting.threads.clear()

    async def remove():
        task = asyncio.create_task(aremove_number(number))
        while is_cancelled and await PhoneNumber.objects.aexists():
            await asyncio.sleep(0.01)
        if is_cancelled:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        projects = await sync_to_async(threading.current_thread)()
        await sync_to_async(connections.close_all)()
        return projects

    with using(Texting):
        projects = asyncio.run(remove())
        await_the_rest()
    assert len(Texting.threads) == 1
    assert projects not in Texting.threads
    assert not PhoneNumber.objects.exists()
    assert [record.ding_event for record in caplog.records] == ["provider_error", "unawaited_error"]
