from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from django_ding.flows.numbers import release
from django_ding.models import PhoneNumber
from django_ding.services import (
    has_verified_number,
    is_remembered_device,
    make_primary,
    primary_number,
    remember_device,
    remove_number,
    replace_number,
)
from django_ding.signals import primary_number_changed
from tests.helpers import Statements, received, statements

pytestmark = pytest.mark.django_db


#: How a row is locked by the databases that can. In PostgreSQL others may still refer to the user.
LOCKS = {"postgresql": " FOR NO KEY UPDATE", "mysql": " FOR UPDATE"}


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


def test_only_the_user_is_locked(numbers):
    (lock,) = [sql for sql in statements(partial(make_primary, numbers[1])) if "auth_user" in sql]
    assert lock.partition(" WHERE ")[2].startswith(("`auth_user`.`id` = ", '"auth_user"."id" = '))
    assert lock.endswith(LOCKS.get(connection.vendor, ""))


def test_remove_releases_the_number(numbers, other_user):
    remove_number(numbers[1])
    assert primaries() == [numbers[0]]
    assert PhoneNumber.objects.create(user=other_user, phone_number="+12025550101")


def test_release_of_a_number_that_is_gone_forgets_no_device(numbers, user):
    remove_number(numbers[1])
    token = remember_device(user)
    assert release(numbers[1], reason="erased") == 0
    assert is_remembered_device(user, token)


def test_remove_primary_is_succeeded_by_the_oldest(numbers):
    remove_number(numbers[0])
    assert primaries() == [numbers[1]]


def test_remove_last_leaves_none(user):
    remove_number(PhoneNumber.objects.create(user=user, phone_number="+12025550100", is_primary=True))
    assert not PhoneNumber.objects.exists()


def test_constraints_one_account_per_number(numbers, other_user):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumber.objects.create(user=other_user, phone_number="+12025550100")


def test_constraints_one_primary_per_user(numbers):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumber.objects.filter(pk=numbers[1].pk).update(is_primary=True)


def test_make_primary_of_a_removed_number_changes_nothing(numbers):
    remove_number(PhoneNumber.objects.get(pk=numbers[1].pk))
    with pytest.raises(PhoneNumber.DoesNotExist):
        make_primary(numbers[1])
    assert primaries() == [numbers[0]]


def test_remove_of_a_stale_primary_is_succeeded(numbers):
    make_primary(PhoneNumber.objects.get(pk=numbers[1].pk))
    remove_number(numbers[1])
    assert primaries() == [numbers[0]]


def test_replace_releases_the_old_one(numbers):
    assert replace_number(numbers[1], numbers[2]) == numbers[2]
    assert primaries() == [numbers[0]]
    assert list(PhoneNumber.objects.all()) == [numbers[0], numbers[2]]


def test_replace_of_the_primary_takes_its_place(numbers):
    assert replace_number(numbers[0], numbers[2]).is_primary
    assert primaries() == [numbers[2]]


def test_replace_by_itself_changes_nothing(numbers):
    replace_number(numbers[0], numbers[0])
    assert PhoneNumber.objects.count() == 3


def test_replace_of_one_that_is_gone_changes_nothing(numbers):
    remove_number(PhoneNumber.objects.get(pk=numbers[0].pk))
    assert not replace_number(numbers[0], numbers[2]).is_primary
    assert primaries() == [numbers[1]]


@pytest.mark.parametrize("old", [0, 1])
def test_replace_by_one_that_is_gone_keeps_the_old_one(numbers, old):
    remove_number(PhoneNumber.objects.get(pk=numbers[2].pk))
    with pytest.raises(PhoneNumber.DoesNotExist):
        replace_number(numbers[old], numbers[2])
    assert list(PhoneNumber.objects.all()) == numbers[:2]


def test_replace_by_a_number_of_another_user_is_refused(numbers, other_user):
    theirs = PhoneNumber.objects.create(user=other_user, phone_number="+12025550109")
    with pytest.raises(ValueError):
        replace_number(numbers[0], theirs)
    assert PhoneNumber.objects.count() == 4


def test_replace_forgets_the_devices(numbers, user):
    device = remember_device(user)
    replace_number(numbers[0], numbers[1])
    assert not is_remembered_device(user, device)


def test_primary_number_takes_one_statement(numbers, user):
    with Statements() as statements:
        assert primary_number(user) == numbers[0]
    assert len(statements) == 1


def test_primary_number_of_one_without(user):
    assert primary_number(user) is None
    assert primary_number(AnonymousUser()) is None


def test_has_verified_number_takes_one_statement(numbers, user, other_user):
    with Statements() as statements:
        assert has_verified_number(user)
        assert not has_verified_number(other_user)
    assert len(statements) == 2


def test_has_verified_number_of_an_anonymous_user(numbers):
    assert not has_verified_number(AnonymousUser())


def test_has_verified_number_not_older_than(clock, numbers, user):
    clock.shift(86400)
    assert has_verified_number(user)
    assert has_verified_number(user, max_age=timedelta(days=1, seconds=1))
    assert not has_verified_number(user, max_age=timedelta(days=1))


@pytest.fixture
def changes(django_capture_on_commit_callbacks):
    """Call something, and return what ``primary_number_changed`` told of it: the former number and the new one."""

    def call(change, *args):
        with received(primary_number_changed) as heard, django_capture_on_commit_callbacks(execute=True):
            change(*args)
        return [(each["former_phone_number"], each["phone_number"].phone_number) for each in heard]

    return call


def test_make_primary_sends_a_signal_once(changes, numbers):
    assert changes(make_primary, numbers[2]) == [("+12025550100", "+12025550102")]
    assert changes(make_primary, numbers[2]) == []


def test_removal_of_the_primary_sends_a_signal(changes, numbers):
    assert changes(remove_number, numbers[0]) == [("+12025550100", "+12025550101")]
    assert changes(remove_number, numbers[2]) == []
    assert changes(remove_number, numbers[1]) == []  # The last one.


def test_replacement_of_the_primary_sends_one_signal(changes, numbers):
    assert changes(replace_number, numbers[0], numbers[2]) == [("+12025550100", "+12025550102")]


def test_primary_number_of_none_that_is_primary_is_the_oldest(clock, numbers, user):
    clock.shift(60)
    PhoneNumber.objects.filter(pk=numbers[0].pk).update(is_primary=False, verified_at=timezone.now())
    assert primary_number(user) == numbers[1]
