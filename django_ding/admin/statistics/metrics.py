"""The key figures of the statistics page, and how they have changed."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from django_ding import humanize
from django_ding.admin.statistics.formats import format_price, format_seconds
from django_ding.admin.statistics.queries import CodeTotals, Statistics
from django_ding.backends.types import Price


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A change since the previous period.

    :ivar direction: ``up``, ``down`` or ``same``.
    :ivar tone: ``good`` or ``bad`` where a direction is one of them.
    """

    text: str
    direction: str
    tone: str = ""


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
    errors, errors_before = sum(now.errors.values()), sum(previous.errors.values()) if previous else 0
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
        Metric(
            label=_("Median time to verify"),
            value=format_seconds(median),
            trend=_trend(median, median_before, lambda change: format_seconds(round(change)), good="down"),
        ),
        Metric(
            label=_("Provider errors"),
            value=humanize.number(errors),
            trend=_relative_trend(errors, errors_before, good="down"),
        ),
        _cost_metric(now, previous),
    ]


def _cost_metric(now: Statistics, previous: Statistics | None) -> Metric:
    """Return the cost in the main currency, with those in others below.

    A higher value is neither good nor bad: it may be due to more users.
    """
    costs = {currency: sum(amounts.values(), Decimal(0)) for currency, amounts in now.costs.items()}
    if not costs:
        return Metric(label=_("Cost"), value=humanize.DASH)
    (currency, amount), *others = sorted(costs.items(), key=lambda cost: (cost[1], cost[0]), reverse=True)
    before = sum(previous.costs.get(currency, {}).values()) if previous else 0
    return Metric(
        label=_("Cost"),
        value=format_price(Price(amount=amount, currency=currency)),
        trend=_relative_trend(amount, before),
        note=humanize.listed(format_price(Price(amount=amount, currency=currency)) for currency, amount in others),
    )


def _relative_trend(now: Any, before: Any, *, good: str = "") -> Trend | None:
    # There is no percentage for growth from zero.
    return _trend(float(now) / float(before), 1, humanize.percentage, good=good) if before else None


def _point_trend(now: float | None, before: float | None) -> Trend | None:
    """Return the change of a share, of which more is better."""

    # Points, since a percentage of a percentage is misread.
    def format_change(change: float) -> str:
        return _("%(number)s points") % {"number": humanize.number(change * 100, decimals=1)}

    return _trend(now, before, format_change, good="up")


def _trend(
    now: float | None, before: float | None, format_change: Callable[[float], str], *, good: str
) -> Trend | None:
    if now is None or before is None:
        return None
    change = now - before
    direction, sign = ("up", "+") if change > 0 else ("down", humanize.MINUS) if change < 0 else ("same", "±")
    tone = "" if not good or direction == "same" else "good" if direction == good else "bad"
    return Trend(text=humanize.signed(sign, format_change(abs(change))), direction=direction, tone=tone)
