import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from django_ding import carriers, countries, humanize
from django_ding.management.base import INCOMPLETE, UNAVAILABLE, DingCommand, DingCommandError, whole_number
from django_ding.management.output import count
from django_ding.services import Drop, watch


class Command(DingCommand):
    """Watch delivery and conversion. The exit codes are documented in ``docs/commands.md``."""

    help = "Report a suspected outage: fewer codes of the last hour were delivered or entered than usual."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--min-codes",
            type=whole_number(1),
            default=20,
            metavar="N",
            help="codes of the hour below which a share is not compared (default: 20)",
        )
        parser.add_argument(
            "--min-drop",
            type=_percentage,
            default="20%",
            metavar="PERCENT",
            help="part of the usual share that must be missing, such as 20%% (the default)",
        )
        parser.add_argument("--dry-run", action="store_true", help="neither log nor send the signal")
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        result = watch(min_codes=options["min_codes"], min_drop=options["min_drop"], dry_run=options["dry_run"])
        if not result.usual_days:
            message = "The last seven days have no statistics to compare with. Run ding_rollup first."
            raise DingCommandError(message, code="no_statistics", returncode=UNAVAILABLE)
        lines = [self.style.WARNING(_sentence(drop)) for drop in result.drops]
        nothing = self.style.SUCCESS(
            f"Nothing is lower than usual among {count(result.codes, 'code')} of the last hour."
        )
        self.write_result(options, asdict(result), *(lines or [nothing]))
        if lines:
            sys.exit(INCOMPLETE)  # BaseCommand.handle() has no other way to choose an exit code.


def _sentence(drop: Drop) -> str:
    """Return ``Delivery of carrier 208-01 (France): 12 % of 240 codes in the last hour, usually 93 %.``."""
    subject = f"{drop.field} {_NAMES[drop.field](drop.value)}" if drop.field else "all codes"
    share, usual = (humanize.percentage(ratio, decimals=0) for ratio in (drop.share, drop.usual))
    codes = count(drop.codes, "code")
    return f"{drop.measure.capitalize()} of {subject}: {share} of {codes} in the last hour, usually {usual}."


_NAMES: dict[str, Callable[[str], str]] = {
    "backend": str,
    "country": countries.localized_name,
    "carrier": carriers.display_name,
}


def _percentage(text: str) -> float:
    """Return the ratio of ``20%`` or ``20``.

    :raises ArgumentTypeError: for anything else.
    """
    try:
        return whole_number(1, 100)(text.removesuffix("%")) / 100
    except ArgumentTypeError:
        raise ArgumentTypeError(f"{text!r} is not a percentage of 1% to 100%.") from None
