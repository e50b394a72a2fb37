"""Tables of the statistics page: raw values, as CSV files have them, and how the page writes them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django_ding.admin.statistics.charts import ColumnChart


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
    """A cell.

    :ivar meter: its part of the column's maximum, for columns with meters.
    :ivar url: what it leads to.
    :ivar is_bad: whether it is worse than usual.
    """

    column: Column
    text: str
    meter: str = ""
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns, and rows of raw values."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table, and its chart where a table isn't enough.

    :ivar name: in URLs, file names and CSS.
    :ivar has_chart: whether there is one as soon as there are values.
    :ivar urls: what each row leads to, empty for nothing.
    :ivar bad: the cells that are worse than usual: number of the row and name of the column.
    :ivar maximum: the value of a full meter; by default the largest one.
    :ivar export: the table of the CSV file, where it is another one.
    """

    name: str
    heading: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    has_chart: bool = False
    chart: ColumnChart | None = None
    urls: Sequence[str] = ()
    bad: Collection[tuple[int, str]] = ()
    maximum: float | None = None
    note: str = ""
    export: Table | None = None

    @property
    def has_values(self) -> bool:
        """Whether there is anything to show."""
        # The table of days has a row for each day, even if all are zero.
        return bool(self.chart if self.has_chart else self.rows)

    @property
    def exported(self) -> Table:
        """The table of the CSV file."""
        return self.export or Table(columns=self.columns, rows=self.rows)

    @property
    def _largest(self) -> Any:
        return max((row[-1] for row in self.rows), default=1) if self.columns[-1].has_meter else 1

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows as people read them."""
        maximum = self.maximum or self._largest
        for n, row in enumerate(self.rows):
            yield [
                # Not localized: an attribute takes a decimal point in any language.
                Cell(
                    column=column,
                    text=column.format(value),
                    meter=f"{value / maximum:.4f}" if column.has_meter and value is not None else "",
                    url=self.urls[n] if self.urls and column is self.columns[0] else "",
                    is_bad=(n, column.name) in self.bad,
                )
                for column, value in zip(self.columns, row, strict=True)
            ]
