"""Data subject requests (GDPR): give a person everything that is stored about them, or erase it."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar
from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Prefetch, Q
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.flows._locks import lock_user
from django_ding.flows.devices import forget_devices
from django_ding.flows.lookup import normalize_stored
from django_ding.flows.numbers import release
from django_ding.flows.purge import delete, delete_events
from django_ding.flows.results import EraseResult
from django_ding.flows.rollup import subtract_erased
from django_ding.guard import conversion
from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    Event,
    Lockout,
    LockoutQuerySet,
    LostPhoneNumber,
    LostPhoneNumberQuerySet,
    PhoneNumber,
    PhoneNumberQuerySet,
    RecoveryCode,
    RecoveryCodeQuerySet,
    Refusal,
    RefusalQuerySet,
    RememberedDevice,
)
from django_ding.models.base import user_pk, write_alias
from django_ding.phone import AnyNumber, prefix
from django_ding.transactions import atomic, retry_on_conflict

_BATCH = 1000
_Rows = TypeVar("_Rows", AuthenticationQuerySet, RefusalQuerySet, LockoutQuerySet)

#: Keys and hashes of the database's own, which say nothing about a person.
_INTERNAL = {
    "id",
    "user_id",
    "authentication_id",
    "backend_state",  # Its options of the request are exported by themselves, the hash of a code is not.
    "dedup_key",
    "requester_key",
    "key_hash",
    "code_hash",
    "active_key",
    "primary_marker",
    "created_by_id",  # Another person, of the staff.
}


@sensitive_variables()
def export_data(*, user: Any = None, phone_number: AnyNumber | None = None) -> dict[str, Any]:
    """Return everything that is stored about one person, as plain values that ``json.dumps`` takes.

    Verify first who is asking. With a user, it is what belongs to the account, and what belongs to no account but went
    to one of the user's numbers or to ``phone_number``. With a number alone it is everything stored for the number,
    regardless of the account: if the number has moved from one account to another, name the user as well.

    :param user: a saved user.
    :param phone_number: as entered; national numbers are read with ``DING["DEFAULT_REGION"]``.
    :return: ``{"phone_numbers": […], "lost_phone_numbers": […], "authentications": [{…, "events": […]}], "refusals":
        […], "lockouts": […], "recovery_codes": […], "remembered_devices": […]}``, the oldest first, times in ISO 8601.
    :raises ValueError: without either, or for a user who isn't saved or is anonymous.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    subject = _data_subject(user, phone_number)
    events = Prefetch("events", Event.write_db.all())
    authentications = subject.authentications().order_by("created_at", "pk").prefetch_related(events)
    data = {
        "phone_numbers": _rows(subject.numbers().order_by("pk")),
        "lost_phone_numbers": _rows(subject.lost_numbers()),
        "authentications": [_authentication(row) for row in authentications],
        "refusals": _rows(subject.refusals().order_by("hour", "pk")),
        "lockouts": _rows(subject.lockouts().order_by("pk")),
        "recovery_codes": _rows(subject.recovery_codes().order_by("pk")),
        "remembered_devices": _rows(subject.devices().order_by("pk")),
    }
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain


@sensitive_variables()
def erase_data(*, user: Any = None, phone_number: AnyNumber | None = None) -> EraseResult:
    """Erase what is stored about one person: authentications, events, blocked requests, numbers, devices and so on.

    The person is identified as for :func:`export_data`. The user stays; delete it afterwards if it must go, since the
    authentications aren't linked to it then.

    Erasure must not allow three things. An unused code must not be tried anew, so live authentications stay: erase
    again at ``retry_at``, ten minutes later by default. SMS pumping must not be hidden, so authentications that the
    guard still evaluates (``DING["MIN_CONVERSION"]``, a day by default) are anonymized: they lose number, user,
    address, device, ids and events. And the password alone must not open an account that had a second factor, so the
    user's ``LostPhoneNumber`` is recorded or stays. The rate limit counters stay as well. Neither holds a number.

    It may run inside a transaction, together with the deletion of the user.

    :param user: a saved user.
    :param phone_number: as entered; national numbers are read with ``DING["DEFAULT_REGION"]``.
    :raises ValueError: without either, or for a user who isn't saved or is anonymous.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    subject = _data_subject(user, phone_number)
    return retry_on_conflict(lambda: _erase(subject, clock.now()))


@dataclass(frozen=True)
class _DataSubject:
    """A person known by their account, by a phone number (E.164), or by both."""

    user_id: Any
    phone_number: str | None

    def numbers(self) -> PhoneNumberQuerySet:
        if self.user_id is None:
            return PhoneNumber.write_db.filter(phone_number=self.phone_number)
        return PhoneNumber.write_db.of_user(self.user_id)

    def authentications(self) -> AuthenticationQuerySet:
        """Return the authentications, including those from before the person had an account."""
        return self._filter(Authentication.write_db.all())

    def refusals(self) -> RefusalQuerySet:
        return self._filter(Refusal.write_db.all())

    def lockouts(self) -> LockoutQuerySet:
        return self._filter(Lockout.write_db.all())

    def lost_numbers(self) -> LostPhoneNumberQuerySet:
        """Return the record that an account lost its last number, which doesn't say which number it was."""
        rows = LostPhoneNumber.write_db.all()
        return rows.none() if self.user_id is None else rows.filter(user=self.user_id)

    def devices(self) -> models.QuerySet[RememberedDevice]:
        """Return the remembered devices, which only an account has."""
        rows = RememberedDevice.write_db.all()
        return rows.none() if self.user_id is None else rows.filter(user=self.user_id)

    def recovery_codes(self) -> RecoveryCodeQuerySet:
        """Return the recovery codes, which only an account has. Those that the person created are others'."""
        rows = RecoveryCode.write_db.all()
        return rows.none() if self.user_id is None else rows.filter(user=self.user_id)

    def _filter(self, rows: _Rows) -> _Rows:
        """Return the account's rows, and those of its numbers that belong to no account; of a number alone, all."""
        if self.user_id is None:
            return rows.filter(phone_number=self.phone_number)
        numbers = {self.phone_number, *self.numbers().values_list("phone_number", flat=True)} - {None}
        return rows.filter(Q(user=self.user_id) | Q(user=None, phone_number__in=numbers))


