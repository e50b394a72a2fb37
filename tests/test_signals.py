import logging

import pytest

from django_ding import signals
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication
from django_ding.services import CheckStatus, check, retry, send
from django_ding.testing import script

pytestmark = pytest.mark.django_db

NAMES = ["code_sent", "send_failed", "code_checked", "phone_verified"]


@pytest.fixture
def heard():
    """What each signal told, in order: its name and its arguments."""
    told = []

    def listen(name):
        def receiver(sender, signal, **arguments):
            assert sender is Authentication
            told.append((name, arguments))

        return receiver

    receivers = {name: listen(name) for name in NAMES}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver)
    yield told
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)


def test_send_tells_code_sent(heard, phone):
    authentication = send(phone)
    assert heard == [("code_sent", {"authentication": authentication, "attempt_number": 1})]


def test_retry_tells_code_sent(heard, phone, clock):
    authentication = send(phone)
    clock.shift(30)
    retry(authentication)
    assert heard[1:] == [("code_sent", {"authentication": authentication, "attempt_number": 2})]


def test_retry_refused_tells_nothing(heard, phone):
    retry(send(phone))
    assert [name for name, _ in heard] == ["code_sent"]


def test_send_refused_tells_send_failed(heard, phone):
    script("send", "spam_detected")
    authentication = send(phone)
    assert heard == [("send_failed", {"authentication": authentication, "error_code": "spam_detected"})]


def test_send_outage_tells_send_failed(heard, phone):
    script("send", "server_error")
    with pytest.raises(BackendUnavailable):
        send(phone)
    assert heard == [("send_failed", {"authentication": Authentication.objects.get(), "error_code": "http_500"})]


def test_check_tells_code_checked_and_phone_verified(heard, user, phone, outbox):
    authentication = send(phone, user=user)
    check(authentication, "000000")
    result = check(authentication, outbox[-1].code)
    assert heard[1:] == [
        ("code_checked", {"authentication": authentication, "status": CheckStatus.INVALID}),
        ("code_checked", {"authentication": authentication, "status": CheckStatus.VALID}),
        ("phone_verified", {"authentication": authentication, "phone_number": result.phone_number}),
    ]


def test_check_again_tells_nothing_more(heard, phone, outbox):
    authentication = send(phone)
    check(authentication, outbox[-1].code)
    check(authentication, outbox[-1].code)
    assert [name for name, _ in heard] == ["code_sent", "code_checked", "phone_verified"]


def test_failing_receiver_takes_nothing_back(phone, outbox, caplog):
    def fail(**kwargs):
        raise ZeroDivisionError

    signals.phone_verified.connect(fail)
    try:
        with caplog.at_level(logging.ERROR, "django.dispatch"):
            result = check(send(phone), outbox[-1].code)
    finally:
        signals.phone_verified.disconnect(fail)
    assert result.status is CheckStatus.VALID
    assert Authentication.objects.get().status == "validated"
    assert "ZeroDivisionError" in caplog.text
    assert phone not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_signals_are_sent_after_the_commit(phone, outbox, heard):
    from django.db import connection

    open_transactions = []
    receiver = lambda **kwargs: open_transactions.append(connection.in_atomic_block)  # noqa: E731
    for name in NAMES:
        getattr(signals, name).connect(receiver)
    check(send(phone), outbox[-1].code)
    for name in NAMES:
        getattr(signals, name).disconnect(receiver)
    assert open_transactions == [False, False, False]
