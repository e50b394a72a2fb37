"""The sections of the statistics page about a period."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding import humanize
from django_ding.admin.display import carrier_name
from django_ding.admin.statistics.charts import Bins, ColumnChart, column_chart
from django_ding.admin.statistics.formats import (
    code_counts,
    format_channel,
    format_country,
    format_date,
    format_level,
    format_price,
    format_price_level,
    format_reason,
    format_seconds,
    format_span,
)
from django_ding.admin.statistics.links import Links
from django_ding.admin.statistics.periods import Period
from django_ding.admin.statistics.queries import MIN_SENDS, CodeTotals, Statistics
from django_ding.admin.statistics.tables import Column, Section, Table
from django_ding.backends.types import Price

TICKS = 4
SENT = Column(name="sent", heading=gettext_lazy("Sent"), format=humanize.number)
DELIVERED = Column(name="delivered", heading=gettext_lazy("Delivered"), format=humanize.number)
VERIFIED = Column(name="verified", heading=gettext_lazy("Verified"), format=humanize.number)

COUNTRY = Column(name="country", heading=gettext_lazy("Country"), format=format_country, is_number=False)
CHANNEL = Column(name="channel", heading=gettext_lazy("Channel"), format=format_channel, is_number=False)
CARRIER = Column(name="carrier", heading=gettext_lazy("Carrier"), format=carrier_name, is_number=False)
BACKEND = Column(name="backend", heading=gettext_lazy("Backend"), is_number=False)
_PREFIX = Column(name="prefix", heading=gettext_lazy("Prefix"), format=humanize.isolated, is_number=False)
_DAY = Column(name="day", heading=gettext_lazy("Day"), format=format_date, is_number=False)
_DELIVERY = Column(name="delivery_rate", heading=gettext_lazy("Delivery rate"), format=humanize.percentage)
_CONVERSION = Column(
    name="conversion_rate", heading=gettext_lazy("Conversion rate"), format=humanize.percentage, has_meter=True
)

#: Headings by the unit of the spans, each a whole sentence for its translation.
_CODE_HEADINGS = {
    "day": gettext_lazy("Sent, delivered and verified by day"),
    "week": gettext_lazy("Sent, delivered and verified by week"),
    "month": gettext_lazy("Sent, delivered and verified by month"),
}
_COST_HEADINGS = {
    "day": gettext_lazy("Cost by day"),
    "week": gettext_lazy("Cost by week"),
    "month": gettext_lazy("Cost by month"),
}
_SPANS = {
    unit: Column(name=unit, heading=heading, format=format_span, is_number=False)
    for unit, heading in {
        "day": gettext_lazy("Day"),
        "week": gettext_lazy("Week"),
        "month": gettext_lazy("Month"),
    }.items()
}
#: The days of a whole span.
_LENGTHS = {"day": 1, "week": 7, "month": 28}


def get_sections(statistics: Statistics, prefixes: Sequence[CodeTotals], links: Links) -> list[Section]:
    """Return the sections about a period."""
    period = statistics.period
    return [
        _days_section(statistics, links),
        _costs_section(statistics, links),
        _time_section(statistics),
        _codes_section(
            "countries", _("Delivery and conversion by country"), COUNTRY, statistics.countries, period, links
        ),
        _codes_section(
            "channels", _("Delivery and conversion by channel"), CHANNEL, statistics.channels, period, links
        ),
        _codes_section(
            "carriers", _("Delivery and conversion by carrier"), CARRIER, statistics.carriers, period, links
        ),
        _codes_section(
            "backends", _("Delivery and conversion by backend"), BACKEND, statistics.backends, period, links
        ),
        _codes_section(
            "prefixes",
            _("Lowest-converting prefixes"),
            _PREFIX,
            prefixes,
            period,
            links,
            note=_("Prefixes with at least %(number)s codes sent.") % {"number": humanize.number(MIN_SENDS)},
        ),
        _reasons_section(
            "blocked_requests",
            _("Blocked requests"),
            statistics.refusals,
            [links.blocked_requests(period, reason=reason) for reason in statistics.refusals],
        ),
        _reasons_section(
            "provider_errors",
            _("Provider errors"),
            statistics.errors,
            [links.verifications(period, reason=reason) for reason in statistics.errors],
        ),
    ]


def _days_section(statistics: Statistics, links: Links) -> Section:
    spans, period = statistics.spans, statistics.period
    heading, urls = str(_CODE_HEADINGS[period.unit]), [links.verifications(span) for span in spans]
    chart = column_chart(
        [codes.sends for codes in spans.values()],
        [code_counts(span.label, codes) for span, codes in spans.items()],
        name="days",
        title=heading,
        description=code_counts(_("Total"), statistics.total),
        ticks=_ticks(period),
        format_level=format_level,
        lines={
            "delivered": [codes.delivered for codes in spans.values()],
            "verified": [codes.validated for codes in spans.values()],
        },
        urls=urls,
        partial=_partial(period),
    )
    return Section(
        name="days",
        heading=heading,
        columns=[_SPANS[period.unit], SENT, DELIVERED, VERIFIED],
        rows=[(span, codes.sends, codes.delivered, codes.validated) for span, codes in spans.items()][::-1],
        urls=urls[::-1],
        has_chart=True,
        chart=chart if statistics.total.sends else None,
        export=Table(
            columns=[_DAY, SENT, DELIVERED, VERIFIED],
            rows=[(day, codes.sends, codes.delivered, codes.validated) for day, codes in statistics.days.items()][::-1],
        ),
    )


def _costs_section(statistics: Statistics, links: Links) -> Section:
    costs, unit = statistics.costs, statistics.period.unit
    prices = [(span, price) for name in costs for span, price in _prices(statistics, name).items() if price.amount]
    return Section(
        name="costs",
        heading=str(_COST_HEADINGS[unit]),
        columns=[_SPANS[unit], Column(name="amount", heading=_("Amount"), format=format_price)],
        rows=sorted(prices, key=lambda row: (row[0].since, row[1].currency), reverse=True),
        has_chart=True,
        chart=_cost_chart(statistics, links) if costs else None,
        # Amounts of several currencies can't share a scale, so the chart has the largest one.
        note=_("See the table for other currencies.") if len(costs) > 1 else "",
        export=_cost_table(costs),
    )


def _cost_chart(statistics: Statistics, links: Links) -> ColumnChart:
    """Return the chart of the currency with the largest sum."""
    costs, period = statistics.costs, statistics.period
    # The name decides between equal sums, so that each visit shows the same currency.
    currency = max(costs, key=lambda name: (sum(costs[name].values()), name))
    prices = _prices(statistics, currency)
    total = Price(amount=sum((price.amount for price in prices.values()), Decimal(0)), currency=currency)
    return column_chart(
        [float(price.amount) for price in prices.values()],
        [humanize.label_value(span.label, format_price(price)) for span, price in prices.items()],
        name="costs",
        title=str(_COST_HEADINGS[period.unit]),
        description=humanize.label_value(_("Total"), format_price(total)),
        ticks=_ticks(period),
        format_level=lambda level: format_price_level(level, currency),
        urls=[links.verifications(span) for span in prices],
        partial=_partial(period),
    )


def _prices(statistics: Statistics, currency: str) -> Mapping[Period, Price]:
    costs = statistics.costs_by_span(currency)
    return {span: Price(amount=amount, currency=currency) for span, amount in costs.items()}


def _cost_table(costs: Mapping[str, Mapping[date, Decimal]]) -> Table:
    columns = [_DAY, Column(name="currency", heading="", is_number=False), Column(name="amount", heading="")]
    rows = [(day, name, amount) for name, by_day in costs.items() for day, amount in by_day.items()]
    return Table(columns=columns, rows=sorted(rows, reverse=True))


def _ticks(period: Period) -> dict[float, str]:
    """Return up to five spans, each below the middle of its column."""
    spans, name = period.spans, "YEAR_MONTH_FORMAT" if period.unit == "month" else "MONTH_DAY_FORMAT"
    return {n + 0.5: formats.date_format(spans[n].since, name) for n in tick_positions(len(spans))}


def tick_positions(number: int) -> list[int]:
    """Return about five of so many columns, at equal distances."""
    last = number - 1
    intervals = next((count for count in (TICKS, TICKS - 1, TICKS + 1) if last % count == 0), TICKS)
    return sorted({round(n * last / intervals) for n in range(intervals + 1)})


def _partial(period: Period) -> set[int]:
    """Return the columns of spans that aren't over, or that the period begins or ends in."""
    least = _LENGTHS[period.unit]
    return {n for n, span in enumerate(period.spans) if span.includes_today or span.length < least}