def _data_subject(user: Any, phone_number: AnyNumber | None) -> _DataSubject:
    """Return the person identified by a saved user, a phone number as entered, or both.

    An anonymous user is rejected even together with a number, because a number alone selects whichever account owns it.
    """
    user_id = user_pk(user)
    if (user is None and not phone_number) or (user is not None and user_id is None):
        raise ValueError("Pass a saved user, a phone number, or both.")
    return _DataSubject(user_id, normalize_stored(phone_number) if phone_number else None)


def _authentication(row: Authentication) -> dict[str, Any]:
    options = row.backend_state.get("request", {})
    return {
        **_columns(row),
        "request_options": options,
        "events": _rows(sorted(row.events.all(), key=attrgetter("occurred_at", "pk"))),
    }


def _rows(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    return [_columns(row) for row in rows]


def _columns(row: models.Model) -> dict[str, Any]:
    names = (field.attname for field in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _INTERNAL}


def _erase(subject: _DataSubject, now: datetime) -> EraseResult:
    evaluated_since = now - timedelta(seconds=conversion.lookback_seconds())
    with atomic():
        rows = list(subject.authentications().order_by("pk").select_for_update())
        refusals = list(subject.refusals().order_by("pk").only("pk", "hour").select_for_update())
        live = [row for row in rows if _has_open_code(row, now)]
        closed = [row for row in rows if not _has_open_code(row, now)]
        old = [row for row in closed if row.created_at <= evaluated_since]
        erased = EraseResult(
            events=_in_batches(delete_events, closed),
            anonymized=_anonymize([row for row in closed if row.created_at > evaluated_since]),
            authentications=_in_batches(partial(delete, Authentication), old),
            refusals=_in_batches(partial(delete, Refusal), refusals),
            lockouts=_in_batches(partial(delete, Lockout), subject.lockouts()),
            recovery_codes=_in_batches(partial(delete, RecoveryCode), subject.recovery_codes()),
            kept_live=len(live),
            retry_at=max((row.expires_at for row in live), default=None),
            **_release_numbers(subject),
        )
        subtract_erased(authentications=[row.created_at for row in old], refusals=[row.hour for row in refusals])
    return erased


def _has_open_code(row: Authentication, now: datetime) -> bool:
    """Return whether a code may be on its way or unused, so that without the row a second one would be sent."""
    is_open = row.dedup_key is not None or row.status in (Authentication.Status.CREATED, *Authentication.LIVE_STATUSES)
    return is_open and row.expires_at > now


def _in_batches(delete: Callable[..., int], rows: Iterable[models.Model]) -> int:
    """Delete these rows, or what belongs to them, in batches that any database takes. Return how many."""
    keys = [row.pk for row in rows]
    batches = (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))
    return sum(delete(batch, using=write_alias()) for batch in batches)


def _anonymize(rows: Sequence[Authentication]) -> int:
    """Keep what the guard evaluates. The number becomes its prefix, which ten thousand numbers share."""
    for row in rows:
        Authentication.write_db.filter(pk=row.pk).update(
            public_id=uuid4(),  # Not in the order of time, which would show what was erased together.
            user=None,
            phone_number=prefix(row.phone_number),
            authentication_uuid="",
            backend_state={},
            ip=None,
            device_signals={},
            dedup_key=None,
        )
    return len(rows)


def _release_numbers(subject: _DataSubject) -> dict[str, int]:
    """Return how many numbers were removed and devices forgotten: a number's removal forgets its owner's devices."""
    devices = 0
    if subject.user_id is not None:
        lock_user(subject.user_id)
        devices = forget_devices(subject.user_id)
    numbers = list(subject.numbers().order_by("pk"))
    devices += sum(release(number, reason="erased") for number in numbers)
    return {"phone_numbers": len(numbers), "devices": devices}
