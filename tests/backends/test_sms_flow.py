"""Codes of this app's own making through the services: what the database and the log keep of them."""

import logging

import pytest
from django.core import serializers

from django_ding.backends import get_backend
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication, Event, PhoneNumber
from django_ding.services import CheckStatus, RetryStatus, check, retry, send
from tests.backends import gateways
from tests.helpers import wrong_code

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def delivered(settings):
    options = {"gateway": "tests.backends.gateways.deliver"}
    backend = {"BACKEND": "django_ding.backends.sms.SMSBackend", "OPTIONS": options}
    settings.DING = {**settings.DING, "BACKENDS": {"default": backend}, "RETRY_COOLDOWN": 0}
    gateways.delivered.clear()
    return gateways.delivered


def test_code_is_sent_retried_and_checked(delivered, phone, user):
    authentication = send(phone, user=user).authentication
    assert check(authentication, wrong_code(delivered[0].code)).status is CheckStatus.INVALID
    assert retry(authentication).status is RetryStatus.APPROVED
    assert len(delivered) == 2
    result = check(authentication, delivered[0].code)  # The message that came late.
    assert (result.status, result.phone_number.phone_number) == (CheckStatus.VALID, phone)
    assert check(authentication, delivered[1].code).status is CheckStatus.ALREADY_VALIDATED


def test_code_of_a_retry_is_valid(delivered, phone):
    authentication = send(phone).authentication
    retry(authentication)
    assert check(Authentication.objects.get(), delivered[1].code).status is CheckStatus.VALID


def test_code_of_a_retry_whose_gateway_timed_out_is_valid(delivered, phone, monkeypatch):
    """The gateway may have delivered it although its answer never came."""
    authentication = send(phone).authentication

    def deliver_and_time_out(message):
        delivered.append(message)
        raise BackendUnavailable(code="timeout")

    monkeypatch.setattr(get_backend(), "_deliver", deliver_and_time_out)
    with pytest.raises(BackendUnavailable):
        retry(authentication)
    assert check(authentication, delivered[1].code).status is CheckStatus.VALID


def test_hash_lives_as_long_as_the_code(delivered, phone):
    authentication = send(phone).authentication
    assert "hashes" in str(Authentication.objects.get().backend_state)
    check(authentication, delivered[0].code)
    assert "hashes" not in str(Authentication.objects.get().backend_state)


def test_checks_are_limited(delivered, phone):
    authentication = send(phone).authentication
    statuses = [check(authentication, wrong_code(delivered[0].code)).status for _ in range(6)]
    assert statuses == [CheckStatus.INVALID] * 5 + [CheckStatus.RATE_LIMITED]
    assert check(authentication, delivered[0].code).status is CheckStatus.RATE_LIMITED


def test_code_expires(delivered, phone, clock):
    authentication = send(phone).authentication
    clock.shift(601)
    assert check(authentication, delivered[0].code).status is CheckStatus.EXPIRED_AUTH


def test_neither_database_nor_log_holds_a_code(delivered, phone, user, monkeypatch, caplog):
    codes = iter([428613, 907351])
    monkeypatch.setattr("secrets.randbelow", lambda bound: next(codes))
    with caplog.at_level(logging.DEBUG):
        authentication = send(phone, user=user).authentication
        retry(authentication)
        check(authentication, "111111")
        rows = [*Authentication.objects.all(), *Event.objects.all()]
        dump = serializers.serialize("json", rows)
        check(authentication, "907351")
    rows = [*Authentication.objects.all(), *Event.objects.all(), *PhoneNumber.objects.all()]
    for text in (dump, serializers.serialize("json", rows), caplog.text):
        assert "428613" not in text
        assert "907351" not in text
    assert phone not in caplog.text


def test_outage_of_the_gateway_is_recorded(phone, monkeypatch):
    monkeypatch.setattr(gateways, "deliver", gateways.fail)
    with pytest.raises(BackendUnavailable):
        send(phone)
    authentication = Authentication.objects.get()
    assert (authentication.status, authentication.error_code) == ("failed", "gateway_error")


def test_channel_is_sms(phone):
    send(phone, channel="sms")
    assert Authentication.objects.get().channel == "sms"
