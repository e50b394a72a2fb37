import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.arguments import duration, whole_number
from django_ding.management.base import INCOMPLETE, DingCommand
from django_ding.management.interruption import Interruption, interruptible
from django_ding.management.progress import Show, progress
from django_ding.services import SettleResult, count_stale, settle

_INTERRUPTED = 130


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
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: str, **options: Any) -> None:
        limits = {"older_than": options["older_than"], "limit": options["limit"]}
        if options["dry_run"]:
            self._tell(count_stale(**limits), options)
            return
        run = _Run()
        with progress(lambda: count_stale(**limits).settled, unit="rows") as show, interruptible() as interruption:
            run.settle(show, interruption, batch=options["batch"], **limits)
        self._tell(run.done, options, interrupted=run.interrupted)
        if run.exit_code:
            sys.exit(run.exit_code)

    def _tell(self, result: SettleResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(_facts(result, dry_run=options["dry_run"], interrupted=interrupted)))
        else:
            self.stdout.write(_sentence(result, dry_run=options["dry_run"], interrupted=interrupted))


class _Run:
    """A run that Ctrl-C may cut short, and what it did until then."""

    done = SettleResult()
    interrupted = False

    def settle(self, show: Show, interruption: Interruption, **limits: Any) -> None:
        def keep(done: SettleResult) -> None:
            self.done = done
            show(done.settled)
            interruption.raise_if_asked()

        try:
            settle(on_settled=keep, **limits)
        except KeyboardInterrupt:
            self.interrupted = True

    @property
    def exit_code(self) -> int:
        if self.interrupted:
            return _INTERRUPTED
        return INCOMPLETE if self.done.unasked else 0


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
