"""A part of the page."""

from dataclasses import dataclass

from django_ding.admin.statistics.charts import Columns, Ranking
from django_ding.admin.statistics.tables import Table


@dataclass(frozen=True, kw_only=True)
class Part:
    """A question, a chart that answers it, and the same as a table. Without a chart there is nothing to show.

    :ivar name: what it is called in addresses, files and the style sheet.
    :ivar has_legend: whether the chart shows what is sent, delivered and entered, which is then explained.
    """

    name: str
    heading: str
    table: Table
    chart: Columns | Ranking | None = None
    note: str = ""
    has_legend: bool = False
