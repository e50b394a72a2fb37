import pytest
from django.db import IntegrityError, transaction

from django_ding.models import PhoneNumber
from django_ding.services import make_primary, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers(user):
    """Three numbers of one user; the first is primary."""
    return [PhoneNumber.objects.create(user=user, phone_number=f"+1202555010{n}", is_primary=n == 0) for n in range(3)]


def primaries():
    return list(PhoneNumber.objects.filter(is_primary=True))


def test_make_primary_replaces_the_former(numbers):
    assert make_primary(numbers[2]).is_primary
    assert primaries() == [numbers[2]]


def test_make_primary_again_changes_nothing(numbers):
    make_primary(numbers[0])
    assert primaries() == [numbers[0]]


def test_make_primary_leaves_others_alone(numbers, other_user):
    theirs = PhoneNumber.objects.create(user=other_user, phone_number="+12025550109", is_primary=True)
    make_primary(numbers[1])
    assert primaries() == [numbers[1], theirs]


def test_remove_releases_the_number(numbers, other_user):
    remove(numbers[1])
    assert primaries() == [numbers[0]]
    assert PhoneNumber.objects.create(user=other_user, phone_number="+12025550101")


def test_remove_primary_is_succeeded_by_the_oldest(numbers):
    remove(numbers[0])
    assert primaries() == [numbers[1]]


def test_remove_last_leaves_none(user):
    remove(PhoneNumber.objects.create(user=user, phone_number="+12025550100", is_primary=True))
    assert not PhoneNumber.objects.exists()


def test_constraints_one_account_per_number(numbers, other_user):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumber.objects.create(user=other_user, phone_number="+12025550100")


def test_constraints_one_primary_per_user(numbers):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumber.objects.filter(pk=numbers[1].pk).update(is_primary=True)


def test_make_primary_of_a_removed_number_changes_nothing(numbers):
    remove(PhoneNumber.objects.get(pk=numbers[1].pk))
    with pytest.raises(PhoneNumber.DoesNotExist):
        make_primary(numbers[1])
    assert primaries() == [numbers[0]]


def test_remove_of_a_stale_primary_is_succeeded(numbers):
    make_primary(PhoneNumber.objects.get(pk=numbers[1].pk))
    remove(numbers[1])
    assert primaries() == [numbers[0]]
