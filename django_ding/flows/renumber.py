"""Renumber: change verified numbers after their country's numbering plan has changed."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.views.decorators.debug import sensitive_variables

from django_ding import phone
from django_ding.flows.results import NumberProblem, RenumberResult
from django_ding.models import PhoneNumber
from django_ding.signals import phone_renumbered
from django_ding.transactions import atomic, retry_on_conflict, send_on_commit


@sensitive_variables()
def renumber(
    old_prefix: str,
    new_prefix: str,
    *,
    batch: int = 500,
    dry_run: bool = False,
    on_progress: Callable[[RenumberResult], None] | None = None,
) -> RenumberResult:
    """Replace the first digits of users' verified numbers that are no longer valid, and are valid with the new ones.

    Numbers that are still valid stay, so that a mistyped prefix moves no account to a stranger's number, and a
    second run changes nothing. Who verified a number keeps it: the number is another one, the line is the same.
    Authentications and blocked requests are history and keep the number that the code was sent to.

    :param old_prefix: a plus sign, the calling code and perhaps more digits: ``+22997``.
    :param new_prefix: what takes its place: ``+2290197``.
    :param batch: rows changed in one transaction.
    :param dry_run: change nothing, and count what would be changed.
    :param on_progress: called after each batch with the sums so far. An exception in it ends the run.
    :raises ValueError: for a prefix that no number begins with, for one and the same, or a ``batch`` below one.
    """
    prefixes = (old_prefix, new_prefix)
    if batch < 1 or old_prefix == new_prefix or not all(map(phone.is_prefix, prefixes)):
        raise ValueError("The prefixes must be two different ones such as +22997, batch 1 or more.")
    done = RenumberResult()
    for rows in _batches(old_prefix, batch):
        done += retry_on_conflict(partial(_renumber, rows, prefixes, dry_run=dry_run))
        if on_progress:
            on_progress(done)
    return done


def _batches(prefix: str, size: int) -> Iterator[Sequence[PhoneNumber]]:
    rows = PhoneNumber.write_db.filter(phone_number__startswith=prefix).order_by("pk")
    found = list(rows[:size])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1].pk)[:size])


def _renumber(rows: Sequence[PhoneNumber], prefixes: tuple[str, str], *, dry_run: bool) -> RenumberResult:
    """Change a batch. Where a user verifies one of the new numbers at the same moment, it is run again."""
    old_prefix, new_prefix = prefixes
    new_numbers = {row: new_prefix + row.phone_number.removeprefix(old_prefix) for row in rows}
    renumbered, problems = 0, []
    with atomic():
        taken = set(
            PhoneNumber.write_db.filter(phone_number__in=new_numbers.values()).values_list("phone_number", flat=True)
        )
        outdated = {row: new for row, new in new_numbers.items() if _find_fault(row.phone_number)}
        for row, new in outdated.items():
            if reason := "duplicate" if new in taken else _find_fault(new):
                masked = phone.mask(row.phone_number)
                problems.append(NumberProblem(source=f"user {row.user_id}", phone_number=masked, reason=reason))
            else:
                renumbered += 1 if dry_run else _change(row, new)
    return RenumberResult(renumbered=renumbered, still_valid=len(rows) - len(outdated), problems=tuple(problems))


def _find_fault(number: str) -> str | None:
    """Return why a number is not valid, or is no longer what people who type it mean; ``None`` for a good one."""
    try:
        return None if phone.parse(number) == number else phone.Reason.UNASSIGNED
    except phone.NotAPhoneNumber as error:
        return error.reason


def _change(row: PhoneNumber, number: str) -> int:
    """Change a row, unless it was removed or changed since it was read. Return how many that are."""
    changed = PhoneNumber.write_db.filter(pk=row.pk, phone_number=row.phone_number).update(phone_number=number)
    if changed:
        new = PhoneNumber.write_db.get(pk=row.pk)
        send_on_commit(phone_renumbered, PhoneNumber, phone_number=new, former_phone_number=row.phone_number)
    return changed
