import sys
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.arguments import add_id, add_json
from django_ding.management.authentications import details, facts, get
from django_ding.management.base import INCOMPLETE, DingCommand
from django_ding.services import RetryResult, RetryStatus, retry


class Command(DingCommand):
    """Send once more, as the service does. The exit codes are documented in ``docs/commands.md``."""

    help = "Send a new message for an authentication. It passes the guard, and it costs money."

    def add_arguments(self, parser: CommandParser) -> None:
        add_id(parser)
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        authentication = get(options["id"])
        result = retry(authentication)
        told = {"status": result.status.value, "authentication": facts(authentication)}
        self.answer(told, [_sentence(result), "", *details(authentication)], as_json=options["json"])
        if result.status is not RetryStatus.APPROVED:
            sys.exit(INCOMPLETE)


def _sentence(result: RetryResult) -> str:
    number = result.authentication.masked_number
    if result.status is RetryStatus.APPROVED:
        return f"Sent a new message to {number}."
    return f"No new message is known to have been sent to {number}: {result.status.value}."
