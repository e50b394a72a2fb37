import sys
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.arguments import add_json, duration, whole_number
from django_ding.management.base import INCOMPLETE, INTERRUPTED, DingCommand
from django_ding.management.runs import Run
from django_ding.services import SettleResult, count_stale, settle


class Command(DingCommand):
    """Settle what crashes left open. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Settle authentications that a crash left without an answer, and close those that are live past their time. "
        "May run on any number of machines at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            default=60.0,
            metavar="TIME",
            help="how long a send may wait for its answer: seconds, or 90s, 10m, 2h, 1d (60)",
        )
        parser.add_argument(
            "--batch", type=whole_number(least=1), default=500, metavar="N", help="rows held in memory at once (500)"
        )
        parser.add_argument("--limit", type=whole_number(least=0), metavar="N", help="rows to settle at most (all)")
        parser.add_argument("--dry-run", action="store_true", help="count what would be settled, and change nothing")
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        limits = {"older_than": options["older_than"], "limit": options["limit"]}
        if options["dry_run"]:
            self._tell(count_stale(**limits), options)
            return
        run = Run(SettleResult())
        run.make(
            lambda keep: settle(on_settled=keep, batch=options["batch"], **limits),
            total=lambda: count_stale(**limits).settled,
            so_far=lambda done: done.settled,
            unit="rows",
        )
        self._tell(run.done, options, interrupted=run.interrupted)
        if run.interrupted or run.done.unasked:
            sys.exit(INTERRUPTED if run.interrupted else INCOMPLETE)

    def _tell(self, result: SettleResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        flags = {"dry_run": options["dry_run"], "interrupted": interrupted}
        self.answer(_facts(result, **flags), [_sentence(result, **flags)], as_json=options["json"])


def _facts(result: SettleResult, **flags: bool) -> dict[str, int | bool]:
    return {
        "settled": result.settled,
        "answers_lost": result.answers_lost,
        "expired": result.expired,
        "unasked": result.unasked,
        **flags,
    }


def _sentence(result: SettleResult, *, dry_run: bool, interrupted: bool) -> str:
    verb = "Would settle" if dry_run else "Stopped early. Settled" if interrupted else "Settled"
    answers = "answer" if result.answers_lost == 1 else "answers"
    told = f"{verb} {result.settled}: {result.answers_lost} {answers} lost, {result.expired} expired"
    if result.unasked:
        told += f"; the provider could not be asked about {result.unasked}"
    return f"{told}."
