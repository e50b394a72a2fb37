"""The history of a row: who refreshed, lifted or revoked it, from Django's log of the admin."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.http import HttpRequest
from django.utils import timezone

from django_ding.admin.display import can_view_full_numbers, format_user, mask_numbers
from django_ding.humanize import exact_time

#: On the row's page. Django's page of its history has all.
_MAX_ENTRIES = 10


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """Describe in a sentence what a user did to a row."""

    moment: str
    user: str
    text: str


def get_history(request: HttpRequest, row: Any) -> Iterator[HistoryEntry]:
    """Yield what was done to a row, the latest first."""
    entries = LogEntry.objects.filter(content_type=get_content_type_for_model(row), object_id=str(row.pk))
    full = can_view_full_numbers(request)
    for entry in entries.select_related("user").order_by("-action_time", "-pk")[:_MAX_ENTRIES]:
        moment, text = entry.action_time, entry.get_change_message()
        yield HistoryEntry(
            # Django's own times are naive without USE_TZ.
            moment=exact_time(timezone.make_aware(moment) if timezone.is_naive(moment) else moment),
            user=format_user(entry.user, full=full),
            # Of this app none has a full number, but a project may log changes of its own.
            text=text if full else mask_numbers(text),
        )


def mask_entries(entries: Iterable[LogEntry]) -> None:
    """Mask numbers in entries that Django's own page of a history is about to show. They aren't saved."""
    for entry in entries:
        user: Any = entry.user
        setattr(user, user.USERNAME_FIELD, format_user(user, full=False))
        entry.change_message = mask_numbers(entry.get_change_message())


def log_for_user(request: Any, user: Any, text: str) -> None:
    """Record in the history of a user what was done to a row of theirs that no longer exists."""
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=get_content_type_for_model(user),
        object_id=str(user.pk),
        object_repr=format_user(user, full=False)[:200],  # Not the name, which may be a phone number.
        action_flag=CHANGE,
        change_message=text,
    )
