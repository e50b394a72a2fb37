"""Watch whether codes still arrive and are entered: the last hour against its own share of the last week."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.db.models import Count, Sum

from django_ding import clock, log
from django_ding.flows.results import Drop, WatchResult
from django_ding.models import Authentication, DailyStatistics, DailyStatisticsItem
from django_ding.signals import outage_suspected

#: How sure a drop is, in standard errors. Hundreds of shares are compared each hour, so the 5 % of textbooks would be
#: false alarms all day. Chance alone exceeds this once in 30,000 comparisons.
_Z = 4.0

#: Fields of an authentication by which codes are compared. The kinds of the daily statistics have the same names.
_FIELDS = ("backend", "country", "carrier")
#: The placeholder field for all codes.
_ALL = ""


@dataclass(frozen=True)
class _Totals:
    sent: int = 0
    delivered: int = 0
    verified: int = 0

    def __add__(self, other: "_Totals") -> "_Totals":
        return _Totals(self.sent + other.sent, self.delivered + other.delivered, self.verified + other.verified)


#: (field, value) → codes.
_Groups = Mapping[tuple[str, str], _Totals]


def watch(*, min_codes: int = 20, min_drop: float = 0.2, dry_run: bool = False) -> WatchResult:
    """Find out whether fewer codes are delivered or entered than usual: of all, and by backend, country and carrier.

    The codes requested between 75 and 15 minutes ago are compared with those of the last seven days in the daily
    statistics, so :func:`roll_up` must run at least daily. Each drop is logged and sent with ``outage_suspected``, and
    again by each call while it lasts.

    :param min_codes: codes of the hour below which a share means nothing.
    :param min_drop: which part of the usual share must be missing: with 0.2, a usual 90 % is 72 % at most.
    :param dry_run: neither log nor send anything.
    """
    recent, (usual_days, usual) = _recent(), _usual()
    drops = [
        drop
        for (field, value), codes in recent.items()
        if codes.sent >= min_codes
        for drop in _drops(field, value, codes, usual.get((field, value), _Totals()))
        if drop.share <= drop.usual * (1 - min_drop)
    ]
    drops.sort(key=lambda drop: (drop.share / drop.usual, -drop.codes))
    for drop in () if dry_run else drops:
        _report(drop)
    codes = recent.get((_ALL, ""), _Totals()).sent
    return WatchResult(codes=codes, usual_days=usual_days, drops=tuple(drops))


def upper_bound(count: int, total: int) -> float:
    """Return the largest share that a sample, such as 12 of 240, leaves likely.

    It is the upper limit of the Wilson score interval, which is sober with small samples and shares near 0 and 1, too.
    Brown, Cai, DasGupta: Interval Estimation for a Binomial Proportion (2001), https://doi.org/10.1214/ss/1009213286
    """
    share, z2 = count / total, _Z**2
    error = _Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    return (share + z2 / (2 * total) + error) / (1 + z2 / total)


def _drops(field: str, value: str, now: _Totals, usual: _Totals) -> Iterator[Drop]:
    """Yield the shares that chance doesn't explain. A provider that reports no deliveries has none to lose."""
    counts = {"delivery": (now.delivered, usual.delivered), "conversion": (now.verified, usual.verified)}
    for measure, (count, usual_count) in counts.items():
        usual_share = usual_count / usual.sent if usual.sent else 0.0
        if upper_bound(count, now.sent) < usual_share:
            yield Drop(
                measure=measure, field=field, value=value, codes=now.sent, share=count / now.sent, usual=usual_share
            )


def _report(drop: Drop) -> None:
    percentages: dict[str, Any] = {"share": round(drop.share * 100), "usual": round(drop.usual * 100)}
    of: dict[str, Any] = (
        {"field": drop.field, "value": drop.value} if drop.field else {"field": "all", "value": "codes"}
    )
    log.write(log.OUTAGE_SUSPECTED, measure=drop.measure, codes=drop.codes, **of, **percentages)
    outage_suspected.send_robust(Authentication, drop=drop)


def _recent() -> _Groups:
    now = clock.now()
    rows = Authentication.write_db.filter(
        created_at__gte=now - WatchResult.OLDEST, created_at__lt=now - WatchResult.NEWEST
    )
    counted: Any = rows.filter(status__in=Authentication.SENT_STATUSES).values_list(*_FIELDS)
    counted = counted.annotate(sent=Count("pk")).with_outcomes()
    groups: dict[tuple[str, str], _Totals] = defaultdict(_Totals)
    for *values, sent, delivered, verified in counted.order_by():
        for key in ((_ALL, ""), *zip(_FIELDS, values, strict=True)):
            groups[key] += _Totals(sent, delivered, verified)
    return _known(groups)


def _usual() -> tuple[int, _Groups]:
    """Return how many of the days have statistics, and their codes."""
    today = clock.now().astimezone(UTC).date()
    days = {"day__gte": today - timedelta(days=WatchResult.USUAL_DAYS), "day__lt": today}
    totals: dict[str, Any] = DailyStatistics.write_db.filter(rolled_up_at__isnull=False, **days).aggregate(
        days=Count("day"),
        sent=Sum("sends", default=0),
        delivered=Sum("delivered", default=0),
        verified=Sum("validated", default=0),
    )
    items = DailyStatisticsItem.write_db.filter(kind__in=_FIELDS, **days).values_list("kind", "name")
    summed: Iterable[Any] = items.annotate(Sum("count"), Sum("delivered"), Sum("validated")).order_by()
    groups = {(kind, name): _Totals(*sums) for kind, name, *sums in summed}
    return totals.pop("days"), _known({**groups, (_ALL, ""): _Totals(**totals)})


def _known(groups: _Groups) -> _Groups:
    """Leave out the codes whose country or carrier isn't known: a code that no report is about has no carrier."""
    return {(field, value): codes for (field, value), codes in groups.items() if value or field == _ALL}
