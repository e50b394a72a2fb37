"""The key figures of the statistics page, and how they have changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from django_ding import humanize
from django_ding.admin.statistics.queries import CodeTotals, Statistics
from django_ding.admin.statistics.sections import cost_label, format_amount, format_seconds


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A change since the previous period: ``direction`` is ``up``, ``down`` or ``same``."""

    text: str
    direction: str


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A key figure. ``trend`` is ``None`` if there is nothing to compare it with."""

    label: str
    value: str
    trend: Trend | None = None
    note: str = ""


def get_metrics(now: Statistics, previous: Statistics | None) -> list[Metric]:
    """Return the key figures, compared with the previous period if it has complete statistics."""
    total, before = now.total, previous.total if previous else CodeTotals()
    delivery, conversion = total.delivery_rate, total.conversion_rate
    median, median_before = now.time_to_verify(0.5), previous.time_to_verify(0.5) if previous else None
    delivery_note = _("No delivery reports.") if delivery is None and total.sends else ""
    return [
        Metric(
            label=_("Codes sent"), value=humanize.number(total.sends), trend=_relative_trend(total.sends, before.sends)
        ),
        Metric(
            label=_("Delivery rate"),
            value=humanize.percentage(delivery),
            trend=_point_trend(delivery, before.delivery_rate),
            note=delivery_note,
        ),
        Metric(
            label=_("Conversion rate"),
            value=humanize.percentage(conversion),
            trend=_point_trend(conversion, before.conversion_rate),
        ),
        *_cost_metrics(now, previous),
        Metric(
            label=_("Median time to verify"),
            value=format_seconds(median),
            trend=_trend(median, median_before, lambda change: format_seconds(round(change))),
        ),
    ]


def _cost_metrics(now: Statistics, previous: Statistics | None) -> Iterator[Metric]:
    for currency, amounts in now.costs.items():
        amount = sum(amounts.values())
        before = sum(previous.costs.get(currency, {}).values()) if previous else 0
        yield Metric(
            label=cost_label(currency), value=format_amount(Decimal(amount)), trend=_relative_trend(amount, before)
        )
    if not now.costs:
        yield Metric(label=cost_label(""), value=humanize.DASH)


def _relative_trend(now: Any, before: Any) -> Trend | None:
    # Growth from zero is no percentage.
    return _trend(float(now) / float(before), 1, humanize.percentage) if before else None


def _point_trend(now: float | None, before: float | None) -> Trend | None:
    # Points, since a percentage of a percentage is misread.
    return _trend(
        now, before, lambda change: _("%(number)s points") % {"number": humanize.number(change * 100, decimals=1)}
    )


def _trend(now: float | None, before: float | None, format_change: Callable[[float], str]) -> Trend | None:
    if now is None or before is None:
        return None
    change = now - before
    direction, sign = ("up", "+") if change > 0 else ("down", humanize.MINUS) if change < 0 else ("same", "±")
    return Trend(text=humanize.signed(sign, format_change(abs(change))), direction=direction)
