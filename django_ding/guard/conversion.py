"""Real users enter their codes, SMS pumping never does: where too few do, sending is blocked.

A rule of ``MIN_CONVERSION`` is evaluated four times per sample, on the statuses of the newest authentications. Each
requester counts once, also one who leaves a hundred codes unentered.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, NamedTuple

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.guard.blocks import block_limit, create_block, set_block_counter
from django_ding.guard.client_ip import UNKNOWN_IP, networks
from django_ding.guard.counters import NO_LIMIT, Limit, counter_key
from django_ding.guard.limits import GRACE_SECONDS, ConversionRule, Scope, parse_conversion
from django_ding.models import Authentication, Block
from django_ding.models.base import RequesterType, write_alias
from django_ding.sql import fetch
from django_ding.statements import Parameter, Rows

#: The scope of the :class:`RateLimited` that a block raises.
SCOPE = "conversion"

#: How many rows are read for each requester of a sample.
_ROWS_PER_REQUESTER = 4

#: How many are read first for each code that must have been entered: enough where half of the codes are.
_ROWS_PER_ENTERED = 3


@dataclass(frozen=True, kw_only=True)
class ConversionCheck:
    """A rule, the prefix or country that a message goes to, and who requests it."""

    rule: ConversionRule
    subject: str
    requester_type: RequesterType

    @property
    def block_counter(self) -> Limit:
        """Is exceeded while the subject is blocked, and consumes nothing."""
        return block_limit(self.rule.scope, self.subject, self.requester_type).while_empty()

    @cached_property
    def send_counter(self) -> Limit:
        """Counts the messages to the subject, which says when the rule is due."""
        rule = self.rule
        name = f"sends:{self.requester_type}:{rule.scope}:{rule.sends}:{rule.seconds}"
        key = counter_key(name, self.subject)
        return Limit(key, maximum=NO_LIMIT, seconds=rule.seconds)


class _Sample(NamedTuple):
    """The last requesters of messages to a subject.

    :ivar oldest: the key of their oldest authentication.
    """

    oldest: Any
    requesters: int
    validated: int


def conversion_checks(subjects: Mapping[Scope, Sequence[str]], requester_type: RequesterType) -> list[ConversionCheck]:
    """Return the checks of a message to these subjects."""
    return [
        ConversionCheck(rule=rule, subject=subject, requester_type=requester_type)
        for rule in parse_conversion(ding_settings.MIN_CONVERSION)
        for subject in subjects[rule.scope]
    ]


def lookback_seconds() -> int:
    """Return for how many seconds authentications and blocks are needed here; 0 without a rule."""
    return max((rule.seconds for rule in parse_conversion(ding_settings.MIN_CONVERSION)), default=0)


def evaluate(check: ConversionCheck) -> float | None:
    """Block the subject if too few of the last requesters entered a code. Return the seconds it is blocked for.

    Only messages after the last block count, so that the end of a block is a fresh start.

    :raises BackendUnavailable: when the counters are down.
    """
    now = clock.now()
    sample = _find_poor_sample(check, now=now)
    if sample is None:
        return None
    blocks = Block.write_db.filter(scope=check.rule.scope, subject=check.subject, requester_type=check.requester_type)
    last = blocks.order_by("-created_at").first()
    if last and last.ended_at > now:
        # The store has lost the counter, or another process has created the block since this request was counted.
        seconds_left = math.ceil((last.ended_at - now).total_seconds())
        set_block_counter(check.rule.scope, check.subject, check.requester_type, seconds=seconds_left)
        return seconds_left
    if last and Authentication.write_db.filter(pk=sample.oldest, created_at__lte=last.ended_at).exists():
        return None
    create_block(
        check.rule.scope, check.subject, check.requester_type, sends=check.rule.sends, validated=sample.validated
    )
    return ding_settings.CONVERSION_BLOCK_SECONDS


def _find_poor_sample(check: ConversionCheck, *, now: datetime) -> _Sample | None:
    """Return the sample if too few of its requesters entered a code.

    ``None`` if enough of them did, or there are too few requesters for a sample.
    """
    rule = check.rule
    # Where users enter their codes, the newest few messages show it, and nothing more is read.
    for limit in (_ROWS_PER_ENTERED * rule.required, _ROWS_PER_REQUESTER * rule.sends):
        newest = fetch(
            _newest(rule.scope, limit),
            using=write_alias(),
            subject=check.subject,
            requester_type=check.requester_type,
            after=now - timedelta(seconds=rule.seconds),
            until=now - timedelta(seconds=GRACE_SECONDS),
        )
        sample = _sample(newest, rule.sends)
        if sample.validated >= rule.required:
            return None
        if len(newest) < limit:
            break
    return sample if sample.requesters == rule.sends else None


def _sample(newest: Iterable[tuple[Any, ...]], size: int) -> _Sample:
    """Return the first so many requesters of these authentications."""
    oldest, seen, validated = None, set[Hashable](), set[Hashable]()
    for pk, user_id, ip, status in newest:
        if status in Authentication.SENT_STATUSES:
            requester = _requester(pk, user_id, ip)
            if requester not in seen and len(seen) == size:
                break
            oldest = pk
            seen.add(requester)
            if status == Authentication.Status.VALIDATED:
                validated.add(requester)
    return _Sample(oldest, len(seen), len(validated))


@cache
def _newest(scope: Scope, limit: int) -> Rows:
    """Return the function that returns the query of so many authentications: the newest ones with the parameters.

    The most are a few times the sample, since some may never have been sent, and one requester may have several. A
    condition on the status would make the database read on until it has enough, and so without end where hardly any
    was sent.
    """
    field = Authentication._meta.get_field

    def newest() -> Any:
        rows = Authentication.objects.filter(
            **{scope.value: Parameter("subject", field(scope.value))},
            requester_type=Parameter("requester_type", field("requester_type")),
            created_at__gt=Parameter("after", field("created_at")),
            created_at__lte=Parameter("until", field("created_at")),
        )
        # As few columns as will do: to convert each row's time, or make a model of it, would take most of the time.
        return rows.order_by("-created_at").values_list("pk", "user_id", "ip", "status")[:limit]

    return newest


def _requester(pk: Any, user_id: Any, ip: str | None) -> Hashable:
    """Return who requested an authentication: a user, or the widest network that one subscriber may have.

    If neither is known, each authentication counts as a requester of its own.
    """
    if user_id is not None:
        return "user", user_id
    return networks(ip)[-1] if ip not in (None, UNKNOWN_IP) else pk
