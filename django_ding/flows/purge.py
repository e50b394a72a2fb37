"""Delete what is old, in small batches: the tables stay of a size, and nobody waits for a giant DELETE."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connections, models, router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.guard import conversion
from django_ding.models import Authentication, Block, Counter, Event, Refusal, RememberedDevice
from django_ding.services import statements
from django_ding.services.records import is_age, on_conflict_again, write_alias
from django_ding.services.results import PurgeResult

#: SQLite takes no more than 32,766 values in a statement.
_LARGEST_BATCH = 10_000


def purge(
    *,
    older_than: float | None = None,
    batch: int = 1000,
    on_purged: Callable[[PurgeResult], None] | None = None,
) -> PurgeResult:
    """Delete what is older than ``DING["RETENTION"]`` says: authentications with their events, blocks and refusals.

    Expired devices and counters go whatever it says. What is still of use stays, whatever is asked for: live
    authentications, proofs of a verification, and what the guard judges by. Any number of processes on any number of
    machines may do this at once. No ``pre_delete`` and ``post_delete`` are sent, unless a model of the project's refers
    to the rows; then its ``on_delete`` is heeded.

    :param older_than: seconds, in place of the setting.
    :param batch: authentications, or other rows, per transaction; their keys are held in memory.
    :param on_purged: called after each batch with the sums so far. What it raises ends the run between two batches.
    :raises ValueError: for a negative ``older_than`` or one of more than 100 years, or a ``batch`` that is not between
        1 and 10,000.
    """
    _refuse_senseless(older_than, batch)
    done = PurgeResult()
    for kind, rows in _old(older_than):
        for one in _purged(rows, kind, batch):
            done += one
            if on_purged:
                on_purged(done)
    return done


def count_old(*, older_than: float | None = None) -> PurgeResult:
    """Count what :func:`purge` would delete now but the events, and change nothing.

    :param older_than: seconds, as for :func:`purge`.
    :raises ValueError: for a negative ``older_than`` or one of more than 100 years.
    """
    _refuse_senseless(older_than, 1)
    counts = (PurgeResult(**{kind.name: rows.count()}) for kind, rows in _old(older_than))
    return sum(counts, PurgeResult())


def _refuse_senseless(older_than: float | None, batch: int) -> None:
    if not is_age(older_than or 0) or not 1 <= batch <= _LARGEST_BATCH:
        raise ValueError(f"older_than is between zero and 100 years, batch is between 1 and {_LARGEST_BATCH}.")


# What is old.


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """Rows that are deleted when they are old.

    :ivar name: that of their count in the result and, where one says for how long they are kept, in the setting.
    :ivar old: returns those from before a moment, in pieces that an index finds in the order of ``by``.
    """

    name: str
    by: str
    old: Callable[[datetime], Iterator[QuerySet[Any]]]


def _old(older_than: float | None) -> Iterator[tuple[_Kind, QuerySet[Any]]]:
    for kind in _KINDS:
        before = _before(kind, older_than)
        for rows in kind.old(before) if before else ():
            yield kind, rows


def _before(kind: _Kind, older_than: float | None) -> datetime | None:
    """Return from before when rows of a kind are deleted, ``None`` when they are kept for ever."""
    now = timezone.now()
    if kind.name not in ding_settings.RETENTION:
        return now
    if older_than is not None:
        return now - timedelta(seconds=older_than)
    days = ding_settings.RETENTION[kind.name]
    return None if days is None else now - timedelta(days=days)


def _out_of_use() -> datetime:
    """Return when an authentication or a block must have ended for nothing to look at it any more."""
    return timezone.now() - timedelta(seconds=max(ding_settings.PROOF_MAX_AGE, conversion.memory()))


def _old_authentications(before: datetime) -> Iterator[QuerySet[Authentication]]:
    """One status each, so that the index of status and created_at finds them and gives their order."""
    rows = Authentication.objects.using(write_alias())
    for status in Authentication.Status:
        yield rows.filter(status=status, created_at__lt=before, expires_at__lt=_out_of_use())


def _old_blocks(before: datetime) -> Iterator[QuerySet[Block]]:
    yield Block.objects.using(write_alias()).filter(expires_at__lt=min(before, _out_of_use()))


def _old_refusals(before: datetime) -> Iterator[QuerySet[Refusal]]:
    """Those whose hour was over by then. Until it is, others are counted in the same row."""
    yield Refusal.objects.using(write_alias()).filter(hour__lte=before - timedelta(hours=1))


def _expired_devices(before: datetime) -> Iterator[QuerySet[RememberedDevice]]:
    yield RememberedDevice.objects.using(write_alias()).filter(expires_at__lt=before)


def _expired_counters(before: datetime) -> Iterator[QuerySet[Counter]]:
    yield Counter.objects.using(router.db_for_write(Counter)).filter(expires_at__lt=before)


_KINDS = (
    _Kind(name="authentications", by="created_at", old=_old_authentications),
    _Kind(name="blocks", by="expires_at", old=_old_blocks),
    _Kind(name="refusals", by="hour", old=_old_refusals),
    _Kind(name="devices", by="expires_at", old=_expired_devices),
    _Kind(name="counters", by="expires_at", old=_expired_counters),
)


# How it is deleted.


@dataclass(frozen=True)
class _Batch:
    """What a transaction deleted, and where in the order it came to; ``None`` when nothing is left."""

    deleted: PurgeResult
    last: datetime | None


def _purged(rows: QuerySet[Any], kind: _Kind, size: int) -> Iterator[PurgeResult]:
    """Delete batch after batch, each from where the one before ended: what is dead already is not read again."""
    batch = _purge_batch(rows, kind, size)
    while batch.last:
        yield batch.deleted
        batch = _purge_batch(rows.filter(**{f"{kind.by}__gte": batch.last}), kind, size)


def _purge_batch(rows: QuerySet[Any], kind: _Kind, size: int) -> _Batch:
    return on_conflict_again(partial(_lock_and_delete, rows, kind, size))


def _lock_and_delete(rows: QuerySet[Any], kind: _Kind, size: int) -> _Batch:
    """Leave out what another process holds: it deletes the row, or is about to change it."""
    skips = connections[rows.db].features.has_select_for_update_skip_locked
    with transaction.atomic(using=rows.db):
        locked = rows.order_by(kind.by).select_for_update(skip_locked=skips)
        found = list(locked.values_list("pk", kind.by)[:size])
        keys = [pk for pk, _ in found]
        events = delete_events(keys, using=rows.db) if rows.model is Authentication else 0
        counts = {kind.name: delete(rows.model, keys, using=rows.db), "events": events}
    return _Batch(PurgeResult(**counts), found[-1][1] if found else None)


def delete_events(keys: Sequence[Any], *, using: str) -> int:
    """Delete the events of the authentications with these keys, and return how many there were."""
    return delete(Event, keys, column="authentication_id", using=using)


def delete(model: type[models.Model], keys: Sequence[Any], *, using: str, column: str = "") -> int:
    """Delete the rows with these keys, no event referring to them any more, and return how many there were.

    :param column: the one that the keys are in, where it is not the rows' own.
    """
    if not _has_others_that_refer_to(model):
        return statements.delete(model, keys, column=column, using=using)
    # A model of the project's says in its ``on_delete`` what becomes of it.
    _, deleted = model._base_manager.using(using).filter(**{f"{column or 'pk'}__in": keys}).delete()
    return deleted.get(model._meta.label, 0)


def _has_others_that_refer_to(model: type[models.Model]) -> bool:
    """Tell whether a model other than the events does, be it by a key without a name for the way back."""
    fields = model._meta.get_fields(include_hidden=True)
    relations = (field for field in fields if field.one_to_many or field.one_to_one)
    return any(field.auto_created and field.related_model is not Event for field in relations if not field.concrete)
