"""Numbers that another system has verified."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError
from django.utils import timezone

from django_ding.models import PhoneNumber
from django_ding.services import ImportResult, NumberToImport, import_numbers, primary_number
from tests.helpers import at_statement

pytestmark = pytest.mark.django_db


def numbers_of(user):
    return list(PhoneNumber.objects.of_user(user).order_by("pk").values_list("phone_number", "is_primary"))


def run(*rows, **options) -> ImportResult:
    """Import pairs of what identifies a user and a number, and perhaps a time."""
    names = ("user", "phone_number", "verified_at")
    numbers = [
        NumberToImport(**dict(zip(names, row, strict=False)), source=f"line {line}")
        for line, row in enumerate(rows, start=2)
    ]
    return import_numbers(numbers, **options)


def problems(result):
    return [(problem.source, problem.phone_number, problem.reason) for problem in result.problems]


def test_import_links_numbers_and_makes_the_first_one_primary(user, other_user):
    result = run((user.pk, "06 12 34 56 78"), (user.pk, "+44 7400 123456"), (str(other_user.pk), "0612345679"))
    assert result == ImportResult(imported=3)
    assert numbers_of(user) == [("+33612345678", True), ("+447400123456", False)]
    assert numbers_of(other_user) == [("+33612345679", True)]


def test_import_keeps_the_primary_number(user):
    PhoneNumber.objects.create(user=user, phone_number="+447400123456", is_primary=True)
    run((user.pk, "0612345678"))
    assert primary_number(user).phone_number == "+447400123456"


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_import_twice_changes_nothing_more(user, other_user, batch):
    rows = [(user.pk, "0612345678"), (other_user.pk, "0612345679"), (user.pk, "+33 6 12 34 56 78")]
    assert run(*rows, batch=batch) == ImportResult(imported=2, unchanged=1)
    before = list(PhoneNumber.objects.values())
    assert run(*rows, batch=batch) == ImportResult(unchanged=3)
    assert list(PhoneNumber.objects.values()) == before


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("dry_run", [False, True])
def test_import_moves_no_number_to_another_account(user, other_user, batch, dry_run):
    PhoneNumber.objects.create(user=user, phone_number="+33612345678")
    rows = [(other_user.pk, "0612345678"), (user.pk, "0612345679"), (other_user.pk, "0612345679")]
    result = run(*rows, batch=batch, dry_run=dry_run)
    assert (result.imported, result.unchanged) == (1, 0)
    assert problems(result) == [
        ("line 2", "+33*******78", "duplicate"),
        ("line 4", "+33*******79", "duplicate"),
    ]
    assert numbers_of(other_user) == []
    assert len(numbers_of(user)) == (1 if dry_run else 2)


def test_import_reports_what_it_cannot_read(user):
    result = run(
        (user.pk, "0612"),
        (user.pk, "hello"),
        (user.pk, ""),
        (user.pk, "06 12 34 56 78 x5"),
        (10**30, "0612345678"),
        ("1\0", "0612345678"),
        ("nobody", "0612345678"),
        (user.pk, "0612345678", "yesterday"),
        (user.pk, "0612345678", "2026-02-30"),
        (user.pk, "0612345678", timezone.now() + timedelta(days=1)),
    )
    assert [problem.reason for problem in result.problems] == [
        *("too_short", "not_a_number", "empty", "extension"),
        *("unknown_user", "unknown_user", "unknown_user", "invalid_date", "invalid_date", "invalid_date"),
    ]
    assert {problem.phone_number for problem in result.problems} == {"", "+33*******78"}
    assert not PhoneNumber.objects.exists()


def test_import_by_another_field_of_the_user(user, other_user):
    get_user_model().objects.update(email="both@example.com")
    assert run(("alice", "0612345678"), user_field="username").imported == 1
    assert numbers_of(user) == [("+33612345678", True)]
    assert problems(run(("both@example.com", "0612345679"), user_field="email")) == [
        ("line 2", "+33*******79", "ambiguous_user")
    ]
    with pytest.raises(FieldDoesNotExist):
        run(("alice", "0612345678"), user_field="nickname")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2024-05-01T12:30:00Z", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("2024-05-01 14:30+02:00", datetime(2024, 5, 1, 12, 30, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 5, 1, 5, tzinfo=UTC)),
        (datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)),
    ],
)
def test_import_knows_when_a_number_was_verified(user, settings, given, expected):
    settings.TIME_ZONE = "America/Chicago"
    run((user.pk, "0612345678", given))
    assert PhoneNumber.objects.get().verified_at == expected


def test_import_without_a_time_is_of_now(clock, user):
    run((user.pk, "0612345678", ""))
    assert PhoneNumber.objects.get().verified_at == timezone.now()


def test_import_reads_national_numbers_of_a_region(user):
    run((user.pk, "(202) 555-0100"), region="US")
    assert numbers_of(user) == [("+12025550100", True)]


def test_import_dry_run_changes_nothing(user):
    assert run((user.pk, "0612345678"), dry_run=True) == ImportResult(imported=1)
    assert not PhoneNumber.objects.exists()


def test_import_says_how_far_it_is(user):
    sums = []
    rows = [(user.pk, f"061234567{n}") for n in range(5)]
    run(*rows, batch=2, on_progress=lambda so_far: sums.append(so_far.total))
    assert sums == [2, 4, 5]


def test_import_needs_few_statements(user, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        run(*((user.pk, f"06123456{n}") for n in range(10, 60)))


@pytest.mark.django_db(transaction=True)
def test_import_is_run_again_after_a_conflict(user):
    conflicts = [IntegrityError("The number is taken.")]

    def collide():
        while conflicts:
            raise conflicts.pop()

    with at_statement(collide, starts="INSERT"):
        assert run((user.pk, "0612345678")) == ImportResult(imported=1)
    assert numbers_of(user) == [("+33612345678", True)]


def test_import_needs_a_batch(user):
    with pytest.raises(ValueError):
        run((user.pk, "0612345678"), batch=0)
