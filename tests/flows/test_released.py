"""The signals about a number that a user no longer owns."""

import pytest
from django.db import transaction

from django_ding.models import PhoneNumber
from django_ding.services import check, remove_number, replace_number, send
from django_ding.signals import phone_released, phone_taken_over
from django_ding.testing import sandbox
from tests.helpers import received

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    """What the signals are sent with, in order."""
    with received(phone_released, phone_taken_over) as arguments:
        yield arguments


def sent_by(signal, **arguments):
    return {"signal": signal, "sender": PhoneNumber, **arguments}


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


def test_remove_sends_phone_released(heard, number, user, phone):
    remove_number(number)
    assert heard == [sent_by(phone_released, user=user, phone_number=phone, reason="removed")]


def test_remove_again_sends_nothing_more(heard, number):
    stale = PhoneNumber.objects.get()
    remove_number(number)
    remove_number(stale)
    assert len(heard) == 1


def test_remove_sends_it_after_the_commit(heard, number):
    with transaction.atomic():
        remove_number(number)
        assert not heard
    assert len(heard) == 1


def test_remove_that_is_rolled_back_sends_nothing(heard, number):
    with transaction.atomic():
        remove_number(number)
        transaction.set_rollback(True)
    assert not heard


def test_replace_sends_phone_released(heard, number, user, phone):
    replace_number(number, PhoneNumber.objects.create(user=user, phone_number="+12025550100"))
    assert heard == [sent_by(phone_released, user=user, phone_number=phone, reason="replaced")]


def test_takeover_sends_both_signals(heard, number, user, other_user, phone):
    with sandbox(NUMBER_TAKEOVER_DAYS=0) as outbox:
        check(send(phone, user=other_user).authentication, outbox[-1].code)
    number.refresh_from_db()
    assert heard == [
        sent_by(phone_released, user=user, phone_number=phone, reason="taken_over"),
        sent_by(phone_taken_over, phone_number=number, former_user=user),
    ]
    assert heard[1]["phone_number"].user == other_user
