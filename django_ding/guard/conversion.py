"""Real people enter their codes, SMS pumping never does: where too few are entered, no more are sent for a while."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db import router
from django.db.models import QuerySet
from django.utils import timezone

from django_ding import logs
from django_ding.conf import ding_settings
from django_ding.guard import counting
from django_ding.guard.counters import NO_LIMIT, Slot, Taken
from django_ding.guard.rates import Scope
from django_ding.guard.rules import PATIENCE, Rule, parse
from django_ding.models import Authentication, Block
from django_ding.signals import pumping_suspected

#: What :class:`RateLimited` calls the refusals of this module.
SCOPE = "conversion"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A rule, and the prefix or country that a message goes to."""

    rule: Rule
    subject: str

    @property
    def look(self) -> Slot:
        """A look at the counter that is full while codes to the subject are refused."""
        return Slot(key=_block_key(self.rule.scope, self.subject), limit=0, seconds=1, amount=0)

    @cached_property
    def tally(self) -> Slot:
        """A count of the messages to the subject, which tells when to judge."""
        rule = self.rule
        key = counting.key(f"tally:{rule.scope}:{rule.sends}:{rule.seconds}", self.subject)
        return Slot(key=key, limit=NO_LIMIT, seconds=rule.seconds)

    def block(self, *, seconds: int) -> Slot:
        """Return the only place of the counter that is looked at."""
        return _block_slot(self.rule.scope, self.subject, seconds=seconds)


def cases(subjects: Mapping[Scope, str]) -> list[Case]:
    """Return what is to be watched when a message goes to these subjects, of which an empty text is none."""
    rules = parse(ding_settings.CONVERSION)
    return [Case(rule=rule, subject=subjects[rule.scope]) for rule in rules if subjects[rule.scope]]


def judge(case: Case) -> float | None:
    """Return for how many seconds no code may go to the subject because too few of the last ones were entered.

    ``None`` when that is not so. Only messages after the last block count, so that one that is over or was lifted
    gives a fresh start.

    :raises BackendUnavailable: when the counters can't be reached.
    """
    now = timezone.now()
    sent = _last_sent(case, now=now)
    validated = sum(status == Authentication.Status.VALIDATED for _, status in sent)
    if len(sent) < case.rule.sends or not case.rule.is_broken(validated):
        return None
    last = _blocks().filter(scope=case.rule.scope, subject=case.subject).order_by("-created_at").first()
    if last and last.ended_at > now:
        left = math.ceil((last.ended_at - now).total_seconds())
        _shut(case, seconds=left)  # The counters have lost it, or another process has just made it.
        return left
    first_at, _ = sent[-1]
    if last and first_at <= last.ended_at:
        return None
    _block(case, validated=validated)
    return ding_settings.CONVERSION_PAUSE


def memory() -> int:
    """Return how many seconds back codes and blocks are looked at; 0 where no share must be entered."""
    return max((rule.seconds for rule in parse(ding_settings.CONVERSION)), default=0)


def release(block: Block) -> None:
    """Let codes through again to what is blocked.

    :raises BackendUnavailable: when the counters can't be reached.
    """
    counting.give_back([_block_slot(block.scope, block.subject, seconds=1)])


def _last_sent(case: Case, *, now: datetime) -> list[tuple[datetime, str]]:
    """Return when the newest messages that people had time to enter were sent, and their statuses: a sample at most.

    They are looked for among twice as many rows, however many there are: some may never have been sent.
    """
    rows = Authentication.objects.using(_alias()).filter(
        **{case.rule.scope.value: case.subject},
        created_at__gt=now - timedelta(seconds=case.rule.seconds),
        created_at__lte=now - timedelta(seconds=PATIENCE),
    )
    newest = rows.order_by("-created_at").values_list("created_at", "status")[: 2 * case.rule.sends]
    return [(moment, status) for moment, status in newest if status in Authentication.SENT_STATUSES][: case.rule.sends]


def _block(case: Case, *, validated: int) -> None:
    """Block the subject, write it down and tell it; of many processes that judge at once, one does."""
    seconds = ding_settings.CONVERSION_PAUSE
    if not _shut(case, seconds=seconds):
        return
    try:
        block = _record(case, seconds=seconds, validated=validated)
    except BaseException:
        counting.give_back([case.block(seconds=seconds)])
        raise
    _announce(block)


def _shut(case: Case, *, seconds: int) -> bool:
    """Fill the counter that every send looks at, unless it is full."""
    return isinstance(counting.take([case.block(seconds=seconds)]), Taken)


def _record(case: Case, *, seconds: int, validated: int) -> Block:
    now = timezone.now()
    return _blocks().create(
        scope=Block.Scope(case.rule.scope.value),
        subject=case.subject,
        sends=case.rule.sends,
        validated=validated,
        created_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )


def _announce(block: Block) -> None:
    logs.blocked(block)
    pumping_suspected.send_robust(Block, block=block)


def _block_slot(scope: str, subject: str, *, seconds: int) -> Slot:
    return Slot(key=_block_key(scope, subject), limit=1, seconds=seconds)


def _block_key(scope: str, subject: str) -> str:
    return counting.key(f"block:{scope}", subject)


def _blocks() -> QuerySet[Block]:
    return Block.objects.using(_alias())


def _alias() -> str:
    """Return the database that authentications are written to, where blocks stand beside them."""
    return router.db_for_write(Authentication)
