"""The chart of the time from the request to the right code."""

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from django_ding.admin import wording
from django_ding.admin.statistics import charts, tables, words
from django_ding.admin.statistics.parts import Part
from django_ding.admin.statistics.reading import Figures

_MARKED = 0.95

#: How far the columns go beyond the time that is marked.
_BEYOND = 1.5

#: Seconds that a column may stand for, and how many columns there are at most before the one for all the rest.
_WIDTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_COLUMNS = 24

_TICKS = 4


@dataclass(frozen=True, kw_only=True)
class _Spans:
    """So many spans of so many seconds, and one more for all the time after them."""

    width: int
    number: int

    @classmethod
    def around(cls, seconds: int) -> "_Spans":
        """Return spans of round seconds, in which so many seconds stand well before the end."""
        reach = (seconds + 1) * _BEYOND
        width = next((width for width in _WIDTHS if reach <= _MOST_COLUMNS * width), _WIDTHS[-1])
        return cls(width=width, number=min(math.ceil(reach / width), _MOST_COLUMNS))

    def counts(self, figures: Figures) -> list[int]:
        """Return how many codes were entered in each span."""
        counts = [0] * (self.number + 1)
        for seconds, count in figures.waits.items():
            counts[min(seconds // self.width, self.number)] += count
        return counts

    def place(self, seconds: int) -> float:
        """Return how many columns are before so many seconds."""
        return min((seconds + 0.5) / self.width, self.number + 0.5)

    def name(self, place: int) -> str:
        """Return what the span at this place is: less than a time, or the rest."""
        is_rest = place == self.number
        sign, seconds = ("≥", place) if is_rest else ("<", place + 1)
        return wording.signed(sign, f" {words.duration(seconds * self.width)}")

    def ticks(self) -> dict[float, str]:
        """Name where some columns begin, and the last column."""
        step = max(round(self.number / _TICKS), 1)
        begins = range(0, self.number - step + 1, step)
        return {
            **{place: words.duration(place * self.width) for place in begins},
            self.number + 1: self.name(self.number),
        }


def part(figures: Figures) -> Part:
    """Return the part of the page with this chart."""
    heading, table = _("Time from send to the right code"), tables.waits(figures)
    median, nearly_all = figures.wait(0.5), figures.wait(_MARKED)
    if median is None or nearly_all is None:
        return Part(name="waits", heading=heading, table=table)
    spans = _Spans.around(nearly_all)
    shares = {median: _("half"), nearly_all: words.share(_MARKED, decimals=0)}
    marks = {spans.place(seconds): _within(share, seconds) for seconds, share in shares.items()}
    counts = spans.counts(figures)
    chart = charts.columns(
        counts,
        [wording.told(spans.name(place), words.number(count)) for place, count in enumerate(counts)],
        name="waits",
        title=heading,
        description=", ".join(marks.values()),
        ticks=spans.ticks(),
        level=words.level,
        marks=marks,
    )
    return Part(name="waits", heading=heading, table=table, chart=chart)


def _within(share: str, seconds: int) -> str:
    return _("%(share)s within %(time)s") % {"share": share, "time": words.duration(seconds)}
