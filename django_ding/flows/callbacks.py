"""Take in what the provider reports by itself."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django_ding import logs
from django_ding.backends.callbacks import Report
from django_ding.logs import kinds
from django_ding.models import Authentication, Event
from django_ding.services.records import lock, on_conflict_again, outside_transaction, short_transaction, write
from django_ding.services.timeline import announce, status_of, take_over


@dataclass(frozen=True, kw_only=True)
class _Received:
    authentication: Authentication | None = None
    is_ours: bool = True
    has_moved: bool = False


@outside_transaction
def receive(public_id: UUID, report: Report) -> bool:
    """Record what a callback reports of an authentication, once: repetitions and any order change nothing.

    What is not known is left out, and so is a report on an authentication that was deleted.

    :returns: ``False`` when the report is on another authentication; then nothing is written.
    """
    received = on_conflict_again(partial(_receive, public_id, report))
    if received.is_ours:
        _log(public_id, report, received.authentication)
    if received.authentication and received.has_moved:
        announce(received.authentication)
    return received.is_ours


def _log(public_id: UUID, report: Report, authentication: Authentication | None) -> None:
    """Tell of a callback that was recorded, or of no use here. Words that are not known may be anything."""
    event = report.event
    event_type = event.type if event.type in Event.Type.values else "unknown"
    status = status_of(event) or None
    logs.log(kinds.CALLBACK, authentication, correlation_id=str(public_id), type=event_type, status=status)


def _receive(public_id: UUID, report: Report) -> _Received:
    with short_transaction():
        authentication = lock(public_id=public_id)
        if authentication is None:
            return _Received()
        if not _is_on(authentication, report):
            return _Received(is_ours=False)
        _identify(authentication, report)
        return _Received(authentication=authentication, has_moved=take_over(authentication, [report]))


def _is_on(authentication: Authentication, report: Report) -> bool:
    """Tell whether one of the ids fits. Requesters of one number may share the provider's id, but not ours.

    A report with nothing but the provider's id fits no row that is still without: told again later, it does.
    """
    ids = {report.correlation_id, report.authentication_uuid} - {None}
    ours = {str(authentication.public_id), authentication.authentication_uuid}
    return bool(ids & ours) or not ids


def _identify(authentication: Authentication, report: Report) -> None:
    """Learn the provider's id when its answer was lost, or is still on its way. With it, ``sync`` can ask.

    Status and slot stay: they say what the requester was told, and keep a second message back for the cooldown.
    """
    is_known = report.correlation_id == str(authentication.public_id)
    if is_known and report.authentication_uuid and not authentication.authentication_uuid:
        write(authentication, authentication_uuid=report.authentication_uuid)
