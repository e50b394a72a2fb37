"""What the tasks of any queue do: call a service, and return its result as JSON."""

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from django_ding import services
from django_ding.exceptions import Blocked, InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_TWO_DAYS = 2 * 86_400


def purge(*, older_than: float | None = None) -> dict[str, Any]:
    """Call :func:`django_ding.services.purge`."""
    return _counts(services.purge(older_than=older_than))


def reconcile(*, limit: int | None = None) -> dict[str, Any]:
    """Call :func:`django_ding.services.reconcile`."""
    return _counts(services.reconcile(limit=limit))


def roll_up(*, since: str | None = None) -> dict[str, Any]:
    """Call :func:`django_ding.services.roll_up`."""
    return _counts(services.roll_up(since=date.fromisoformat(since) if since else None))


def watch() -> dict[str, Any]:
    """Call :func:`django_ding.services.watch`."""
    result = services.watch()
    return {**_counts(result), "drops": [_counts(drop) for drop in result.drops]}


def report_onboarded(*, since: float = _TWO_DAYS, limit: int | None = None) -> dict[str, Any]:
    """Call :func:`django_ding.services.report_onboarded`."""
    return _counts(services.report_onboarded(since=since, limit=limit))


def feedback(authentication_id: str, status: str) -> dict[str, Any]:
    """Call :func:`django_ding.services.feedback` for an authentication's number and backend."""
    authentication = services.get_authentication(authentication_id)
    try:
        services.feedback(authentication.phone_number, status, backend=authentication.backend)
    except (InputError, Blocked) as error:
        return {"sent": False, "code": error.code}
    return {"sent": True, "code": ""}


def _counts(result: "DataclassInstance") -> dict[str, Any]:
    values = {one.name: getattr(result, one.name) for one in fields(result)}
    return {name: value for name, value in values.items() if isinstance(value, int | float | str)}