def _time_section(statistics: Statistics) -> Section:
    median, p95 = statistics.time_to_verify(0.5), statistics.time_to_verify(0.95)
    chart = None if median is None or p95 is None else _time_chart(statistics.seconds, median, p95)
    time = Column(name="seconds", heading=pgettext_lazy("duration", "Time"), format=format_seconds)
    rows = sorted(statistics.seconds.items())
    heading = _("Time to verify")
    return Section(name="times", heading=heading, columns=[time, VERIFIED], rows=rows, has_chart=True, chart=chart)


def _time_chart(seconds: Mapping[int, int], median: int, p95: int) -> ColumnChart:
    bins = Bins.for_maximum(p95)
    markers = {
        bins.position(median): _("Median %(time)s") % {"time": format_seconds(median)},
        bins.position(p95): _("p95 %(time)s") % {"time": format_seconds(p95)},
    }
    counts = bins.counts(seconds)
    return column_chart(
        counts,
        [humanize.label_value(bins.label(n), humanize.number(count)) for n, count in enumerate(counts)],
        name="times",
        title=_("Time to verify"),
        description=humanize.listed(markers.values()),
        ticks=bins.ticks(TICKS),
        format_level=format_level,
        markers=markers,
    )


def _codes_section(
    name: str,
    heading: str,
    column: Column,
    codes: Sequence[CodeTotals],
    period: Period,
    links: Links,
    *,
    note: str = "",
) -> Section:
    return Section(
        name=name,
        heading=heading,
        columns=[column, SENT, DELIVERED, VERIFIED, _DELIVERY, _CONVERSION],
        rows=[
            (one.name, one.sends, one.delivered, one.validated, one.delivery_rate, one.conversion_rate) for one in codes
        ],
        # The list has no filter by prefix: full numbers could be found out with it, digit by digit.
        urls=[] if column is _PREFIX else [links.verifications(period, **{column.name: one.name}) for one in codes],
        maximum=1,
        note=note,
    )


def _reasons_section(name: str, heading: str, counts: Mapping[str, int], urls: Sequence[str] = ()) -> Section:
    reason = Column(name="reason", heading=_("Reason"), format=format_reason, is_number=False)
    count = Column(name="count", heading=_("Count"), format=humanize.number, has_meter=True)
    return Section(name=name, heading=heading, columns=[reason, count], rows=list(counts.items()), urls=urls)
