from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from django_ding.exceptions import InputError
from django_ding.management.base import USAGE, DingCommandError, add_backend, add_region, duration, whole_number
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count
from django_ding.services import FeedbackReport, FeedbackStatus, feedback, report_onboarded


class Command(BatchCommand):
    """Send feedback to the provider. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Report to the provider's fraud prevention whether the user of a number is genuine; or, with --since, that all "
        "users are who verified a number since then."
    )
    result_class = FeedbackReport
    unit = "numbers"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="?", metavar="NUMBER", help="a phone number, in any format")
        parser.add_argument(
            "--since",
            type=duration,
            metavar="TIME",
            help="report all numbers of active users that were verified in this time: 7d, 12h, 30m, 90s",
        )
        parser.add_argument(
            "--status",
            choices=FeedbackStatus.values,
            default=FeedbackStatus.ONBOARDED.value,
            help="default: %(default)s",
        )
        parser.add_argument(
            "--limit", type=whole_number(0), metavar="N", help="maximum number of numbers (default: all)"
        )
        add_region(parser)
        add_backend(parser)
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        _check_options(options)
        if options["number"]:
            self.report(_send_one(options), options)
        else:
            super().handle(*args, **options)

    def get_service(self, options: dict[str, Any]) -> Callable[..., FeedbackReport]:
        return partial(report_onboarded, since=options["since"], limit=options["limit"])

    def get_data(self, result: FeedbackReport, *, dry_run: bool) -> dict[str, Any]:
        # A dry run counts all numbers as skipped, but what it shows is what a run would send.
        return {**asdict(result), "sent": result.total, "skipped": 0} if dry_run else asdict(result)

    def get_sentence(self, result: FeedbackReport, *, dry_run: bool) -> str:
        if dry_run:
            return f"Would report {count(result.total, 'number')}."
        sentence = f"Reported {count(result.sent, 'number')}; {count(result.already_sent, 'duplicate')}"
        if result.rejected:
            sentence += f"; {result.rejected} rejected"
        if result.skipped:
            sentence += f"; {result.skipped} skipped"
        return f"{sentence}."

    def is_complete(self, result: FeedbackReport) -> bool:
        return not result.rejected and not result.skipped


def _check_options(options: dict[str, Any]) -> None:
    """Check that the options go together.

    :raises DingCommandError: for the first ones that don't.
    """
    problem = None
    if bool(options["number"]) == (options["since"] is not None):
        problem = "Pass either NUMBER or --since."
    elif options["number"] and (options["dry_run"] or options["limit"] is not None):
        problem = "--dry-run and --limit require --since."
    elif options["since"] is not None and options["status"] != FeedbackStatus.ONBOARDED:
        # Nothing in the database says that a user is not genuine.
        problem = "--since can only report onboarded users. Pass a NUMBER to report another status."
    if problem:
        raise DingCommandError(problem, code="usage", returncode=USAGE)


def _send_one(options: dict[str, Any]) -> FeedbackReport:
    try:
        feedback(options["number"], options["status"], region=options["region"], backend=options["backend"])
    except InputError as error:
        # The provider has it already, from an earlier run or from your own code: that is what was wanted.
        if error.code != "duplicated_feedback_status":
            raise
        return FeedbackReport(already_sent=1)
    return FeedbackReport(sent=1)
