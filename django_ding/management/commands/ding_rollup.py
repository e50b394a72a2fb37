from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from django_ding import clock
from django_ding.management.base import USAGE, DingCommandError, day
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count
from django_ding.services import RollUpResult, roll_up


class Command(BatchCommand):
    """Update the daily statistics. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Update the statistics in the admin for the days that may have changed since the last run. "
        "Can run on any number of machines at once."
    )
    result_class = RollUpResult
    unit = "days"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=day,
            metavar="DATE",
            help="update this UTC day, such as 2026-06-01, and all after it instead",
        )
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        # Days are in UTC, whatever TIME_ZONE is, so that each has 24 hours and the same rows for all processes.
        since = options["since"]
        if since and since > clock.now().astimezone(UTC).date():
            raise DingCommandError(f"{since} is in the future.", code="usage", returncode=USAGE)
        super().handle(*args, **options)

    def get_service(self, options: dict[str, Any]) -> Callable[..., RollUpResult]:
        return partial(roll_up, since=options["since"])

    def get_data(self, result: RollUpResult, *, dry_run: bool) -> dict[str, Any]:
        return {"rolled_up": result.total - result.kept, "kept": result.kept}

    def get_sentence(self, result: RollUpResult, *, dry_run: bool) -> str:
        sentence = f"{'Would roll up' if dry_run else 'Rolled up'} {count(result.total - result.kept, 'day')}"
        if result.kept:
            sentence += f"; kept the figures of {count(result.kept, 'day')} whose rows were deleted"
        return f"{sentence}."
