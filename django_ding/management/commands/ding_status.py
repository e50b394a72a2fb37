from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from django_ding.conf import ding_settings
from django_ding.humanize import short_duration
from django_ding.management.base import DingCommand, DingCommandError, add_region
from django_ding.management.output import (
    authentication_data,
    authentication_table,
    find_authentication,
    newest_first,
    price,
    relative,
    status,
    table,
)
from django_ding.models import Authentication, Event
from django_ding.phone import NotAPhoneNumber, mask, parse_stored
from django_ding.services import refresh

_MAX_EARLIER = 20
_EARLIER_HEAD = ("ID", "Purpose", "Status", "Created")


class Command(DingCommand):
    """Show a verification with its timeline. The exit codes are documented in ``docs/commands.md``."""

    help = "Show the status and timeline of a verification: by its ID, or the newest one of a phone number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "id_or_number",
            metavar="ID|NUMBER",
            help="a verification's ID in this project, or the provider's; or a phone number",
        )
        add_region(parser)
        parser.add_argument("--refresh", action="store_true", help="ask the provider first")
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        # A provider's ID may consist of digits, so it is looked for before a number is parsed.
        found = find_authentication(options["id_or_number"])
        authentication, *earlier = [found] if found else _newest(options["id_or_number"], options["region"])
        if options["refresh"]:
            refresh(authentication)
        events = list(Event.write_db.filter(authentication=authentication).order_by("occurred_at", "pk"))
        timeline = [_event_data(event, authentication) for event in events]
        data = {
            "authentication": {**authentication_data(authentication), "timeline": timeline},
            "earlier": [authentication_data(row) for row in earlier],
        }
        lines = authentication_table(authentication)
        if events:
            lines += ["", "Timeline", *table([_event_row(event, authentication) for event in events])]
        if earlier:
            rows = [(str(row.public_id), row.purpose, status(row), relative(row.created_at)) for row in earlier]
            lines += ["", "Earlier verifications of this number", *table([_EARLIER_HEAD, *rows])]
        self.write_result(options, data, *lines)


def _newest(text: str, region: str | None) -> list[Authentication]:
    try:
        number = parse_stored(text, region or ding_settings.DEFAULT_REGION)
    except NotAPhoneNumber:
        raise DingCommandError("This is neither a verification's ID nor a phone number.", code="not_found") from None
    rows = list(newest_first().filter(phone_number=number)[: 1 + _MAX_EARLIER])
    if not rows:
        raise DingCommandError(f"No verification of {mask(number)} was found.", code="not_found")
    return rows


def _event_row(event: Event, authentication: Authentication) -> tuple[str, ...]:
    after = event.occurred_at - authentication.created_at
    paid = event.data.get("price")
    cost = price(Decimal(paid["amount"]), paid["currency"]) if paid else ""
    details = (event.channel, event.data.get("operation"), cost)
    # From -0.5 on it is rounded to 0, and "-0 s" would be odd.
    sign = "-" if after <= timedelta(seconds=-0.5) else "+"
    return f"{sign}{short_duration(after)}", event.type, event.status, " ".join(filter(None, details))


def _event_data(event: Event, authentication: Authentication) -> dict[str, Any]:
    return {
        "type": event.type,
        "status": event.status,
        "occurred_at": event.occurred_at.isoformat(),
        # Negative where the provider's clock is behind ours.
        "seconds_after": (event.occurred_at - authentication.created_at).total_seconds(),
        "attempt_number": event.attempt_number,
        "channel": event.channel,
        "data": event.data,
    }
