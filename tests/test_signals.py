import logging

import pytest
from django.db import connection

from django_ding import signals
from django_ding.exceptions import BackendUnavailable, Blocked
from django_ding.models import Authentication
from django_ding.services import CheckStatus, check, retry, send
from django_ding.testing import script
from tests.helpers import received

pytestmark = pytest.mark.django_db

SIGNALS = [signals.code_sent, signals.send_failed, signals.code_checked, signals.phone_verified]


@pytest.fixture
def heard():
    """What the signals are sent with, in order."""
    with received(*SIGNALS) as arguments:
        yield arguments


def sent_by(signal, **arguments):
    return {"signal": signal, "sender": Authentication, **arguments}


def test_send_sends_code_sent(heard, phone):
    authentication = send(phone).authentication
    assert heard == [sent_by(signals.code_sent, authentication=authentication, attempt_number=1)]


def test_retry_sends_code_sent(heard, phone, clock):
    authentication = send(phone).authentication
    clock.shift(30)
    retry(authentication)
    assert heard[1:] == [sent_by(signals.code_sent, authentication=authentication, attempt_number=2)]


def test_refused_retry_sends_nothing(heard, phone):
    retry(send(phone).authentication)
    assert [each["signal"] for each in heard] == [signals.code_sent]


def test_refused_send_sends_send_failed(heard, phone):
    script("send", "spam_detected")
    with pytest.raises(Blocked):
        send(phone)
    failed = {"authentication": Authentication.objects.get(), "error_code": "spam_detected"}
    assert heard == [sent_by(signals.send_failed, **failed)]


def test_send_in_an_outage_sends_send_failed(heard, phone):
    script("send", "server_error")
    with pytest.raises(BackendUnavailable):
        send(phone)
    failed = {"authentication": Authentication.objects.get(), "error_code": "http_500"}
    assert heard == [sent_by(signals.send_failed, **failed)]


def test_check_sends_code_checked_and_phone_verified(heard, user, phone, outbox):
    authentication = send(phone, user=user).authentication
    check(authentication, "000000")
    result = check(authentication, outbox[-1].code)
    assert heard[1:] == [
        sent_by(signals.code_checked, authentication=authentication, status=CheckStatus.INVALID),
        sent_by(signals.code_checked, authentication=authentication, status=CheckStatus.VALID),
        sent_by(signals.phone_verified, authentication=authentication, phone_number=result.phone_number),
    ]


def test_another_check_sends_nothing_more(heard, phone, outbox):
    authentication = send(phone).authentication
    check(authentication, outbox[-1].code)
    check(authentication, outbox[-1].code)
    assert [each["signal"] for each in heard] == [signals.code_sent, signals.code_checked, signals.phone_verified]


def test_failing_receiver_takes_nothing_back(phone, outbox, caplog):
    def fail(**kwargs):
        raise ZeroDivisionError

    signals.phone_verified.connect(fail)
    try:
        with caplog.at_level(logging.ERROR, "django.dispatch"):
            result = check(send(phone).authentication, outbox[-1].code)
    finally:
        signals.phone_verified.disconnect(fail)
    assert result.status is CheckStatus.VALID
    assert Authentication.objects.get().status == "validated"
    assert "ZeroDivisionError" in caplog.text
    assert phone not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_signals_are_sent_after_the_commit(phone, outbox):
    open_transactions = []
    with received(*SIGNALS, each=lambda: open_transactions.append(connection.in_atomic_block)):
        check(send(phone).authentication, outbox[-1].code)
    assert open_transactions == [False, False, False]
