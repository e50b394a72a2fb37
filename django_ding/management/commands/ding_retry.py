import sys
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.base import INCOMPLETE, DingCommand, add_id
from django_ding.management.output import authentication_data, authentication_table, get_authentication
from django_ding.services import RetryResult, RetryStatus, retry


class Command(DingCommand):
    """Resend a code. The exit codes are documented in ``docs/commands.md``."""

    help = "Send another message for a verification. Rate limits apply, and it costs money."

    def add_arguments(self, parser: CommandParser) -> None:
        add_id(parser)
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        authentication = get_authentication(options["id"])
        result = retry(authentication)
        data = {"status": result.status.value, "authentication": authentication_data(authentication)}
        self.write_result(options, data, _sentence(result), "", *authentication_table(authentication))
        if result.status is not RetryStatus.APPROVED:
            sys.exit(INCOMPLETE)


def _sentence(result: RetryResult) -> str:
    number = result.authentication.masked_number
    match result.status:
        case RetryStatus.APPROVED:
            return f"Sent another message to {number}."
        case RetryStatus.UNKNOWN:
            # The provider answered with a status of its own that this version doesn't know.
            return f"It is unknown whether another message was sent to {number}."
    return f"No message was sent to {number}: {result.status.value}."
