from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.base import duration, whole_number
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count
from django_ding.services import ReconcileResult, reconcile


class Command(BatchCommand):
    """Reconcile what crashes left open. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Close verifications that a crash left without the provider's answer, and those that have expired. "
        "Can run on any number of machines at once."
    )
    result_class = ReconcileResult

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            default=60.0,
            metavar="TIME",
            help="how long to wait for the answer to a send: seconds, or 90s, 10m, 2h, 1d (default: 60)",
        )
        parser.add_argument(
            "--batch",
            type=whole_number(1),
            default=500,
            metavar="N",
            help="rows held in memory at once (default: %(default)s)",
        )
        parser.add_argument("--limit", type=whole_number(0), metavar="N", help="maximum number of rows (default: all)")
        super().add_arguments(parser)

    def get_service(self, options: dict[str, Any]) -> Callable[..., ReconcileResult]:
        return partial(reconcile, **{key: options[key] for key in ("older_than", "batch", "limit")})

    def get_data(self, result: ReconcileResult, *, dry_run: bool) -> dict[str, Any]:
        return {"total": result.total, **asdict(result)}

    def get_sentence(self, result: ReconcileResult, *, dry_run: bool) -> str:
        sentence = (
            f"{'Would reconcile' if dry_run else 'Reconciled'} {count(result.total, 'verification')}: "
            f"{count(result.answers_lost, 'answer')} lost, {result.expired} expired."
        )
        return f"{sentence} Could not get the provider's status of {result.skipped}." if result.skipped else sentence

    # A skipped row is closed like the others, but its timeline may lack its end, which the caller should know.
    def is_complete(self, result: ReconcileResult) -> bool:
        return not result.skipped
