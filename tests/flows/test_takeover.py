"""A number that has moved to another person."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_ding.exceptions import PhoneNumberTaken
from django_ding.flows.numbers import link_number
from django_ding.models import PhoneNumber
from django_ding.services import CheckStatus, check, claim, is_remembered_device, remember_device, send
from django_ding.testing import sandbox
from tests.helpers import at_statement

pytestmark = pytest.mark.django_db

DAY = 86400


@pytest.fixture
def former(clock, other_user, phone):
    """Bob's number, his primary one, beside another one of his."""
    number = PhoneNumber.objects.create(user=other_user, phone_number=phone, is_primary=True)
    PhoneNumber.objects.create(user=other_user, phone_number="+12025550100")
    return number


def prove(phone, user, **settings):
    """Let a user enter the right code for ``link``."""
    with sandbox(**settings) as outbox:
        return check(send(phone, user=user).authentication, outbox[-1].code)


@pytest.mark.parametrize(("days", "after"), [(None, 1000), (90, 89)])
def test_number_stays_with_its_owner(clock, former, user, other_user, phone, days, after):
    clock.shift(after * DAY)
    result = prove(phone, user, NUMBER_TAKEOVER_DAYS=days)
    assert (result.status, result.phone_number) == (CheckStatus.NUMBER_TAKEN, None)
    assert PhoneNumber.objects.get(phone_number=phone).user == other_user


@pytest.mark.parametrize(("days", "after"), [(0, 0), (90, 90)])
def test_number_goes_to_the_user_who_verifies_it(clock, former, user, phone, days, after):
    clock.shift(after * DAY)
    number = prove(phone, user, NUMBER_TAKEOVER_DAYS=days).phone_number
    number.refresh_from_db()
    assert (number.pk, number.user, number.is_primary) == (former.pk, user, True)
    assert (number.verified_at - former.verified_at).days == after


def test_former_owner_gets_another_primary(former, user, other_user, phone):
    prove(phone, user, NUMBER_TAKEOVER_DAYS=0)
    assert PhoneNumber.objects.get(user=other_user).is_primary


def test_new_owner_keeps_their_primary(former, user, phone):
    mine = PhoneNumber.objects.create(user=user, phone_number="+12025550101", is_primary=True)
    assert not prove(phone, user, NUMBER_TAKEOVER_DAYS=0).phone_number.is_primary
    assert PhoneNumber.objects.get(user=user, is_primary=True) == mine


def test_number_goes_to_the_user_who_claims_it(former, user, phone, outbox):
    with sandbox(NUMBER_TAKEOVER_DAYS=0) as outbox:
        authentication = send(phone, purpose="signup").authentication
        check(authentication, outbox[-1].code)
        assert claim(authentication, user=user).user == user


def test_claim_of_a_number_that_stays(former, user, phone):
    with sandbox() as outbox:
        authentication = send(phone, purpose="signup").authentication
        check(authentication, outbox[-1].code)
        with pytest.raises(PhoneNumberTaken):
            claim(authentication, user=user)


def test_devices_of_the_former_owner_are_forgotten(former, user, other_user, phone):
    theirs, mine = remember_device(other_user), remember_device(user)
    prove(phone, user, NUMBER_TAKEOVER_DAYS=0)
    assert not is_remembered_device(other_user, theirs)
    assert is_remembered_device(user, mine)


def test_number_that_its_owner_verifies_at_that_moment_stays(clock, former, user, other_user, phone):
    def verify_again():
        PhoneNumber.objects.filter(pk=former.pk).update(verified_at=timezone.now())

    clock.shift(90 * DAY)
    with (
        sandbox(NUMBER_TAKEOVER_DAYS=90),
        at_statement(verify_again, starts="UPDATE", contains="is_primary"),
        pytest.raises(IntegrityError),  # The flows try again then.
        transaction.atomic(),
    ):
        link_number(user.pk, phone, timezone.now())
    assert PhoneNumber.objects.get(phone_number=phone).user == other_user


def test_second_factor_proves_the_number_anew(clock, former, user, other_user, phone):
    clock.shift(80 * DAY)
    with sandbox() as outbox:
        check(send(phone, user=other_user, purpose="second_factor").authentication, outbox[-1].code)
    clock.shift(80 * DAY)
    assert prove(phone, user, NUMBER_TAKEOVER_DAYS=90).status is CheckStatus.NUMBER_TAKEN
