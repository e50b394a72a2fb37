"""The sections of the statistics page: each is a table, with a chart where a table isn't enough."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from django_ding import humanize
from django_ding.admin.statistics.charts import Bins, ColumnChart, column_chart
from django_ding.admin.statistics.queries import MIN_SENDS, CodeTotals, Statistics
from django_ding.backends.types import Channel
from django_ding.codes import describe_code, get_code
from django_ding.countries import localized_name

_TICKS = 4


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name in CSV files, its heading, and how its values are written on the page."""

    name: str
    heading: Any
    format: Callable[[Any], str] = str
    is_number: bool = True
    has_meter: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell. ``meter`` is its part of the column's maximum, for columns with meters."""

    column: Column
    text: str
    meter: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table with raw values as in CSV files, and its chart.

    :ivar name: in URLs, file names and CSS.
    :ivar has_chart: whether there is one as soon as there are values.
    :ivar maximum: the value of a full meter; by default the largest one.
    """

    name: str
    heading: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    has_chart: bool = False
    chart: ColumnChart | None = None
    maximum: float | None = None
    note: str = ""

    @property
    def has_values(self) -> bool:
        """Whether there is anything to show."""
        # The table of days has a row for each day, even if all are zero.
        return bool(self.chart if self.has_chart else self.rows)

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows as people read them."""
        maximum = self.maximum or max((row[-1] for row in self.rows), default=1)
        for row in self.rows:
            yield [
                # Not localized: an attribute takes a decimal point in any language.
                Cell(
                    column=column,
                    text=column.format(value),
                    meter=f"{value / maximum:.4f}" if column.has_meter and value is not None else "",
                )
                for column, value in zip(self.columns, row, strict=True)
            ]


def get_sections(statistics: Statistics, prefixes: Sequence[CodeTotals]) -> list[Section]:
    """Return the sections of the page."""
    prefix_note = _("Prefixes with at least %(number)s codes sent.") % {"number": humanize.number(MIN_SENDS)}
    country = Column(name="country", heading=_("Country"), format=format_country, is_number=False)
    channel = Column(name="channel", heading=_("Channel"), format=format_channel, is_number=False)
    prefix = Column(name="prefix", heading=_("Prefix"), format=humanize.isolated, is_number=False)
    return [
        _days_section(statistics),
        _costs_section(statistics),
        _time_section(statistics),
        _conversion_section("countries", _("Conversion rate by country"), country, statistics.countries),
        _conversion_section("channels", _("Conversion rate by channel"), channel, statistics.channels),
        _conversion_section("prefixes", _("Lowest-converting prefixes"), prefix, prefixes, note=prefix_note),
        _reasons_section("blocked_requests", _("Blocked requests"), statistics.refusals),
        _reasons_section("provider_errors", _("Provider errors"), statistics.errors),
    ]


# Formats


def format_seconds(seconds: int | None) -> str:
    """Return ``1 min 5 s``; a dash for ``None``."""
    return humanize.DASH if seconds is None else humanize.short_duration(timedelta(seconds=seconds))


def format_cost(amount: float | Decimal, currency: str) -> str:
    """Return ``€12.30``."""
    return humanize.isolated(humanize.price(round(Decimal(amount), 2), currency))


def format_country(code: str) -> str:
    """Return the name of a country."""
    return localized_name(code) if code else _("Unknown country")


def format_channel(name: str) -> str:
    """Return the name of a channel; of an unknown one what the provider calls it."""
    return capfirst(str(Channel(name).label)) if name in Channel else name or _("Not reported")


def format_reason(code: str) -> str:
    """Return the explanation of an error code or a status; a code without one as it is."""
    return capfirst(str(describe_code(code).explanation)) if get_code(code) else code


