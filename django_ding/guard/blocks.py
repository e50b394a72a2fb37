"""What the guard blocks because its codes were not entered."""

from django.db import transaction
from django.utils import timezone

from django_ding.guard.conversion import release
from django_ding.models import Block
from django_ding.services.records import write_alias


def blocks(*, past: bool = False) -> list[Block]:
    """Return the blocks in force, the newest first.

    :param past: also those that are over or were lifted.
    """
    rows = Block.objects.using(write_alias()).order_by("-created_at", "-pk")
    return list(rows if past else rows.in_force(timezone.now()))


def lift(block: Block) -> bool:
    """Let codes through again to a prefix or country, which gets a fresh start. Tell whether the block was in force.

    Doing it again, or to one that is over, changes nothing.

    :raises BackendUnavailable: when the counters can't be reached. Then it stays in force.
    """
    now = timezone.now()
    in_force = Block.objects.using(write_alias()).in_force(now).filter(pk=block.pk)
    with transaction.atomic(using=write_alias()):
        if not in_force.update(lifted_at=now):
            return False
        release(block)
    block.lifted_at = now
    return True
