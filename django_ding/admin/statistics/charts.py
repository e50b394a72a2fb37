"""Where the marks of a chart stand. Templates draw them as SVG.

Heights are in pixels, so that texts keep their size on any screen; widths are in percent, or in units of a plot that is
stretched to the width there is. In right-to-left languages everything begins at the right.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language_bidi

#: The plot of columns, in pixels: room above it, for each mark more, its height, and room for the ticks below it.
_ABOVE, _HEIGHT, _BELOW = 16, 180, 26

#: A row of a ranking, in pixels: its text and, below it, its bar.
ROW = 46

#: Units that a column of a plot is wide, and that a plot is high.
_COLUMN, _PLOT = 10, 1000

_LEVELS = 3

#: Columns from which on lines are thinner.
_DENSE = 120

#: What the name of a mark is high, in pixels, and from where on it stands before its mark.
_MARK, _MIDDLE = 16, 0.5


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A column, in units of the plot.

    :ivar title: what it tells when it is pointed at.
    :ivar is_unfinished: whether it will grow.
    """

    x: str
    y: str
    height: str
    title: str
    is_unfinished: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line over the columns; ``name`` is its class in the style sheet."""

    name: str
    points: str


@dataclass(frozen=True, kw_only=True)
class Level:
    """A value of the scale, and the line across the plot at its height."""

    text: str
    x: str
    dx: str
    y: str
    line_y: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A text below the plot. ``need`` is its class: where it is narrow ``spare`` ones are left out, then ``middle``."""

    text: str
    x: str
    anchor: str
    need: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A vertical line through the plot, and its name beside the end of it."""

    text: str
    x: str
    y: str
    dx: str
    line_y: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A chart of columns side by side, with lines over them."""

    template = "admin/django_ding/statistics/columns.html"

    title: str
    description: str
    name: str
    is_dense: bool
    top: int
    span: int
    bars: list[Bar]
    levels: list[Level]
    ticks: list[Tick]
    lines: list[Line] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def bottom(self) -> int:
        """Where the plot ends, in pixels from the top."""
        return self.top + _HEIGHT

    @property
    def height(self) -> int:
        """How high it is with its ticks, in pixels."""
        return self.bottom + _BELOW


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a ranking: its text at the beginning, its value at the end, its bar below."""

    label: str
    value: str
    x: str
    width: str
    y: int
    bar_y: int


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """A chart of bars below one another."""

    template = "admin/django_ding/statistics/ranking.html"

    title: str
    description: str
    name: str
    height: int
    rows: list[Row]


def columns(
    values: Sequence[float],
    titles: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    ticks: Mapping[float, str],
    level: Callable[[float], str],
    lines: Mapping[str, Sequence[float]] | None = None,
    marks: Mapping[float, str] | None = None,
    is_unfinished: bool = False,
) -> Columns:
    """Lay out a chart of columns.

    :param values: how high each column is, and ``titles`` what it tells.
    :param ticks: texts below the plot, by how many columns are before them.
    :param level: writes the value of a level of the scale.
    :param lines: values of lines over the columns, by their class.
    :param marks: texts of vertical lines through the plot, by how many columns are before them.
    :param is_unfinished: whether the last column will grow.
    """
    steps = scale(max(values, default=0))
    top = _ABOVE + _MARK * len(marks or {})
    return Columns(
        name=name,
        title=title,
        description=description,
        is_dense=len(values) > _DENSE,
        top=top,
        span=len(values) * _COLUMN,
        bars=_bars(_heights(values, steps), titles, is_unfinished=is_unfinished),
        levels=_levels(steps, level, top=top),
        ticks=_ticks(ticks, len(values)),
        lines=[Line(name=line, points=_points(_heights(high, steps))) for line, high in (lines or {}).items()],
        marks=_marks(marks or {}, len(values)),
    )


def ranking(
    rows: Sequence[tuple[str, str, float]], *, name: str, title: str, description: str, most: float | None = None
) -> Ranking:
    """Lay out a chart of bars below one another.

    :param rows: the text, the value in words and the value of each.
    :param most: the value whose bar has the full width; by default the largest one.
    """
    most = most or max((value for _, _, value in rows), default=0) or 1
    return Ranking(
        name=name,
        title=title,
        description=description,
        height=ROW * len(rows),
        rows=[
            Row(
                label=label,
                value=told,
                x=_percent(0, width=value / most),
                width=f"{value / most * 100:.2f}%",
                y=ROW * n,
                bar_y=ROW * n + 26,
            )
            for n, (label, told, value) in enumerate(rows)
        ],
    )


def scale(most: float) -> list[float]:
    """Return round values up to the first one that is not less than ``most``, at equal distances from zero."""
    if most <= 0:
        return [1]
    rough = most / _LEVELS
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [step * n for n in range(1, math.ceil(most / step * 0.999) + 1)]


def _bars(heights: Sequence[float], titles: Sequence[str], *, is_unfinished: bool) -> list[Bar]:
    last = len(heights) - 1
    return [
        Bar(
            x=_unit(_across(n, len(heights))),
            y=_unit(_PLOT - high),
            height=_unit(high),
            title=title,
            is_unfinished=is_unfinished and n == last,
        )
        for n, (high, title) in enumerate(zip(heights, titles, strict=True))
    ]


def _heights(values: Sequence[float], steps: Sequence[float]) -> list[float]:
    return [value / steps[-1] * _PLOT for value in values]


def _across(position: float, columns: int, *, width: float = 1) -> float:
    """Return where something that begins after so many columns and is as wide stands in the plot."""
    return (columns - position - width if get_language_bidi() else position) * _COLUMN


def _percent(part: float, *, width: float = 0) -> str:
    """Return where something that begins after this part of the width stands."""
    return f"{(1 - part - width if get_language_bidi() else part) * 100:.2f}%"


def _points(heights: Sequence[float]) -> str:
    places = [_across(n + 0.5, len(heights), width=0) for n in range(len(heights))]
    return " ".join(f"{_unit(x)},{_unit(_PLOT - high)}" for x, high in zip(places, heights, strict=True))


def _levels(steps: Sequence[float], level: Callable[[float], str], *, top: int) -> list[Level]:
    heights = {step: top + (1 - step / steps[-1]) * _HEIGHT for step in steps}
    return [
        Level(text=level(step), x=_percent(0), dx=_towards_end(-8), y=_unit(height + 4), line_y=_unit(height))
        for step, height in heights.items()
    ]


def _ticks(ticks: Mapping[float, str], columns: int) -> list[Tick]:
    """Write ticks below the plot, the first and the last one inside its edges."""
    between = [("middle", "middle" if n % 2 else "spare") for n in range(len(ticks) - 2)]
    places = [("start", "edge"), *between, ("end", "edge")]
    return [
        Tick(text=text, x=_percent(before / columns), anchor=anchor, need=need)
        for (before, text), (anchor, need) in zip(ticks.items(), places, strict=False)
    ]


def _marks(marks: Mapping[float, str], columns: int) -> list[Mark]:
    """Name each mark on a line of its own, towards the side where there is room."""
    return [_mark(text, before / columns, height=_MARK * (n + 1)) for n, (before, text) in enumerate(marks.items())]


def _mark(text: str, part: float, *, height: int) -> Mark:
    anchor, gap = ("start", 5) if part < _MIDDLE else ("end", -5)
    return Mark(
        text=text, x=_percent(part), y=str(height), dx=_towards_end(gap), line_y=str(height - 10), anchor=anchor
    )


def _towards_end(pixels: int) -> str:
    """Return how far to the right so many pixels towards the end of a line are."""
    return str(-pixels if get_language_bidi() else pixels)


def _unit(value: float) -> str:
    """Write a number as SVG takes it, whatever the language."""
    return f"{value:.1f}"
