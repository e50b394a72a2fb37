"""How the flows change an authentication: each change of the row together with its event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django_ding import clock, sql
from django_ding.backends.types import RetryResponse, SendResponse, StatusResponse
from django_ding.conf import ding_settings
from django_ding.models import Authentication, AuthenticationQuerySet, Event
from django_ding.models.base import write_alias
from django_ding.sql import Insert, Update
from django_ding.statements import Parameter

#: How much the clocks of the provider and of this site may differ.
CLOCK_SKEW = timedelta(seconds=5)

#: Columns of an authentication that a provider may state.
FROM_PROVIDER = ("expires_at", "next_retry_at", "remaining_retry")

#: More than the messages of an authentication, their reports and its checks are. What goes on without end stops here.
MAX_EVENTS = 200
_Response = TypeVar("_Response", SendResponse, RetryResponse, StatusResponse)

_field = Authentication._meta.get_field


def this_row() -> AuthenticationQuerySet:
    """Return the row of the parameter ``pk``."""
    return Authentication.objects.filter(pk=Parameter("pk", _field("id")))


def lock(**which: Any) -> Authentication | None:
    """Return the row as it is now, locked until the end of the transaction."""
    return next(iter(Authentication.write_db.select_for_update().filter(**which)), None)


def set_fields(authentication: Authentication, **fields: Any) -> None:
    """Set on the instance what an UPDATE has just written."""
    for name, value in fields.items():
        setattr(authentication, name, value)


def update(authentication: Authentication, **fields: Any) -> None:
    """UPDATE these columns of the row, and set them on the instance."""
    Update(rows=this_row, values=fields, parameters={"pk": authentication.pk}).run(write_alias())
    set_fields(authentication, **fields)


def store_state(authentication: Authentication, state: Mapping[str, Any] | None) -> None:
    """Store a response's ``state`` while the code is live.

    A check may have closed the authentication while the provider was asked. What it cleared must not come back: the
    hash of a code is kept for the life of the code only.
    """
    if state is None:
        return
    changed = {"backend_state": {**authentication.backend_state, "state": dict(state)}}
    live = Authentication.write_db.filter(pk=authentication.pk, status__in=Authentication.LIVE_STATUSES)
    if live.update(**changed):
        set_fields(authentication, **changed)


def update_with_event(
    authentication: Authentication,
    event: Insert,
    *,
    rows: Any = this_row,
    also: Update | None = None,
    unless_exists: tuple[str, ...] = (),
    durable: bool = True,
    **fields: Any,
) -> bool:
    """UPDATE these columns of the row and INSERT its event: both, or neither when the row is not among ``rows``.

    :param rows: a query as for :class:`Update`, with the parameter ``pk``.
    :return: whether it was done. The instance is changed as well.
    """
    changed = sql.update_and_insert(
        Update(rows=rows, values=fields, parameters={"pk": authentication.pk}),
        event,
        using=write_alias(),
        unless_exists=unless_exists,
        also=also,
        durable=durable,
    )
    if changed:
        set_fields(authentication, **fields)
    return changed


def add_event(authentication: Authentication, event_type: Event.Type, status: str, **data: Any) -> None:
    """INSERT an event of now into the authentication's timeline."""
    build_event(authentication, event_type, status, **data).run(write_alias())


def add_repeatable_event(authentication: Authentication, event_type: Event.Type, status: str, **data: Any) -> None:
    """INSERT an event of what costs the requester nothing, such as a failure, unless the timeline is full of them."""
    if Event.write_db.filter(authentication=authentication)[:MAX_EVENTS].count() < MAX_EVENTS:
        add_event(authentication, event_type, status, **data)


def build_event(authentication: Authentication, event_type: Event.Type, status: str, **columns: Any) -> Insert:
    """Return an event of now for the authentication's timeline, not yet saved."""
    own = {
        "authentication_id": authentication.pk,
        "type": event_type,
        "status": status[:64],
        "occurred_at": clock.now(),
    }
    return Insert(model=Event, values=own | columns)


def event_data(response: SendResponse | RetryResponse) -> dict[str, Any]:
    """Return what an event keeps of a response: its details, and what of the row the provider said itself.

    The rest follows from the settings, and the admin marks it.
    """
    from_provider = [name for name in FROM_PROVIDER if getattr(response, name) is not None]
    return {**response.details, **({"from_provider": from_provider} if from_provider else {})}


def code_expiry(sent_at: datetime) -> datetime:
    """Return until when a code can be entered, unless the provider ends it sooner."""
    return sent_at + timedelta(seconds=ding_settings.CODE_TIMEOUT)


def bound_expiry(authentication: Authentication, response: _Response) -> _Response:
    """Return a response that lets no code live longer than ``CODE_TIMEOUT``, whatever the provider says.

    Codes have a maximum lifetime (OWASP ASVS 5.0, 6.5.5). A later expiry is left out, so that the settings decide,
    unless it is the same but for the clocks.
    """
    latest = max(authentication.expires_at, code_expiry(authentication.created_at))
    if isinstance(response, RetryResponse) and response.is_new:
        latest = code_expiry(clock.now())
    if response.expires_at is None or response.expires_at <= latest:
        return response
    return replace(response, expires_at=latest if response.expires_at <= latest + CLOCK_SKEW else None)


def released(authentication: Authentication) -> dict[str, Any]:
    """Return the columns of a row whose code can't be entered any longer.

    The backend's state goes, since it may be a hash of the code, and so do the options of this provider's own, which
    may hold a payment. The common ones stay for ``refresh``.
    """
    request = authentication.backend_state.get("request", {})
    if "state" not in authentication.backend_state and "extra" not in request:
        return {"dedup_key": None}
    kept = {name: value for name, value in request.items() if name != "extra"}
    return {"dedup_key": None, "backend_state": {"request": kept} if kept else {}}


def expire(authentication: Authentication) -> bool:
    """Close a live authentication, and return whether this did: another request may have closed it first.

    One whose response was lost stays failed. Its code can't be entered any longer, either.
    """
    closed = {"status": Authentication.Status.EXPIRED, **released(authentication)}
    rows = Authentication.write_db.filter(pk=authentication.pk)
    if not rows.filter(status__in=Authentication.LIVE_STATUSES).update(**closed):
        if authentication.is_lost and rows.filter(status=Authentication.Status.FAILED).update(dedup_key=None):
            set_fields(authentication, dedup_key=None)
        return False
    set_fields(authentication, **closed)
    return True
