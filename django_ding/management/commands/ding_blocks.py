import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from django_ding.exceptions import BackendUnavailable
from django_ding.management.arguments import whole_number
from django_ding.management.base import INCOMPLETE, UNUSABLE, DingCommand
from django_ding.models import Block
from django_ding.services import blocks, lift

_HEAD = ("ID", "Blocked", "Entered", "Since", "Until")


class Command(DingCommand):
    """Show and lift what the guard blocks. The exit codes are documented in ``docs/commands.md``."""

    help = "Show, or lift, the blocks of prefixes and countries where too few codes were entered."

    def add_arguments(self, parser: CommandParser) -> None:
        task = parser.add_mutually_exclusive_group()
        task.add_argument("--all", action="store_true", help="show those that are over or were lifted, too")
        task.add_argument(
            "--lift", nargs="+", type=whole_number(least=1), metavar="ID", help="let codes through again there"
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: str, **options: Any) -> None:
        if options["lift"]:
            told = _find(options["lift"])
            lines = [_lift(block) for block in told]
        else:
            told = blocks(past=options["all"])
            lines = _table(told) if told else ["Nothing is blocked."]
        facts = [_facts(block) for block in told]
        self.stdout.write(json.dumps(facts) if options["json"] else "\n".join(lines))


def _find(ids: Sequence[int]) -> list[Block]:
    known = {block.pk: block for block in blocks(past=True)}
    unknown = [str(pk) for pk in ids if pk not in known]
    if unknown:
        raise CommandError(f"There is no block {', '.join(unknown)}. Nothing was lifted.", returncode=INCOMPLETE)
    return [known[pk] for pk in dict.fromkeys(ids)]


def _lift(block: Block) -> str:
    try:
        return f"Lifted {block}." if lift(block) else f"The block of {block} was over already."
    except BackendUnavailable as error:
        raise CommandError(f"The counters can't be reached, so {block} stays.", returncode=UNUSABLE) from error


def _table(found: Sequence[Block]) -> list[str]:
    rows = [_HEAD, *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _row(block: Block) -> tuple[str, ...]:
    until = ("lifted " if block.lifted_at else "") + _time(block.ended_at)
    return str(block.pk), str(block), f"{block.validated} of {block.sends}", _time(block.created_at), until


def _time(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")


def _facts(block: Block) -> dict[str, Any]:
    return {
        "id": block.pk,
        "scope": block.scope,
        "subject": block.subject,
        "sends": block.sends,
        "validated": block.validated,
        "created_at": block.created_at.isoformat(),
        "expires_at": block.expires_at.isoformat(),
        "lifted_at": block.lifted_at.isoformat() if block.lifted_at else None,
        "in_force": block.ended_at > timezone.now(),
    }
