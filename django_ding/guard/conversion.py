"""Real users enter their codes, SMS pumping never does: where too few codes are entered, sending is blocked.

A rule of ``MIN_CONVERSION`` is evaluated four times per sample, on the statuses of the newest authentications.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.guard.blocks import block_limit, create_block, set_block_counter
from django_ding.guard.counters import NO_LIMIT, Limit, counter_key
from django_ding.guard.limits import GRACE_SECONDS, ConversionRule, Scope, parse_conversion
from django_ding.models import Authentication, Block

#: The scope of the :class:`RateLimited` that a block raises.
SCOPE = "conversion"


@dataclass(frozen=True, kw_only=True)
class ConversionCheck:
    """A rule, and the prefix or country that a message goes to."""

    rule: ConversionRule
    subject: str

    @property
    def block_counter(self) -> Limit:
        """Is exceeded while the subject is blocked, and consumes nothing."""
        return block_limit(self.rule.scope, self.subject)._replace(maximum=0, amount=0)

    @cached_property
    def send_counter(self) -> Limit:
        """Counts the messages to the subject, which says when the rule is due."""
        rule = self.rule
        key = counter_key(f"sends:{rule.scope}:{rule.sends}:{rule.seconds}", self.subject)
        return Limit(key, maximum=NO_LIMIT, seconds=rule.seconds)


def conversion_checks(subjects: Mapping[Scope, str]) -> list[ConversionCheck]:
    """Return the checks of a message to these subjects."""
    rules = parse_conversion(ding_settings.MIN_CONVERSION)
    return [ConversionCheck(rule=rule, subject=subjects[rule.scope]) for rule in rules]


def lookback_seconds() -> int:
    """Return for how many seconds authentications and blocks are needed here; 0 without a rule."""
    return max((rule.seconds for rule in parse_conversion(ding_settings.MIN_CONVERSION)), default=0)


def evaluate(check: ConversionCheck) -> float | None:
    """Block the subject if too few of the last codes were entered. Return the seconds it is blocked for, if it is.

    Only messages after the last block count, so that the end of a block is a fresh start.

    :raises BackendUnavailable: when the counters are down.
    """
    now = timezone.now()
    sample = _sample(check, now=now)
    validated = sum(status == Authentication.Status.VALIDATED for _, status in sample)
    if len(sample) < check.rule.sends or not check.rule.is_violated_by(validated):
        return None
    last = Block.write_db.filter(scope=check.rule.scope, subject=check.subject).order_by("-created_at").first()
    if last and last.ended_at > now:
        # The store has lost the counter, or another process has created the block since this request was counted.
        seconds_left = math.ceil((last.ended_at - now).total_seconds())
        set_block_counter(check.rule.scope, check.subject, seconds=seconds_left)
        return seconds_left
    oldest_at, _ = sample[-1]
    if last and oldest_at <= last.ended_at:
        return None
    create_block(check.rule.scope, check.subject, sends=check.rule.sends, validated=validated)
    return ding_settings.CONVERSION_BLOCK_SECONDS


def _sample(check: ConversionCheck, *, now: datetime) -> list[tuple[datetime, str]]:
    """Return when the newest codes that users had time to enter were sent, and their statuses, newest first."""
    rows = Authentication.write_db.filter(
        **{check.rule.scope.value: check.subject},
        created_at__gt=now - timedelta(seconds=check.rule.seconds),
        created_at__lte=now - timedelta(seconds=GRACE_SECONDS),
    )
    # Twice the sample, since some may never have been sent. A condition on the status would make the database read on
    # until it has enough, and so without end where hardly any was sent.
    newest = rows.order_by("-created_at").values_list("created_at", "status")[: 2 * check.rule.sends]
    sent = [(moment, status) for moment, status in newest if status in Authentication.SENT_STATUSES]
    return sent[: check.rule.sends]
