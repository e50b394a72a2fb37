import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from django_ding.exceptions import InputError
from django_ding.management.arguments import add_backend, add_json, add_region, duration, whole_number
from django_ding.management.base import INCOMPLETE, INTERRUPTED, USAGE, DingCommand, Problem
from django_ding.management.runs import Run
from django_ding.services import FeedbackStatus, ReportResult, count_onboarded, feedback, report_onboarded
from django_ding.services.reporting import GIVEN_BEFORE


class Command(DingCommand):
    """Give feedback, as the services do. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Tell the provider's antifraud how the user of a number turned out; or, with --since, that the users who "
        "verified a number since then are genuine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="?", metavar="NUMBER", help="a phone number, as people write it")
        parser.add_argument(
            "--since",
            type=duration,
            metavar="TIME",
            help="all numbers of active users that were proven in so much time: 7d, 12h, 30m, 90s",
        )
        parser.add_argument(
            "--status", choices=FeedbackStatus.values, default=FeedbackStatus.ONBOARDED.value, help="(onboarded)"
        )
        parser.add_argument("--limit", type=whole_number(least=0), metavar="N", help="numbers at most (all)")
        parser.add_argument("--dry-run", action="store_true", help="count the numbers, and tell nothing")
        add_region(parser)
        add_backend(parser)
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        _refuse_senseless(options)
        if options["number"]:
            self._tell(_give(options), options)
        elif options["dry_run"]:
            self._tell(ReportResult(told=count_onboarded(since=options["since"], limit=options["limit"])), options)
        else:
            self._report(options)

    def _report(self, options: dict[str, Any]) -> None:
        limits = {"since": options["since"], "limit": options["limit"]}
        run = Run(ReportResult())
        run.make(
            lambda keep: report_onboarded(on_reported=keep, **limits),
            total=lambda: count_onboarded(**limits),
            so_far=lambda done: done.numbers,
            unit="numbers",
        )
        self._tell(run.done, options, interrupted=run.interrupted)
        if run.interrupted or run.done.refused or run.done.unasked:
            sys.exit(INTERRUPTED if run.interrupted else INCOMPLETE)

    def _tell(self, result: ReportResult, options: dict[str, Any], *, interrupted: bool = False) -> None:
        flags = {"dry_run": options["dry_run"], "interrupted": interrupted}
        self.answer({**asdict(result), **flags}, [_sentence(result, **flags)], as_json=options["json"])


def _refuse_senseless(options: dict[str, Any]) -> None:
    """Refuse options that don't go together.

    :raises Problem: with what is wrong.
    """
    if bool(options["number"]) == (options["since"] is not None):
        raise _usage("Give either a NUMBER or --since.")
    if options["number"] and (options["dry_run"] or options["limit"] is not None):
        raise _usage("--dry-run and --limit go with --since.")
    if options["since"] is not None and options["status"] != FeedbackStatus.ONBOARDED:
        raise _usage("With --since the status is onboarded: nothing here tells who is not.")


def _usage(told: str) -> Problem:
    return Problem(told, code="usage", returncode=USAGE)


def _give(options: dict[str, Any]) -> ReportResult:
    about = {key: options[key] for key in ("region", "backend")}
    try:
        feedback(options["number"], options["status"], **about)
    except InputError as error:
        if error.code != GIVEN_BEFORE:
            raise
        return ReportResult(known=1)
    return ReportResult(told=1)


def _sentence(result: ReportResult, *, dry_run: bool, interrupted: bool) -> str:
    if dry_run:
        return f"Would tell the provider of {result.told}."
    told = f"{'Stopped early. ' if interrupted else ''}Told the provider of {result.told}; it knew {result.known}"
    if result.refused:
        told += f"; it refused {result.refused}"
    if result.unasked:
        told += f"; it could not be asked about {result.unasked}"
    return f"{told}."
