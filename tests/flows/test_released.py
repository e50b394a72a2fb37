"""What the project is told of a number that a user has no longer."""

import pytest
from django.db import transaction

from django_ding.models import PhoneNumber
from django_ding.services import check, remove, replace, send
from django_ding.signals import phone_released, phone_taken_over
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    """What the signals told, in order."""
    told = []

    def receiver(sender, signal, **arguments):
        assert sender is PhoneNumber
        told.append(arguments)

    for signal in (phone_released, phone_taken_over):
        signal.connect(receiver)
    yield told
    for signal in (phone_released, phone_taken_over):
        signal.disconnect(receiver)


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


def test_remove_tells_phone_released(heard, number, user, phone):
    remove(number)
    assert heard == [{"user": user, "phone_number": phone, "reason": "removed"}]


def test_remove_again_tells_nothing_more(heard, number):
    stale = PhoneNumber.objects.get()
    remove(number)
    remove(stale)
    assert len(heard) == 1


def test_remove_tells_after_the_commit(heard, number):
    with transaction.atomic():
        remove(number)
        assert not heard
    assert len(heard) == 1


def test_remove_that_is_rolled_back_tells_nothing(heard, number):
    with transaction.atomic():
        remove(number)
        transaction.set_rollback(True)
    assert not heard


def test_replace_tells_phone_released(heard, number, user, phone):
    replace(number, PhoneNumber.objects.create(user=user, phone_number="+12025550100"))
    assert heard == [{"user": user, "phone_number": phone, "reason": "replaced"}]


def test_takeover_tells_both_owners(heard, number, user, other_user, phone):
    with sandbox(NUMBER_TAKEOVER=0) as outbox:
        check(send(phone, user=other_user), outbox[-1].code)
    number.refresh_from_db()
    assert heard == [
        {"user": user, "phone_number": phone, "reason": "taken_over"},
        {"phone_number": number, "former_user": user},
    ]
    assert heard[1]["phone_number"].user == other_user
