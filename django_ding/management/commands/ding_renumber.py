from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.base import USAGE, DingCommandError
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count
from django_ding.phone import is_prefix
from django_ding.services import NumberProblem, RenumberResult, renumber


class Command(BatchCommand):
    """Change verified numbers after a plan has changed. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Replace the first digits of users' verified numbers after a country's numbering plan has changed. Only "
        "numbers that are no longer valid are changed, and only to valid ones. Run it with --dry-run first."
    )
    result_class = RenumberResult
    unit = "numbers"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            type=prefix,
            required=True,
            dest="old_prefix",
            metavar="PREFIX",
            help="what the numbers begin with: +22997",
        )
        parser.add_argument(
            "--to",
            type=prefix,
            required=True,
            dest="new_prefix",
            metavar="PREFIX",
            help="what takes its place: +2290197",
        )
        super().add_arguments(parser)

    def get_service(self, options: dict[str, Any]) -> Callable[..., RenumberResult]:
        if options["old_prefix"] == options["new_prefix"]:
            raise DingCommandError("--from and --to are the same.", code="usage", returncode=USAGE)
        return partial(renumber, options["old_prefix"], options["new_prefix"])

    def get_data(self, result: RenumberResult, *, dry_run: bool) -> dict[str, Any]:
        return asdict(result)

    def get_problems(self, result: RenumberResult) -> Sequence[NumberProblem]:
        return result.problems

    def get_sentence(self, result: RenumberResult, *, dry_run: bool) -> str:
        sentence = f"{'Would renumber' if dry_run else 'Renumbered'} {count(result.renumbered, 'number')}"
        if result.still_valid:
            sentence += f"; {count(result.still_valid, 'number')} still valid"
        if result.problems:
            sentence += f"; left out {count(len(result.problems), 'number')}"
        return f"{sentence}."

    def is_complete(self, result: RenumberResult) -> bool:
        return not result.problems


def prefix(text: str) -> str:
    """Return the first digits of a number in E.164.

    :raises ArgumentTypeError: for anything else.
    """
    if is_prefix(text):
        return text
    raise ArgumentTypeError(f"{text!r} is not the beginning of a number, such as +22997.")
