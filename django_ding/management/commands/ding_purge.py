from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from django_ding.conf import ding_settings
from django_ding.management.base import duration, whole_number
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count, join
from django_ding.services import PurgeResult, purge

_NOUNS = {
    "authentications": "verification",
    "blocks": "block",
    "lockouts": "lockout",
    "recovery_codes": "recovery code",
    "refusals": "blocked request",
    "devices": "remembered device",
    "counters": "rate limit counter",
}


class Command(BatchCommand):
    """Delete old rows. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Delete old verifications with their events, old blocks, lockouts, recovery codes and blocked requests, "
        "expired devices and rate limit counters. Can run on any number of machines at once."
    )
    result_class = PurgeResult

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            metavar="TIME",
            help='age of the rows to delete: 90d, 12h, 30m, 90s (default: DING["RETENTION_DAYS"])',
        )
        parser.add_argument(
            "--batch",
            type=whole_number(1, 10_000),
            default=1000,
            metavar="N",
            help="rows deleted at once, not counting events (default: %(default)s)",
        )
        super().add_arguments(parser)

    def get_service(self, options: dict[str, Any]) -> Callable[..., PurgeResult]:
        return partial(purge, older_than=options["older_than"], batch=options["batch"])

    def report(self, result: PurgeResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        super().report(result, options, interrupted=interrupted)
        kept = [f"{_NOUNS[kind]}s" for kind, days in ding_settings.RETENTION_DAYS.items() if days is None]
        if kept and options["older_than"] is None and not options["json"]:
            self.stdout.write(
                f'Kept all {join(kept)}: to delete old ones, set DING["RETENTION_DAYS"] or pass --older-than.'
            )

    def get_data(self, result: PurgeResult, *, dry_run: bool) -> dict[str, Any]:
        # A dry run does not count the events: that would take as long as deleting them.
        return {**asdict(result), "events": None if dry_run else result.events}

    def get_sentence(self, result: PurgeResult, *, dry_run: bool) -> str:
        authentications, *others = (count(getattr(result, kind), noun) for kind, noun in _NOUNS.items())
        events = "their events" if dry_run else count(result.events, "event")
        return f"{'Would delete' if dry_run else 'Deleted'} {join([f'{authentications} with {events}', *others])}."
