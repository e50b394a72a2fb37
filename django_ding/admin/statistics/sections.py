"""The figures as tables: for people who would rather read than look, and as CSV."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ding.admin.statistics import words
from django_ding.admin.statistics.reading import Codes, Figures


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name for programs, its heading for people, and how its values are written for them."""

    name: str
    heading: Any
    show: Callable[[Any], str] = str
    is_number: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns, and rows of values as programs want them."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]

    @property
    def shown(self) -> list[list[tuple[Column, str]]]:
        """The rows as people read them: each value with its column."""
        return [
            [(column, column.show(value)) for column, value in zip(self.columns, row, strict=True)] for row in self.rows
        ]


_SENT = Column(name="sent", heading=_("Sent"), show=words.number)
_DELIVERED = Column(name="delivered", heading=_("Delivered"), show=words.number)
_ENTERED = Column(name="entered", heading=_("Entered"), show=words.number)
_SHARE = Column(name="share_entered", heading=_("Share entered"), show=words.share)
_DAY = Column(name="day", heading=_("Day"), show=words.day, is_number=False)


def days(figures: Figures) -> Table:
    """Return each day's codes, the newest first."""
    rows = [(day, one.sends, one.delivered, one.validated) for day, one in figures.days.items()]
    return Table(columns=[_DAY, _SENT, _DELIVERED, _ENTERED], rows=rows[::-1])


def costs(figures: Figures) -> Table:
    """Return each day's cost in each currency, the newest first."""
    currency = Column(name="currency", heading=_("Currency"), show=words.currency, is_number=False)
    amount = Column(name="amount", heading=_("Amount"), show=lambda value: words.number(value, decimals=2))
    rows = [(day, name, amount) for name, amounts in figures.costs.items() for day, amount in amounts.items()]
    return Table(columns=[_DAY, currency, amount], rows=sorted(rows, reverse=True))


def countries(figures: Figures) -> Table:
    """Return what became of the codes to each country."""
    column = Column(name="country", heading=_("Country"), show=words.country, is_number=False)
    return _conversion(column, figures.countries)


def channels(figures: Figures) -> Table:
    """Return what became of the codes by each channel."""
    column = Column(name="channel", heading=_("Channel"), show=words.channel, is_number=False)
    return _conversion(column, figures.channels)


def prefixes(found: Iterable[Codes]) -> Table:
    """Return what became of the codes to each of these prefixes."""
    column = Column(name="prefix", heading=_("Prefix"), show=words.left_to_right, is_number=False)
    return _conversion(column, found)


def waits(figures: Figures) -> Table:
    """Return how many codes were entered after how many seconds."""
    column = Column(name="seconds", heading=pgettext_lazy("duration", "Time"), show=words.duration)
    return Table(columns=[column, _ENTERED], rows=sorted(figures.waits.items()))


def reasons(found: Mapping[str, int], show: Callable[[str], str]) -> Table:
    """Return how often each reason kept a code from being sent."""
    reason = Column(name="reason", heading=_("Reason"), show=show, is_number=False)
    count = Column(name="count", heading=_("Count"), show=words.number)
    return Table(columns=[reason, count], rows=list(found.items()))


def _conversion(column: Column, found: Iterable[Codes]) -> Table:
    rows = [(one.name, one.sends, one.delivered, one.validated, one.conversion) for one in found]
    return Table(columns=[column, _SENT, _DELIVERED, _ENTERED, _SHARE], rows=rows)
