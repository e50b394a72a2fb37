from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from django_ding.exceptions import InvalidPhoneNumber
from django_ding.management.arguments import add_json, add_region
from django_ding.management.authentications import details, facts, find, newest, status
from django_ding.management.base import DingCommand, Problem
from django_ding.management.tables import relative, span, table
from django_ding.models import Authentication, Event
from django_ding.phone import mask
from django_ding.services import sync
from django_ding.services.records import write_alias
from django_ding.services.sending import normalize

_MOST_EARLIER = 20


class Command(DingCommand):
    """Show where an authentication stands. The exit codes are documented in ``docs/commands.md``."""

    help = "Show where an authentication stands and what happened to it: by its id, or the newest one of a number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "wanted",
            metavar="ID|NUMBER",
            help="the id of an authentication, this project's or the provider's, or a phone number",
        )
        add_region(parser)
        parser.add_argument("--sync", action="store_true", help="ask the provider first")
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        found = find(options["wanted"])
        authentication, *earlier = [found] if found else _of_number(options["wanted"], options["region"])
        if options["sync"]:
            sync(authentication)
        events = list(_events(authentication))
        told = {
            "authentication": {
                **facts(authentication),
                "timeline": [_event_facts(event, authentication) for event in events],
            },
            "earlier": [facts(row) for row in earlier],
        }
        self.answer(told, _lines(authentication, events, earlier), as_json=options["json"])


def _events(authentication: Authentication) -> QuerySet[Event]:
    """Return the timeline from the database that ``--sync`` has just written it to."""
    return Event.objects.using(write_alias()).filter(authentication=authentication).order_by("occurred_at", "pk")


def _of_number(text: str, region: str | None) -> list[Authentication]:
    try:
        number = normalize(text, region)
    except InvalidPhoneNumber:
        raise Problem("This is neither the ID of an authentication nor a phone number.", code="not_found") from None
    rows = list(newest().filter(phone_number=number)[: 1 + _MOST_EARLIER])
    if not rows:
        raise Problem(f"No code to {mask(number)} is on record.", code="not_found")
    return rows


def _lines(authentication: Authentication, events: list[Event], earlier: list[Authentication]) -> list[str]:
    lines = details(authentication)
    if events:
        lines += ["", "Timeline", *table([_event_row(event, authentication) for event in events])]
    if earlier:
        lines += ["", "Earlier codes to this number", *table([_HEAD, *map(_earlier_row, earlier)])]
    return lines


_HEAD = ("ID", "Purpose", "Status", "Created")


def _earlier_row(row: Authentication) -> tuple[str, ...]:
    return str(row.public_id), row.purpose, status(row), relative(row.created_at)


def _event_row(event: Event, authentication: Authentication) -> tuple[str, ...]:
    seconds = _seconds_after(event, authentication)
    after = f"{'-' if seconds <= -0.5 else '+'}{span(abs(seconds))}"
    return after, event.type, event.status, " ".join(_about(event))


def _about(event: Event) -> Iterator[str]:
    if event.channel:
        yield event.channel
    if operation := event.facts.get("operation"):
        yield operation
    if price := event.facts.get("price"):
        yield f"{price['amount']} {price['currency']}"


def _event_facts(event: Event, authentication: Authentication) -> dict[str, Any]:
    return {
        "type": event.type,
        "status": event.status,
        "occurred_at": event.occurred_at.isoformat(),
        "seconds_after": _seconds_after(event, authentication),
        "attempt_number": event.attempt_number,
        "channel": event.channel,
        "facts": event.facts,
    }


def _seconds_after(event: Event, authentication: Authentication) -> float:
    """The provider's clock may be behind ours, so it can be below zero."""
    return (event.occurred_at - authentication.created_at).total_seconds()
