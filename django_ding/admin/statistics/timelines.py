"""The charts along the days: the codes and the cost of each."""

from decimal import Decimal

from django.utils.translation import gettext as _

from django_ding.admin import wording
from django_ding.admin.statistics import charts, tables, words
from django_ding.admin.statistics.parts import Part
from django_ding.admin.statistics.reading import Figures

_TICKS = 4


def parts(figures: Figures) -> list[Part]:
    """Return the parts of the page with these charts."""
    return [_codes(figures), _costs(figures)]


def _codes(figures: Figures) -> Part:
    heading, found = _("Sent, delivered and entered, by day"), list(figures.days.values())
    chart = charts.columns(
        [one.sends for one in found],
        [words.became_of(words.day(day), one) for day, one in figures.days.items()],
        name="days",
        title=heading,
        description=words.became_of(_("In all"), figures.total),
        ticks=_day_ticks(figures),
        level=words.level,
        lines={"delivered": [one.delivered for one in found], "entered": [one.validated for one in found]},
        is_unfinished=figures.period.has_today,
    )
    chart_of_any = chart if figures.total.sends else None
    return Part(name="days", heading=heading, table=tables.days(figures), chart=chart_of_any, has_legend=True)


def _costs(figures: Figures) -> Part:
    """Show the currency that most was paid in."""
    table = tables.costs(figures)
    if not figures.costs:
        return Part(name="costs", heading=words.cost_in(""), table=table)
    currency = max(figures.costs, key=lambda name: (sum(figures.costs[name].values()), name))
    heading = _("%(cost)s, by day") % {"cost": words.cost_in(currency)}
    amounts = {day: figures.costs[currency].get(day, Decimal(0)) for day in figures.period.days}
    chart = charts.columns(
        [float(amount) for amount in amounts.values()],
        [wording.told(words.day(day), words.money(amount, currency)) for day, amount in amounts.items()],
        name="costs",
        title=heading,
        description=wording.told(_("In all"), words.money(sum(amounts.values()), currency)),
        ticks=_day_ticks(figures),
        level=words.level,
        is_unfinished=figures.period.has_today,
    )
    note = _("Other currencies are in the table.") if len(figures.costs) > 1 else ""
    return Part(name="costs", heading=heading, table=table, chart=chart, note=note)


def _day_ticks(figures: Figures) -> dict[float, str]:
    """Name up to five days, each below the middle of its column."""
    days = figures.period.days
    places = sorted({round(n * (len(days) - 1) / _TICKS) for n in range(_TICKS + 1)})
    return {place + 0.5: words.short_day(days[place]) for place in places}
