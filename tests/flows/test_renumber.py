"""A country's numbers get more digits: here those of Côte d'Ivoire in 2021."""

import pytest
from django.db import IntegrityError

from django_ding.models import Authentication, PhoneNumber
from django_ding.services import RenumberResult, has_verified_number, renumber
from django_ding.signals import phone_renumbered
from tests.helpers import at_statement, create_authentication

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "+22507123456", "+2250707123456"
PREFIXES = ("+22507", "+2250707")


@pytest.fixture
def number(user) -> PhoneNumber:
    return PhoneNumber.objects.create(user=user, phone_number=OLD, is_primary=True)


@pytest.fixture
def renumbered():
    """The numbers that the signal was sent for: the new one's row, and the old number."""
    seen = []

    def receiver(phone_number, former_phone_number, **kwargs):
        seen.append((phone_number, phone_number.phone_number, former_phone_number))

    phone_renumbered.connect(receiver)
    yield seen
    phone_renumbered.disconnect(receiver)


def test_renumber_changes_the_row_and_nothing_else(number, user, renumbered):
    authentication = create_authentication(phone_number=OLD, user=user)
    assert renumber(*PREFIXES) == RenumberResult(renumbered=1)
    row = PhoneNumber.objects.get()
    assert (row.pk, row.phone_number, row.user, row.is_primary) == (number.pk, NEW, user, True)
    assert (row.verified_at, row.public_id) == (number.verified_at, number.public_id)
    assert Authentication.objects.get(pk=authentication.pk).phone_number == OLD
    assert renumbered == [(row, NEW, OLD)]


def test_renumber_twice_changes_nothing_more(number, renumbered):
    renumber("+225", "+22507")
    assert renumber("+225", "+22507") == RenumberResult(still_valid=1)
    assert PhoneNumber.objects.get().phone_number == NEW
    assert len(renumbered) == 1


def test_renumber_dry_run_changes_nothing(number, renumbered):
    assert renumber(*PREFIXES, dry_run=True) == RenumberResult(renumbered=1)
    assert PhoneNumber.objects.get().phone_number == OLD
    assert renumbered == []


def test_renumber_keeps_what_is_still_valid(user, phone):
    PhoneNumber.objects.create(user=user, phone_number=phone)
    assert renumber("+336", "+337") == RenumberResult(still_valid=1)
    assert PhoneNumber.objects.get().phone_number == phone


@pytest.mark.parametrize("dry_run", [False, True])
def test_renumber_reports_a_duplicate(number, other_user, dry_run):
    PhoneNumber.objects.create(user=other_user, phone_number=NEW)
    result = renumber(*PREFIXES, dry_run=dry_run)
    (problem,) = result.problems
    assert (problem.source, problem.phone_number, problem.reason) == (
        f"user {number.user_id}",
        "+225******56",
        "duplicate",
    )
    assert result.renumbered == 0
    assert set(PhoneNumber.objects.values_list("phone_number", flat=True)) == {OLD, NEW}


def test_renumber_reports_what_would_not_be_valid_either(number):
    (problem,) = renumber("+22507", "+22517").problems
    assert problem.reason == "too_short"
    assert PhoneNumber.objects.get().phone_number == OLD


def test_renumber_shortens_numbers_as_well(user):
    PhoneNumber.objects.create(user=user, phone_number="+5215512345678")
    assert renumber("+521", "+52") == RenumberResult(renumbered=1)
    assert PhoneNumber.objects.get().phone_number == "+525512345678"


def test_renumber_in_batches_leaves_nothing_out(user):
    numbers = [f"+2250712345{n}" for n in range(7)]
    PhoneNumber.objects.bulk_create(PhoneNumber(user=user, phone_number=number) for number in numbers)
    sums = []
    renumber(*PREFIXES, batch=3, on_progress=lambda so_far: sums.append(so_far.total))
    assert sums == [3, 6, 7]
    assert all(map(str.startswith, PhoneNumber.objects.values_list("phone_number", flat=True), ["+2250707"] * 7))
    assert has_verified_number(user)


@pytest.mark.parametrize(
    ("old", "new", "options"),
    [
        ("+225", "+225", {}),
        ("225", "+2250", {}),
        ("+0", "+1", {}),
        ("+22x", "+1", {}),
        ("", "+1", {}),
        ("+1", "+2", {"batch": 0}),
    ],
)
def test_renumber_refuses_what_makes_no_sense(old, new, options):
    with pytest.raises(ValueError):
        renumber(old, new, **options)


def test_renumber_is_run_again_when_a_user_verifies_the_new_number_meanwhile(number, other_user):
    conflicts = [IntegrityError("The number is taken.")]

    def collide():
        while conflicts:
            raise conflicts.pop()

    def link():
        if not conflicts and not PhoneNumber.objects.filter(phone_number=NEW).exists():
            PhoneNumber.objects.create(user=other_user, phone_number=NEW)

    with at_statement(collide, starts="UPDATE"), at_statement(link, starts="SELECT", contains=" IN ("):
        (problem,) = renumber(*PREFIXES).problems
    assert problem.reason == "duplicate"
