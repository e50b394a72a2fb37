import sys
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.arguments import add_json, day
from django_ding.management.base import INTERRUPTED, USAGE, DingCommand, Problem
from django_ding.management.runs import Run
from django_ding.services import RollUpResult, days_to_roll_up, roll_up


class Command(DingCommand):
    """Keep the daily figures of the statistics. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Count the days that may have changed since the last run, for the statistics in the admin. "
        "May run on any number of machines at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=day, metavar="DATE", help="count this UTC day, such as 2026-06-01, and all after it instead"
        )
        parser.add_argument("--dry-run", action="store_true", help="count which days it would be, and change nothing")
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        days = _days(options["since"])
        if options["dry_run"]:
            self._tell(RollUpResult(rolled_up=len(days)), options)
            return
        run = Run(RollUpResult())
        run.make(
            lambda keep: roll_up(since=options["since"], on_rolled_up=keep),
            total=lambda: len(days),
            so_far=lambda done: done.done,
            unit="days",
        )
        self._tell(run.done, options, interrupted=run.interrupted)
        if run.interrupted:
            sys.exit(INTERRUPTED)

    def _tell(self, result: RollUpResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        flags = {"dry_run": options["dry_run"], "interrupted": interrupted}
        facts = {"rolled_up": result.rolled_up, "kept": result.kept, **flags}
        self.answer(facts, [_sentence(result, **flags)], as_json=options["json"])


def _days(since: date | None) -> list[date]:
    try:
        return days_to_roll_up(since=since)
    except ValueError as error:
        raise Problem(str(error), code="usage", returncode=USAGE) from None


def _sentence(result: RollUpResult, *, dry_run: bool, interrupted: bool) -> str:
    verb = "Would roll up" if dry_run else "Stopped early. Rolled up" if interrupted else "Rolled up"
    told = f"{verb} {_counted(result.rolled_up)}"
    if result.kept:
        told += f"; kept figures of {_counted(result.kept)} whose rows are gone"
    return f"{told}."


def _counted(days: int) -> str:
    return f"{days:,} day" if days == 1 else f"{days:,} days"