def _format_date(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def format_amount(amount: Decimal) -> str:
    """Return ``1,234.50``."""
    return humanize.number(amount, decimals=2)


def _format_level(value: float) -> str:
    return humanize.number(value, decimals=0 if value == int(value) else 2)


def cost_label(currency: str) -> str:
    """Return ``Cost (EUR)``."""
    return _("Cost (%(currency)s)") % {"currency": currency} if currency else _("Cost")


def _code_counts(label: str, codes: CodeTotals) -> str:
    return _("%(name)s: %(sent)s sent, %(delivered)s delivered, %(verified)s verified") % {
        "name": label,
        "sent": humanize.number(codes.sends),
        "delivered": humanize.number(codes.delivered),
        "verified": humanize.number(codes.validated),
    }


# Sections

_DAY = Column(name="day", heading=gettext_lazy("Day"), format=_format_date, is_number=False)
_SENT = Column(name="sent", heading=gettext_lazy("Sent"), format=humanize.number)
_DELIVERED = Column(name="delivered", heading=gettext_lazy("Delivered"), format=humanize.number)
_VERIFIED = Column(name="verified", heading=gettext_lazy("Verified"), format=humanize.number)
_RATE = Column(
    name="conversion_rate", heading=gettext_lazy("Conversion rate"), format=humanize.percentage, has_meter=True
)


def _days_section(statistics: Statistics) -> Section:
    heading, days = _("Sent, delivered and verified by day"), statistics.days
    chart = column_chart(
        [codes.sends for codes in days.values()],
        [_code_counts(_format_date(day), codes) for day, codes in days.items()],
        name="days",
        title=heading,
        description=_code_counts(_("Total"), statistics.total),
        ticks=_day_ticks(statistics),
        format_level=_format_level,
        lines={
            "delivered": [codes.delivered for codes in days.values()],
            "verified": [codes.validated for codes in days.values()],
        },
        is_partial=statistics.period.includes_today,
    )
    return Section(
        name="days",
        heading=heading,
        columns=[_DAY, _SENT, _DELIVERED, _VERIFIED],
        rows=[(day, codes.sends, codes.delivered, codes.validated) for day, codes in days.items()][::-1],
        has_chart=True,
        chart=chart if statistics.total.sends else None,
    )


def _costs_section(statistics: Statistics) -> Section:
    costs = statistics.costs
    # The name decides between equal sums, so that each visit shows the same currency.
    currency = max(costs, key=lambda name: (sum(costs[name].values()), name), default="")
    heading = _("%(cost)s by day") % {"cost": cost_label(currency)}
    amounts = {day: costs.get(currency, {}).get(day, Decimal(0)) for day in statistics.period.days}
    chart = column_chart(
        [float(amount) for amount in amounts.values()],
        [humanize.label_value(_format_date(day), format_cost(amount, currency)) for day, amount in amounts.items()],
        name="costs",
        title=heading,
        description=humanize.label_value(_("Total"), format_cost(sum(amounts.values()), currency)),
        ticks=_day_ticks(statistics),
        format_level=_format_level,
        is_partial=statistics.period.includes_today,
    )
    currency_column = Column(
        name="currency", heading=_("Currency"), format=lambda code: code or _("Unknown currency"), is_number=False
    )
    rows = [(day, name, amount) for name, by_day in costs.items() for day, amount in by_day.items()]
    return Section(
        name="costs",
        heading=heading,
        columns=[_DAY, currency_column, Column(name="amount", heading=_("Amount"), format=format_amount)],
        rows=sorted(rows, reverse=True),
        has_chart=True,
        chart=chart if costs else None,
        # Amounts of several currencies can't share a scale, so the chart has the largest one.
        note=_("See the table for other currencies.") if len(costs) > 1 else "",
    )


def _day_ticks(statistics: Statistics) -> dict[float, str]:
    """Return up to five days, each below the middle of its column."""
    days = statistics.period.days
    positions = sorted({round(n * (len(days) - 1) / _TICKS) for n in range(_TICKS + 1)})
    return {position + 0.5: formats.date_format(days[position], "MONTH_DAY_FORMAT") for position in positions}


def _time_section(statistics: Statistics) -> Section:
    median, p95 = statistics.time_to_verify(0.5), statistics.time_to_verify(0.95)
    chart = None if median is None or p95 is None else _time_chart(statistics.seconds, median, p95)
    time = Column(name="seconds", heading=pgettext_lazy("duration", "Time"), format=format_seconds)
    rows = sorted(statistics.seconds.items())
    heading = _("Time to verify")
    return Section(name="times", heading=heading, columns=[time, _VERIFIED], rows=rows, has_chart=True, chart=chart)


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
        description=", ".join(markers.values()),
        ticks=bins.ticks(_TICKS),
        format_level=_format_level,
        markers=markers,
    )


def _conversion_section(
    name: str, heading: str, column: Column, codes: Iterable[CodeTotals], *, note: str = ""
) -> Section:
    rows = [(one.name, one.sends, one.delivered, one.validated, one.conversion_rate) for one in codes]
    columns = [column, _SENT, _DELIVERED, _VERIFIED, _RATE]
    return Section(name=name, heading=heading, columns=columns, rows=rows, maximum=1, note=note)


def _reasons_section(name: str, heading: str, counts: Mapping[str, int]) -> Section:
    reason = Column(name="reason", heading=_("Reason"), format=format_reason, is_number=False)
    count = Column(name="count", heading=_("Count"), format=humanize.number, has_meter=True)
    return Section(name=name, heading=heading, columns=[reason, count], rows=list(counts.items()))
