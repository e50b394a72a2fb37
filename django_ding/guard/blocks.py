"""Blocks of a prefix or country: a row that people see, and a counter that every send checks."""

from datetime import timedelta

from django_ding import clock, log
from django_ding.conf import ding_settings
from django_ding.guard import counters
from django_ding.guard.counters import Consumed, Limit, counter_key
from django_ding.models import Block
from django_ding.models.base import RequesterType
from django_ding.signals import pumping_suspected
from django_ding.transactions import atomic


def block_limit(scope: str, subject: str, requester_type: str, *, seconds: int = 1) -> Limit:
    """Return the limit that is consumed for as many seconds as the subject is blocked for such requesters."""
    return Limit(counter_key(f"block:{requester_type}:{scope}", subject), maximum=1, seconds=seconds)


def set_block_counter(scope: str, subject: str, requester_type: str, *, seconds: int) -> bool:
    """Make the counter refuse codes for so many seconds. Return whether it did not already."""
    return isinstance(counters.consume([block_limit(scope, subject, requester_type, seconds=seconds)]), Consumed)


def create_block(scope: str, subject: str, requester_type: str, *, sends: int, validated: int) -> None:
    """Block a prefix or country for ``CONVERSION_BLOCK_SECONDS``, log it, and send ``pumping_suspected``.

    The counter decides: of several processes that do it at once, one creates the row.
    """
    seconds = ding_settings.CONVERSION_BLOCK_SECONDS
    if not set_block_counter(scope, subject, requester_type, seconds=seconds):
        return
    now = clock.now()
    try:
        block = Block.write_db.create(
            scope=Block.Scope(str(scope)),
            subject=subject,
            requester_type=RequesterType(requester_type),
            sends=sends,
            validated=validated,
            created_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
    except BaseException:  # Without a row, the block would be invisible in the admin and couldn't be lifted.
        counters.rollback([block_limit(scope, subject, requester_type)])
        raise
    log.log_block(block)
    pumping_suspected.send_robust(Block, block=block)


def lift_block(block: Block) -> bool:
    """Allow codes to a blocked prefix or country again. Return whether the block was active.

    Only codes sent from now on count towards its conversion.

    :raises BackendUnavailable: when the counters are down. The block then stays active.
    """
    now = clock.now()
    # One transaction, so that the row stays as it is when the counters are down.
    with atomic():
        if not Block.write_db.active(now).filter(pk=block.pk).update(lifted_at=now):
            return False
        counters.rollback([block_limit(block.scope, block.subject, block.requester_type)])
    block.lifted_at = now
    return True
