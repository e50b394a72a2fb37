"""With a password alone: by leaving the account without a primary number, or on a device that should be forgotten."""

import pytest

from django_ding.models import Authentication, PhoneNumber, RememberedDevice
from django_ding.services import check, make_primary, primary_number, remember_device, remove_number, send
from django_ding.testing import sandbox
from tests.helpers import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 30


@pytest.fixture
def numbers(user):
    """Give Alice this many numbers, the first of them primary."""

    def create(count):
        PhoneNumber.objects.all().delete()
        return [
            PhoneNumber.objects.create(user=user, phone_number=f"+1202555010{n}", is_primary=n == 0)
            for n in range(count)
        ]

    return create


def unless_removed(change, *args, **kwargs):
    try:
        return change(*args, **kwargs)
    except PhoneNumber.DoesNotExist:
        return None


@pytest.mark.slow
def test_number_added_while_the_primary_one_is_removed(user, numbers):
    without = 0
    for _ in range(ROUNDS):
        (only,) = numbers(1)
        with sandbox(RATE_LIMITS={}, SANDBOX={"stateless": False}) as outbox:
            second = send("+12025550109", user=user).authentication
            code = outbox[-1].code
            at_once(lambda row=only: remove_number(row), lambda row=second, code=code: check(row, code))
        without += not PhoneNumber.objects.filter(user=user, is_primary=True).exists()
        Authentication.objects.all().delete()
    assert without == 0


@pytest.mark.slow
def test_number_added_while_another_is_made_primary_and_removed(user, numbers):
    without = 0
    for _ in range(ROUNDS):
        first, second = numbers(2)
        with sandbox(RATE_LIMITS={}, SANDBOX={"stateless": False}) as outbox:
            third = send("+12025550109", user=user).authentication
            code = outbox[-1].code
            at_once(
                lambda row=first: remove_number(row),
                lambda row=second: unless_removed(make_primary, row),
                lambda row=second: remove_number(row),
                lambda row=third, code=code: check(row, code),
            )
        without += PhoneNumber.objects.filter(user=user, is_primary=True).count() != 1
        Authentication.objects.all().delete()
    assert without == 0


@pytest.mark.slow
def test_device_remembered_while_its_number_is_removed(user, numbers):
    survived = 0
    for _ in range(ROUNDS):
        number = numbers(2)[0]
        at_once(
            lambda row=number: remove_number(row),
            lambda row=number: unless_removed(remember_device, user, number=row.public_id),
        )
        survived += RememberedDevice.objects.exists()
        RememberedDevice.objects.all().delete()
    assert survived == 0


def test_no_number_is_primary(user, numbers):
    """A row that a project changed by itself: the second factor goes to the oldest number."""
    oldest, _ = numbers(2)
    PhoneNumber.objects.update(is_primary=False)
    assert primary_number(user) == oldest
