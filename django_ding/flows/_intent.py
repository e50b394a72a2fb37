"""The row that a send begins with: what is to be sent to whom, and who asks for it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import DatabaseError

from django_ding import clock, log, phone
from django_ding.backends.types import DeviceSignals
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, InputError
from django_ding.flows._events import code_expiry
from django_ding.guard.client_ip import UNKNOWN_IP, parse_ip
from django_ding.models import Authentication
from django_ding.models.base import RequesterType, user_key, write_alias
from django_ding.sql import Insert
from django_ding.uuids import uuid7

#: The columns that an intent has values for. The response, checks and webhooks set the others.
_COLUMNS = (
    "public_id",
    "user_id",
    "phone_number",
    "country",
    "prefix",
    "purpose",
    "requester_type",
    "backend",
    "backend_state",
    "ip",
    "device_signals",
    "created_at",
    "expires_at",
    "next_retry_at",
    "remaining_retry",
    "dedup_key",
)

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def build_intent(
    number: str, *, user: Any, purpose: str, ip: str | None, device_signals: DeviceSignals, backend: str, **columns: Any
) -> Authentication:
    """Return the row of the intent, not yet saved.

    :raises ValueError: for a malformed purpose or IP address, or a user who isn't saved.
    :raises InputError: for a text that can't be stored.
    """
    if not 0 < len(purpose) <= 32:
        raise ValueError(f"A purpose is a name of 1 to 32 characters, not {purpose!r}.")
    if user and user.pk is None:  # Without the ORM's save() nothing else rejects it, and the row would have no user.
        raise ValueError("The user must be saved before a code is sent for them.")
    ip = parse_ip(ip) if ip is not None else None
    signals = {name: value for name, value in vars(device_signals).items() if value is not None}
    _check_storable({**signals, **columns["backend_state"].get("request", {})})
    # Without an address, a stranger can't be distinguished from the visitor whose code is on its way.
    visitor = f"address {ip}" if ip not in (None, UNKNOWN_IP) else f"request {uuid4()}"
    requester = f"user {user_key(user.pk)}" if user else visitor
    now = clock.now()
    authentication = _new_row(
        user_id=user and user.pk,
        phone_number=number,
        country=phone.destination(number),
        prefix=phone.prefix(number),
        purpose=purpose,
        requester_type=_requester_type(user, purpose),
        backend=backend,
        ip=ip,
        device_signals=signals,
        created_at=now,
        expires_at=code_expiry(now),
        next_retry_at=now + timedelta(seconds=ding_settings.RETRY_COOLDOWN),
        remaining_retry=ding_settings.MAX_RETRIES,
        dedup_key=_dedup_key(requester, number, purpose, backend),
        **columns,
    )
    if user:
        authentication.user = user
    return authentication


def _new_row(**columns: Any) -> Authentication:
    """Return an unsaved row. Django takes six times as long for named values as for one of each column in order.

    :param columns: among them each whose default differs from row to row.
    """
    values: Any = {**_defaults(), "public_id": uuid7(), **columns}.values()
    return Authentication(*values)


@cache
def _defaults() -> Mapping[str, Any]:
    """Return the default of each column, in the order of the columns."""
    return {field.attname: field.get_default() for field in Authentication._meta.concrete_fields}


def insert_intent(authentication: Authentication) -> None:
    """INSERT the row, and set its key.

    :raises IntegrityError: when another row holds the slot, or there is no such user.
    """
    alias = write_alias()
    values = {name: getattr(authentication, name) for name in _COLUMNS}
    # What is empty is the column's default, and so needs no conversion.
    intent = Insert(model=Authentication, values={name: value for name, value in values.items() if value != {}})
    authentication.pk = intent.run(alias, ignore_conflicts=True)
    authentication._state.adding, authentication._state.db = False, alias


def _check_storable(values: Mapping[str, Any]) -> None:
    """Raise InputError for a text with NUL or half of a surrogate pair, which PostgreSQL refuses in JSON.

    Other databases store them, and then the provider refuses them. The options of ``extra`` are the project's own.
    """
    for value in values.values():
        if isinstance(value, str) and _UNSTORABLE.search(value):
            raise InputError


def require_user(authentication: Authentication) -> None:
    """Raise where the database refuses the row because it has no such user, whatever is tried again.

    :raises BackendUnavailable: when the user was deleted, or users are in another database. It is logged at ERROR.
    """
    if authentication.user_id is None:
        return
    alias = write_alias()
    users: Any = get_user_model()._base_manager.using(alias)
    with suppress(DatabaseError):  # Another reason, such as an outage or a missing table, which the caller logs.
        if not users.filter(pk=authentication.user_id).exists():
            log.write(log.UNKNOWN_USER, authentication, database=alias)
            raise BackendUnavailable(code="unknown_user", reached=False)


def _dedup_key(*parts: str) -> UUID:
    # With a version, since MariaDB refuses what isn't a UUID of RFC 9562.
    return UUID(bytes=sha256("\n".join(parts).encode()).digest()[:16], version=4)


def _requester_type(user: Any, purpose: str) -> RequesterType:
    if user:
        return RequesterType.USER
    return RequesterType.LOGIN if purpose == Authentication.Purpose.LOGIN else RequesterType.VISITOR
