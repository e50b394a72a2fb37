from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from django_ding.exceptions import BackendUnavailable
from django_ding.management.arguments import add_json, whole_number
from django_ding.management.base import UNUSABLE, DingCommand, Problem
from django_ding.management.tables import local, table
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
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        if options["lift"]:
            told = _find(options["lift"])
            lines = [_lift(block) for block in told]
        else:
            told = blocks(past=options["all"])
            lines = _table(told) if told else ["Nothing is blocked."]
        facts = [_facts(block) for block in told]
        self.answer(facts, lines, as_json=options["json"])


def _find(ids: Sequence[int]) -> list[Block]:
    known = {block.pk: block for block in blocks(past=True)}
    unknown = [str(pk) for pk in ids if pk not in known]
    if unknown:
        raise Problem(f"There is no block {', '.join(unknown)}. Nothing was lifted.", code="not_found")
    return [known[pk] for pk in dict.fromkeys(ids)]


def _lift(block: Block) -> str:
    try:
        return f"Lifted {block}." if lift(block) else f"The block of {block} was over already."
    except BackendUnavailable as error:
        told = f"The counters can't be reached, so {block} stays."
        raise Problem(told, code=error.code, returncode=UNUSABLE) from error


def _table(found: Sequence[Block]) -> list[str]:
    return table([_HEAD, *map(_row, found)])


def _row(block: Block) -> tuple[str, ...]:
    until = ("lifted " if block.lifted_at else "") + local(block.ended_at)
    return str(block.pk), str(block), f"{block.validated} of {block.sends}", local(block.created_at), until


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
