from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from django_ding import clock
from django_ding.exceptions import BackendUnavailable
from django_ding.management.base import UNAVAILABLE, DingCommand, DingCommandError, whole_number
from django_ding.management.output import local, table
from django_ding.models import Block
from django_ding.models.guard import BlockQuerySet
from django_ding.services import lift_block

_HEAD = ("ID", "Blocked", "Conversion", "Since", "Until")


class Command(DingCommand):
    """Show and lift blocks. The exit codes are documented in ``docs/commands.md``."""

    help = "Show or lift the blocks of prefixes and countries with a low conversion: too few codes were entered."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--all", action="store_true", help="also show blocks that have expired or were lifted")
        group.add_argument("--lift", nargs="+", type=whole_number(1), metavar="ID", help="lift these blocks")
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        if options["lift"]:
            found = _get(options["lift"])
            lines = [_lift(block) for block in found]
        else:
            found = list(_blocks() if options["all"] else _blocks().active())
            lines = (
                table([_HEAD, *map(_row, found)])
                if found
                else ["No blocks." if options["all"] else "No active blocks."]
            )
        self.write_result(options, [_data(block) for block in found], *lines)


def _blocks() -> BlockQuerySet:
    return Block.write_db.order_by("-created_at", "-pk")


def _get(ids: Sequence[int]) -> list[Block]:
    # All or none: a typo in a list of IDs must not go unnoticed among those that were lifted.
    known = _blocks().in_bulk(ids)
    unknown = [str(pk) for pk in ids if pk not in known]
    if unknown:
        raise DingCommandError(f"No block has the ID {', '.join(unknown)}. Nothing was lifted.", code="not_found")
    return [known[pk] for pk in dict.fromkeys(ids)]


def _lift(block: Block) -> str:
    try:
        return f"Lifted the block of {block}." if lift_block(block) else f"The block of {block} was already inactive."
    except BackendUnavailable as error:
        message = f"The rate limit counters could not be reached, so {block} is still blocked."
        raise DingCommandError(message, code=error.code, returncode=UNAVAILABLE) from error


def _row(block: Block) -> tuple[str, ...]:
    until = ("lifted " if block.lifted_at else "") + local(block.ended_at)
    return str(block.pk), str(block), f"{block.validated} of {block.sends}", local(block.created_at), until


def _data(block: Block) -> dict[str, Any]:
    return {
        "id": block.pk,
        "scope": block.scope,
        "subject": block.subject,
        "requester_type": block.requester_type,
        "sends": block.sends,
        "validated": block.validated,
        "created_at": block.created_at.isoformat(),
        "expires_at": block.expires_at.isoformat(),
        "lifted_at": block.lifted_at.isoformat() if block.lifted_at else None,
        "active": block.ended_at > clock.now(),
    }
