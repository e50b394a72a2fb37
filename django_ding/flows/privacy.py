"""Forget one person, without letting anybody forget what they owe the guard."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding.guard import conversion
from django_ding.models import Authentication, Refusal
from django_ding.phone import prefix
from django_ding.services.devices import forget
from django_ding.services.numbers import release
from django_ding.services.persons import Person, person
from django_ding.services.purging import delete, delete_events
from django_ding.services.records import on_conflict_again, write_alias
from django_ding.services.results import EraseResult
from django_ding.services.rolling import leave_out

_BATCH = 1000


@sensitive_variables()
def erase_data(*, user: Any = None, phone_number: str | None = None) -> EraseResult:
    """Erase what is kept of one person: authentications with their events, refusals, verified numbers and devices.

    Whose it is, is told as for :func:`export_data`. The user stays; delete it afterwards if that is asked for, since
    nothing ties the authentications to it then.

    Two things must not come of it. A code that can still be entered must not be tried anew, so live authentications are
    left: erase again at ``again_at``, ten minutes later by default. And who makes messages go out that nobody enters
    must not hide it, so authentications that the guard still judges by (``DING["CONVERSION"]``, a day by default) are
    kept without number, user, address, device, ids and events. The guard's counters stay, too. They hold no number.

    It may run inside a transaction, together with the deletion of the user.

    :param user: a saved user.
    :param phone_number: as typed; national numbers are read with ``DING["DEFAULT_REGION"]``.
    :raises ValueError: without either, or with a user who is not saved or not signed in.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    whose = person(user, phone_number)
    return on_conflict_again(lambda: _erase(whose, timezone.now()))


def _erase(whose: Person, now: datetime) -> EraseResult:
    judged_since = now - timedelta(seconds=conversion.memory())
    with transaction.atomic(using=write_alias()):
        rows = list(whose.authentications().order_by("pk").select_for_update())
        refusals = list(whose.refusals().order_by("pk").only("pk", "hour").select_for_update())
        live = [row for row in rows if _holds_a_code(row, now)]
        over = [row for row in rows if not _holds_a_code(row, now)]
        old = [row for row in over if row.created_at <= judged_since]
        erased = EraseResult(
            events=_each_batch(delete_events, over),
            anonymized=_anonymize([row for row in over if row.created_at > judged_since]),
            authentications=_each_batch(partial(delete, Authentication), old),
            refusals=_each_batch(partial(delete, Refusal), refusals),
            live=len(live),
            again_at=max((row.expires_at for row in live), default=None),
            **_release_numbers(whose),
        )
        leave_out(authentications=[row.created_at for row in old], refusals=[row.hour for row in refusals])
    return erased


def _holds_a_code(row: Authentication, now: datetime) -> bool:
    """Tell whether a code may be on its way or out, which a second message would be sent beside."""
    is_open = row.slot is not None or row.status in (Authentication.Status.CREATED, *Authentication.LIVE_STATUSES)
    return is_open and row.expires_at > now


def _each_batch(delete: Callable[..., int], rows: Iterable[models.Model]) -> int:
    """Delete these rows, or what belongs to them, in no larger batches than any database takes; return how many."""
    keys = [row.pk for row in rows]
    batches = (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))
    return sum(delete(batch, using=write_alias()) for batch in batches)


def _anonymize(rows: Sequence[Authentication]) -> int:
    """Leave what the guard judges by. The number becomes its prefix, which ten thousand numbers share."""
    known = Authentication.objects.using(write_alias())
    for row in rows:
        known.filter(pk=row.pk).update(
            public_id=uuid4(),
            user=None,
            phone_number=prefix(row.phone_number),
            authentication_uuid="",
            ip=None,
            signals={},
            slot=None,
        )
    return len(rows)


def _release_numbers(whose: Person) -> dict[str, int]:
    """Return how many numbers were released and devices forgotten: with a number go those of whoever had it."""
    devices = forget(whose.user_id) if whose.user_id is not None else 0
    numbers = list(whose.numbers().order_by("pk"))
    devices += sum(release(number, reason="erased") for number in numbers)
    return {"phone_numbers": len(numbers), "devices": devices}
