"""The geometry of column charts, which a template draws as SVG, and the bins of a histogram.

Heights are in pixels, so that text keeps its size on any screen. Widths are in percent, or in units of a plot that is
stretched to the available width. In right-to-left languages a chart begins at the right.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.translation import get_language_bidi

from django_ding import humanize

#: The plot, in pixels: the space above it, its height, and the space below it for the ticks.
_ABOVE, _HEIGHT, _BELOW = 16, 180, 26

#: The height of the line that the name of a marker takes above the plot.
_MARKER_HEIGHT = 16

#: The width of a column and the height of the plot, in units of the plot.
_COLUMN, _PLOT = 10, 1000

_MAX_LEVELS = 3

_RIGHT_TO_LEFT_MARK = "\u200f"

#: Where the first text begins and the last one ends, as a ratio of the width.
_EDGES = {"start": 0.0, "end": 1.0}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A column, in units of the plot.

    :ivar title: its values in words.
    :ivar url: the rows that it counts; empty for nothing.
    :ivar is_partial: whether its time isn't over.
    """

    x: str
    y: str
    height: str
    title: str
    url: str
    is_partial: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line over the columns. ``name`` is its CSS class."""

    name: str
    points: str


@dataclass(frozen=True, kw_only=True)
class Level:
    """A value of the scale, and the horizontal line through the plot at its height."""

    text: str
    x: str
    dx: str
    y: str
    line_y: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A text below the plot. On narrow screens those of the priority ``low`` are hidden, then ``middle``."""

    text: str
    x: str
    anchor: str
    priority: str


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A vertical line through the plot, with its name at the upper end."""

    text: str
    x: str
    y: str
    dx: str
    line_y: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class ColumnChart:
    """Columns side by side, with lines over them."""

    title: str
    description: str
    name: str
    top: int
    width: int
    bars: list[Bar]
    levels: list[Level]
    ticks: list[Tick]
    lines: list[Line] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)

    @property
    def plot_end(self) -> int:
        """The lower edge of the plot, in pixels from the top."""
        return self.top + _HEIGHT

    @property
    def has_links(self) -> bool:
        """Whether columns lead to the rows that they count."""
        return any(bar.url for bar in self.bars)

    @property
    def height(self) -> int:
        """The height with the ticks, in pixels."""
        return self.plot_end + _BELOW


def column_chart(
    values: Sequence[float],
    titles: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    ticks: Mapping[float, str],
    format_level: Callable[[float], str],
    lines: Mapping[str, Sequence[float]] | None = None,
    markers: Mapping[float, str] | None = None,
    urls: Sequence[str] = (),
    partial: Collection[int] = (),
) -> ColumnChart:
    """Lay out a chart.

    :param titles: the values of each column in words.
    :param ticks: texts below the plot, by the number of columns before them.
    :param format_level: writes a value of the scale.
    :param lines: the values of lines over the columns, by CSS class.
    :param markers: texts of vertical lines, by the number of columns before them.
    :param urls: what each column leads to.
    :param partial: the numbers of the columns whose time isn't over.
    """
    levels = scale(max(values, default=0))
    top = _ABOVE + _MARKER_HEIGHT * len(markers or {})
    return ColumnChart(
        name=name,
        title=title,
        description=description,
        top=top,
        width=len(values) * _COLUMN,
        bars=_bars(_heights(values, levels), titles, urls or [""] * len(values), partial),
        levels=_levels(levels, format_level, top=top),
        ticks=_ticks(ticks, len(values)),
        lines=[Line(name=line, points=_points(_heights(high, levels))) for line, high in (lines or {}).items()],
        markers=_markers(markers or {}, len(values)),
    )


def scale(maximum: float) -> list[float]:
    """Return up to three round values at equal distances from zero, the last one not less than the maximum."""
    if maximum <= 0:
        return [1]
    rough = maximum / _MAX_LEVELS
    power = 10 ** math.floor(math.log10(rough))
    # 0.999 forgives what floats lose: 3 must not need a step of 2 since 3 / 3 is 1.0000000000000002.
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [step * n for n in range(1, math.ceil(maximum / step * 0.999) + 1)]


@dataclass(frozen=True, kw_only=True)
class Bins:
    """A histogram's bins of so many seconds each, and one more for all longer times."""

    WIDTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600)
    MAX_BINS = 24

    width: int
    number: int

    @classmethod
    def for_maximum(cls, seconds: int) -> "Bins":
        """Return bins of a round width that reach well beyond a time."""
        reach = (seconds + 1) * 1.5
        width = next((width for width in cls.WIDTHS if reach <= cls.MAX_BINS * width), cls.WIDTHS[-1])
        return cls(width=width, number=min(math.ceil(reach / width), cls.MAX_BINS))

    def counts(self, counts_by_second: Mapping[int, int]) -> list[int]:
        """Return how many values are in each bin."""
        counts = [0] * (self.number + 1)
        for seconds, count in counts_by_second.items():
            counts[min(seconds // self.width, self.number)] += count
        return counts

    def position(self, seconds: int) -> float:
        """Return how many columns are before the middle of a second."""
        return min((seconds + 0.5) / self.width, self.number + 0.5)

    def label(self, n: int) -> str:
        """Return the times of a bin: ``< 30 s``, or ``≥ 2 min`` for the last one."""
        sign, limit = ("≥", n) if n == self.number else ("<", n + 1)
        # Before a duration of two units, a sign stays in front by the direction of their names.
        return f"{_RIGHT_TO_LEFT_MARK if get_language_bidi() else ''}{sign} {self._time(limit)}"

    def ticks(self, count: int) -> dict[float, str]:
        """Return the start of about so many bins, and the label of the last one at its end."""
        step = max(round(self.number / count), 1)
        starts = {float(n): self._time(n) for n in range(0, self.number - step + 1, step)}
        return starts | {self.number + 1: self.label(self.number)}

    def _time(self, n: int) -> str:
        return humanize.short_duration(timedelta(seconds=n * self.width))


def _bars(heights: Sequence[float], titles: Sequence[str], urls: Sequence[str], partial: Collection[int]) -> list[Bar]:
    return [
        Bar(
            x=_number(_plot_x(n, len(heights))),
            y=_number(_PLOT - height),
            height=_number(height),
            title=title,
            url=url,
            is_partial=n in partial,
        )
        for n, (height, title, url) in enumerate(zip(heights, titles, urls, strict=True))
    ]


def _heights(values: Sequence[float], levels: Sequence[float]) -> list[float]:
    return [value / levels[-1] * _PLOT for value in values]


def _plot_x(position: float, columns: int, *, width: float = 1) -> float:
    """Return the x of something after so many columns, in units of the plot."""
    return (columns - position - width if get_language_bidi() else position) * _COLUMN


def _percent(ratio: float) -> str:
    """Return the x of something after this ratio of the width."""
    return f"{(1 - ratio if get_language_bidi() else ratio) * 100:.2f}%"


def _points(heights: Sequence[float]) -> str:
    xs = [_plot_x(n + 0.5, len(heights), width=0) for n in range(len(heights))]
    return " ".join(f"{_number(x)},{_number(_PLOT - height)}" for x, height in zip(xs, heights, strict=True))


def _levels(levels: Sequence[float], format_level: Callable[[float], str], *, top: int) -> list[Level]:
    heights = {level: top + (1 - level / levels[-1]) * _HEIGHT for level in levels}
    return [
        Level(text=format_level(level), x=_percent(0), dx=_offset(-8), y=_number(height + 4), line_y=_number(height))
        for level, height in heights.items()
    ]


def _ticks(ticks: Mapping[float, str], columns: int) -> list[Tick]:
    # The first and the last one begin and end at the edges of the plot, which leaves the most space between them. Of
    # those, the one halfway between them has enough on a narrow screen.
    halfway = (len(ticks) - 3) / 2
    inner = [("middle", "middle" if n == halfway else "low") for n in range(len(ticks) - 2)]
    anchors = [("start", "high"), *inner, ("end", "high")]
    return [
        Tick(text=text, x=_percent(_EDGES.get(anchor, position / columns)), anchor=anchor, priority=priority)
        for (position, text), (anchor, priority) in zip(ticks.items(), anchors, strict=False)
    ]


def _markers(markers: Mapping[float, str], columns: int) -> list[Marker]:
    found = []
    for n, (position, text) in enumerate(markers.items(), start=1):
        ratio, y = position / columns, _MARKER_HEIGHT * n
        # The name goes to the side of the line that has more space.
        anchor, gap = ("start", 5) if ratio < 0.5 else ("end", -5)
        line_y = str(y - 10)
        found.append(Marker(text=text, x=_percent(ratio), y=str(y), dx=_offset(gap), line_y=line_y, anchor=anchor))
    return found


def _offset(pixels: int) -> str:
    """Return an offset along the reading direction."""
    return str(-pixels if get_language_bidi() else pixels)


def _number(value: float) -> str:
    """Return a number as SVG takes it, whatever the language."""
    return f"{value:.1f}"
