"""Give one person everything that is kept of them."""

import json
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Prefetch
from django.views.decorators.debug import sensitive_variables

from django_ding.models import Authentication, Event
from django_ding.services.persons import person
from django_ding.services.records import write_alias

#: Keys and hashes of the database's own, which say nothing about anybody.
_INTERNAL = {"id", "user_id", "authentication_id", "slot", "requester", "key_hash", "primary_marker"}


@sensitive_variables()
def export_data(*, user: Any = None, phone_number: str | None = None) -> dict[str, Any]:
    """Return everything that is kept of one person, as plain values that ``json.dumps`` takes.

    Make sure first who is asking. With a user, it is what belongs to the account, and what belongs to no account but
    went to one of the user's numbers or to ``phone_number``. With a number alone it is all there is of that number: if
    it has moved from one account to another, name the user as well.

    :param user: a saved user.
    :param phone_number: as typed; national numbers are read with ``DING["DEFAULT_REGION"]``.
    :return: ``{"phone_numbers": […], "authentications": [{…, "events": […]}], "refusals": […], "remembered_devices":
        […]}``, the oldest first, times in ISO 8601.
    :raises ValueError: without either, or with a user who is not saved or not signed in.
    :raises InvalidPhoneNumber: when no such number can exist.
    """
    whose = person(user, phone_number)
    events = Prefetch("events", Event.objects.using(write_alias()))
    authentications = whose.authentications().order_by("created_at", "pk").prefetch_related(events)
    data = {
        "phone_numbers": _rows(whose.numbers().order_by("pk")),
        "authentications": [_authentication(row) for row in authentications],
        "refusals": _rows(whose.refusals().order_by("hour", "pk")),
        "remembered_devices": _rows(whose.devices().order_by("pk")),
    }
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain


def _authentication(row: Authentication) -> dict[str, Any]:
    return {**_columns(row), "events": _rows(sorted(row.events.all(), key=attrgetter("occurred_at", "pk")))}


def _rows(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    return [_columns(row) for row in rows]


def _columns(row: models.Model) -> dict[str, Any]:
    names = (field.attname for field in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _INTERNAL}
