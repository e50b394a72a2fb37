"""Import numbers that another system has verified."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.exceptions import InvalidPhoneNumber
from django_ding.flows.lookup import normalize
from django_ding.flows.results import ImportResult, NumberProblem
from django_ding.models import PhoneNumber
from django_ding.models.base import user_key, write_alias
from django_ding.models.fields import UtcDateTimeField
from django_ding.phone import AnyNumber, mask
from django_ding.transactions import atomic, retry_on_conflict

_MAX_INTEGER = 2**63


@dataclass(frozen=True, kw_only=True)
class NumberToImport:
    """A number that another system has verified.

    :ivar user: what identifies its user, the value of ``user_field``.
    :ivar phone_number: in any format, or an object of ``phonenumbers``.
    :ivar verified_at: when it was verified, as a time or as a text in ISO 8601; ``None`` or ``""`` for now.
    :ivar source: where it is, for the report of problems: ``"line 12"``.
    """

    user: Any
    phone_number: AnyNumber
    verified_at: datetime | str | None = None
    source: str = ""


@sensitive_variables()
def import_numbers(
    numbers: Iterable[NumberToImport],
    *,
    user_field: str = "pk",
    region: str | None = None,
    batch: int = 500,
    dry_run: bool = False,
    on_progress: Callable[[ImportResult], None] | None = None,
) -> ImportResult:
    """Link numbers that another system has verified to their users. The first one of a user becomes primary.

    No number moves from one account to another: one that another account has is reported. A second run changes
    nothing, so the same numbers can be imported again after an interruption or a correction. No signal is sent.

    :param user_field: the field of the user model that identifies users, such as ``username``. Default: the key.
    :param region: ISO 3166-1 alpha-2, instead of ``DING["DEFAULT_REGION"]``, for national numbers.
    :param batch: numbers imported in one transaction.
    :param dry_run: change nothing, and count what would be imported.
    :param on_progress: called after each batch with the sums so far. An exception in it ends the run.
    :raises FieldDoesNotExist: for a ``user_field`` that the user model doesn't have.
    :raises ValueError: for a ``batch`` below one.
    """
    if batch < 1:
        raise ValueError("batch must be 1 or more.")
    done, planned = ImportResult(), dict[str, str]()
    for rows in _batches(numbers, batch):
        users = _find_users(rows, user_field)
        found = [(row.source, _read(row, users, region)) for row in rows]
        done += retry_on_conflict(partial(_link, found, planned, dry_run=dry_run))
        if on_progress:
            on_progress(done)
    return done


def _batches(numbers: Iterable[NumberToImport], size: int) -> Iterator[Sequence[NumberToImport]]:
    iterator = iter(numbers)
    while rows := list(islice(iterator, size)):
        yield rows


def _find_users(rows: Sequence[NumberToImport], user_field: str) -> Mapping[Any, Sequence[Any]]:
    """Return the keys of the users that each row may refer to."""
    meta: Any = get_user_model()._meta
    field = meta.pk if user_field == "pk" else meta.get_field(user_field)
    values = {row.user: value for row in rows if (value := _to_python(field, row.user)) is not None}
    users = get_user_model()._default_manager.using(write_alias())
    keys = defaultdict(list)
    for key, value in users.filter(**{f"{field.name}__in": set(values.values())}).values_list("pk", field.attname):
        keys[field.get_prep_value(value)].append(key)
    # By what the database has, since a field may take several values for one and the same.
    return {given: keys[field.get_prep_value(value)] for given, value in values.items()}


def _to_python(field: Any, given: Any) -> Any:
    """Return the value that the field has for a text, ``None`` for one that no user can have."""
    try:
        value = field.to_python(given)
    except ValidationError:
        return None
    is_storable = abs(value) < _MAX_INTEGER if isinstance(value, int) else "\0" not in str(value)
    return value if is_storable else None


def _read(row: NumberToImport, users: Mapping[Any, Sequence[Any]], region: str | None) -> PhoneNumber | NumberProblem:
    """Return the number to save, or why there is none."""
    try:
        number = normalize(row.phone_number, region)
    except InvalidPhoneNumber as error:
        return NumberProblem(source=row.source, phone_number="", reason=error.reason.value)
    keys, verified_at = users.get(row.user, ()), _read_moment(row.verified_at)
    if len(keys) == 1 and verified_at:
        return PhoneNumber(user_id=keys[0], phone_number=number, verified_at=verified_at)
    reason = {0: "unknown_user", 1: "invalid_date"}.get(len(keys), "ambiguous_user")
    return NumberProblem(source=row.source, phone_number=mask(number), reason=reason)


def _read_moment(given: datetime | str | None) -> datetime | None:
    """Return an aware time, ``None`` for one in the future and for invalid text."""
    if not given:
        return clock.now()
    try:
        moment: datetime = UtcDateTimeField().to_python(given)
    except ValidationError:
        return None
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    return moment if moment <= clock.now() else None


def _link(
    found: Sequence[tuple[str, PhoneNumber | NumberProblem]], planned: dict[str, str], *, dry_run: bool
) -> ImportResult:
    """Save a batch. It is run again when another transaction links one of the numbers at the same time.

    :param planned: number → user of what earlier batches of a dry run would have saved.
    """
    new, problems = [], []
    with atomic():
        linked, with_primary = _find_linked([row for _, row in found if isinstance(row, PhoneNumber)])
        owners = planned | linked
        for source, row in found:
            if isinstance(row, NumberProblem):
                problems.append(row)
                continue
            user = user_key(row.user_id)
            if row.phone_number not in owners:
                owners[row.phone_number] = user
                row.is_primary = user not in with_primary
                with_primary.add(user)
                new.append(row)
            elif owners[row.phone_number] != user:
                problems.append(NumberProblem(source=source, phone_number=row.masked_number, reason="duplicate"))
        if dry_run:
            planned.update(owners)
        else:
            PhoneNumber.write_db.bulk_create(new)
    unchanged = len(found) - len(new) - len(problems)
    return ImportResult(imported=len(new), unchanged=unchanged, problems=tuple(problems))


def _find_linked(rows: Sequence[PhoneNumber]) -> tuple[dict[str, str], set[str]]:
    """Return number → user of those that are linked already, and which of the rows' users have a primary number."""
    same = PhoneNumber.write_db.filter(phone_number__in={row.phone_number for row in rows})
    primary = PhoneNumber.write_db.filter(user_id__in={row.user_id for row in rows}, is_primary=True)
    linked = {number: user_key(user) for number, user in same.values_list("phone_number", "user_id")}
    return linked, {user_key(user) for user in primary.values_list("user_id", flat=True)}
