"""Delete old rows in small batches, so that tables stop growing and no request waits for one huge DELETE."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connections, models, router, transaction
from django.db.models import QuerySet

from django_ding import clock
from django_ding.conf import ding_settings, is_age
from django_ding.flows.results import PurgeResult
from django_ding.guard import conversion
from django_ding.models import (
    Authentication,
    Block,
    Event,
    Lockout,
    RateLimitCounter,
    RecoveryCode,
    Refusal,
    RememberedDevice,
)
from django_ding.transactions import retry_on_conflict

#: SQLite takes no more than 32,766 values in a statement.
_LARGEST_BATCH = 10_000


def purge(
    *,
    older_than: float | None = None,
    batch: int = 1000,
    dry_run: bool = False,
    on_progress: Callable[[PurgeResult], None] | None = None,
) -> PurgeResult:
    """Delete rows older than ``DING["RETENTION_DAYS"]``: authentications, their events, blocks and so on.

    Expired devices and counters are deleted whatever the setting. Rows still in use are kept in any case: live
    authentications, proofs of a verification, and what the guard evaluates. Any number of processes on any number of
    machines may do this at once. No ``pre_delete`` and ``post_delete`` are sent, unless a model of the project refers
    to the rows; then its ``on_delete`` is respected.

    :param older_than: seconds, instead of the setting.
    :param batch: authentications, or other rows, per transaction; their keys are held in memory.
    :param dry_run: delete nothing, and count what would be deleted, events excepted.
    :param on_progress: called after each batch with the sums so far. An exception in it ends the run.
    :raises ValueError: for a negative ``older_than`` or one of more than 100 years, or a ``batch`` that is not between
        1 and 10,000.
    """
    if not is_age(older_than or 0) or not 1 <= batch <= _LARGEST_BATCH:
        raise ValueError(f"older_than must be between 0 and 100 years, batch between 1 and {_LARGEST_BATCH}.")
    if dry_run:
        counts = (PurgeResult(**{kind.name: rows.count()}) for kind, rows in _old(older_than))
        return sum(counts, PurgeResult())
    done = PurgeResult()
    for kind, rows in _old(older_than):
        for one in _purge(rows, kind, batch):
            done += one
            if on_progress:
                on_progress(done)
    return done


# Which rows are old.


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """Rows that are deleted when they are old.

    :ivar name: that of their count in the result and, if their age is configured, in the setting.
    :ivar by: the field that their age is measured by.
    :ivar old: returns those from before a moment, as queries that an index finds in the order of ``by``.
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
    """Return the moment before which rows are deleted, ``None`` when they are kept forever."""
    now = clock.now()
    if kind.name not in ding_settings.RETENTION_DAYS:
        return now
    if older_than is not None:
        return now - timedelta(seconds=older_than)
    days = ding_settings.RETENTION_DAYS[kind.name]
    return None if days is None else now - timedelta(days=days)


def _unused_before() -> datetime:
    """Return the moment before which an authentication or a block must have ended for nothing to need it."""
    return clock.now() - timedelta(seconds=max(ding_settings.PROOF_TIMEOUT, conversion.lookback_seconds()))


def _old_authentications(before: datetime) -> Iterator[QuerySet[Authentication]]:
    """One status each, so that the index of status and created_at finds them and gives their order."""
    for status in Authentication.Status:
        yield Authentication.write_db.filter(status=status, created_at__lt=before, expires_at__lt=_unused_before())


def _old_blocks(before: datetime) -> Iterator[QuerySet[Block]]:
    yield Block.write_db.filter(expires_at__lt=min(before, _unused_before()))


def _old_lockouts(before: datetime) -> Iterator[QuerySet[Lockout]]:
    yield Lockout.write_db.filter(lifted_at__lt=min(before, _unused_before()))


def _old_recovery_codes(before: datetime) -> Iterator[QuerySet[RecoveryCode]]:
    """Yield those that can't be entered, and with which no new number is being verified."""
    yield RecoveryCode.write_db.filter(expires_at__lt=min(before, _unused_before()))


def _old_refusals(before: datetime) -> Iterator[QuerySet[Refusal]]:
    """Yield those whose hour had ended by then. Until it has, more requests are counted in the same row."""
    yield Refusal.write_db.filter(hour__lte=before - timedelta(hours=1))


def _expired_devices(before: datetime) -> Iterator[QuerySet[RememberedDevice]]:
    yield RememberedDevice.write_db.filter(expires_at__lt=before)


def _expired_counters(before: datetime) -> Iterator[QuerySet[RateLimitCounter]]:
    yield RateLimitCounter.objects.using(router.db_for_write(RateLimitCounter)).filter(expires_at__lt=before)


_KINDS = (
    _Kind(name="authentications", by="created_at", old=_old_authentications),
    _Kind(name="blocks", by="expires_at", old=_old_blocks),
    _Kind(name="lockouts", by="lifted_at", old=_old_lockouts),
    _Kind(name="recovery_codes", by="expires_at", old=_old_recovery_codes),
    _Kind(name="refusals", by="hour", old=_old_refusals),
    _Kind(name="devices", by="expires_at", old=_expired_devices),
    _Kind(name="counters", by="expires_at", old=_expired_counters),
)


# How they are deleted.


@dataclass(frozen=True)
class _Batch:
    """What a transaction deleted, and the last row's place in the order, ``None`` when nothing is left."""

    deleted: PurgeResult
    last: datetime | None


def _purge(rows: QuerySet[Any], kind: _Kind, size: int) -> Iterator[PurgeResult]:
    """Delete batch after batch, each from where the last one ended, so that dead rows aren't scanned again."""
    batch = _purge_batch(rows, kind, size)
    while batch.last:
        yield batch.deleted
        batch = _purge_batch(rows.filter(**{f"{kind.by}__gte": batch.last}), kind, size)


def _purge_batch(rows: QuerySet[Any], kind: _Kind, size: int) -> _Batch:
    return retry_on_conflict(partial(_lock_and_delete, rows, kind, size))


def _lock_and_delete(rows: QuerySet[Any], kind: _Kind, size: int) -> _Batch:
    """Skip rows that another process has locked: it deletes them, or is about to change them."""
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
    """Delete the rows with these keys, whose events are gone, and return how many there were.

    :param column: the column that the keys are in, if it isn't the primary key.
    """
    rows = model._base_manager.using(using).filter(**{f"{column or 'pk'}__in": keys})
    if not _is_referred_to(model):
        # One statement, without reading the rows first as delete() does.
        return int(rows._raw_delete(using)) if keys else 0
    # The on_delete of a project's model decides what happens to its rows.
    _, deleted = rows.delete()
    return deleted.get(model._meta.label, 0)


def _is_referred_to(model: type[models.Model]) -> bool:
    """Return whether a model other than the events refers to this one, even without a reverse name."""
    fields = model._meta.get_fields(include_hidden=True)
    relations = (field for field in fields if field.one_to_many or field.one_to_one)
    return any(field.auto_created and field.related_model is not Event for field in relations if not field.concrete)
