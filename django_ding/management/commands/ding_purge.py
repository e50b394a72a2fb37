import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from django_ding.conf import ding_settings
from django_ding.management.arguments import add_json, duration, whole_number
from django_ding.management.base import INTERRUPTED, DingCommand
from django_ding.management.runs import Run
from django_ding.services import PurgeResult, count_old, purge


class Command(DingCommand):
    """Delete what is old. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Delete old authentications with their events, old blocks and refusals, and expired devices and counters. "
        "May run on any number of machines at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            metavar="TIME",
            help='age of what is deleted: 90d, 12h, 30m, 90s (what DING["RETENTION"] says)',
        )
        parser.add_argument(
            "--batch",
            type=whole_number(least=1, most=10_000),
            default=1000,
            metavar="N",
            help="rows deleted at once, not counting events (1000)",
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would be deleted, and change nothing")
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        older_than = options["older_than"]
        if options["dry_run"]:
            self._tell(count_old(older_than=older_than), options)
            return
        run = Run(PurgeResult())
        run.make(
            lambda keep: purge(older_than=older_than, batch=options["batch"], on_purged=keep),
            total=lambda: count_old(older_than=older_than).rows,
            so_far=lambda done: done.rows,
            unit="rows",
        )
        self._tell(run.done, options, interrupted=run.interrupted)
        if run.interrupted:
            sys.exit(INTERRUPTED)

    def _tell(self, result: PurgeResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        flags = {"dry_run": options["dry_run"], "interrupted": interrupted}
        lines = [_sentence(result, **flags)]
        if options["older_than"] is None:
            lines += _kept_for_ever()
        self.answer(_facts(result, **flags), lines, as_json=options["json"])


def _facts(result: PurgeResult, *, dry_run: bool, interrupted: bool) -> dict[str, int | bool | None]:
    counts = asdict(result)
    if dry_run:
        counts["events"] = None
    return {**counts, "dry_run": dry_run, "interrupted": interrupted}


def _sentence(result: PurgeResult, *, dry_run: bool, interrupted: bool) -> str:
    verb = "Would delete" if dry_run else "Stopped early. Deleted" if interrupted else "Deleted"
    events = "their events" if dry_run else _counted(result.events, "event")
    counts = [
        f"{_counted(result.authentications, 'authentication')} with {events}",
        _counted(result.blocks, "block"),
        _counted(result.refusals, "refusal"),
        _counted(result.devices, "device"),
        _counted(result.counters, "counter"),
    ]
    return f"{verb} {_listed(counts)}."


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _kept_for_ever() -> list[str]:
    kept = [kind for kind, days in ding_settings.RETENTION.items() if days is None]
    if not kept:
        return []
    return [f'No time is set for {_listed(kept)}, so they are kept: see DING["RETENTION"] or --older-than.']
