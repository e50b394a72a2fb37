import pytest
from django.utils import translation

from django_ding.admin.statistics.charts import Bins, column_chart, scale
from django_ding.admin.statistics.sections import tick_positions


@pytest.mark.parametrize(
    ("maximum", "levels"),
    [
        (0, [1]),
        (1, [0.5, 1]),
        (3, [1, 2, 3]),
        (4, [2, 4]),
        (10, [5, 10]),
        (99, [50, 100]),
        (300, [100, 200, 300]),
        (301, [200, 400]),
        (12_345, [5000, 10_000, 15_000]),
        (0.042, [0.02, 0.04, 0.06]),
    ],
)
def test_scale_has_few_round_steps(maximum, levels):
    assert scale(maximum) == pytest.approx(levels)


def drawn(values, **changed):
    options = {
        "name": "days",
        "title": "Days",
        "description": "",
        "ticks": {0.5: "first"},
        "format_level": "{:g}".format,
    }
    return column_chart(values, [str(value) for value in values], **options | changed)


def test_columns_fill_the_plot():
    chart = drawn([0, 50, 100], lines={"verified": [0, 25, 100]}, partial={2})
    assert chart.width == 30
    assert [(bar.x, bar.y, bar.height) for bar in chart.bars] == [
        ("0.0", "1000.0", "0.0"),
        ("10.0", "500.0", "500.0"),
        ("20.0", "0.0", "1000.0"),
    ]
    assert [bar.is_partial for bar in chart.bars] == [False, False, True]
    assert chart.lines[0].points == "5.0,1000.0 15.0,750.0 25.0,0.0"
    assert [(level.text, level.line_y) for level in chart.levels] == [("50", "106.0"), ("100", "16.0")]


def test_columns_of_nothing():
    assert [bar.height for bar in drawn([0, 0]).bars] == ["0.0", "0.0"]


def test_ticks_keep_inside_and_leave_room():
    ticks = {n + 0.5: str(n) for n in range(5)}
    assert [(tick.anchor, tick.priority) for tick in drawn([1] * 5, ticks=ticks).ticks] == [
        ("start", "high"),
        ("middle", "low"),
        ("middle", "middle"),
        ("middle", "low"),
        ("end", "high"),
    ]


@pytest.mark.parametrize(("number", "kept"), [(2, 2), (3, 3), (4, 2), (6, 2), (7, 3)])
def test_ticks_of_narrow_screens_are_as_far_apart_as_they_can_be(number, kept):
    ticks = drawn([1] * number, ticks={n + 0.5: str(n) for n in range(number)}).ticks
    assert len([tick for tick in ticks if tick.priority != "low"]) == kept


def test_markers_have_a_line_each_and_their_names_beside_it():
    markers = drawn([1] * 10, markers={2: "median", 8: "p95"}).markers
    assert [(marker.x, marker.y, marker.anchor, marker.dx) for marker in markers] == [
        ("20.00%", "16", "start", "5"),
        ("80.00%", "32", "end", "-5"),
    ]


@pytest.mark.parametrize(
    ("seconds", "width", "number"),
    [(0, 1, 2), (15, 1, 24), (16, 2, 13), (46, 5, 15), (600, 60, 16), (57_599, 3600, 24), (900_000, 3600, 24)],
)
def test_bins_are_round_and_few(seconds, width, number):
    assert Bins.for_maximum(seconds) == Bins(width=width, number=number)


def test_bins_have_labels():
    bins = Bins(width=30, number=4)
    assert [bins.label(n) for n in (0, 3, 4)] == ["< 30 s", "< 2 min", "≥ 2 min"]
    assert list(bins.ticks(4)) == [0, 1, 2, 3, 5]
    assert bins.position(29) == pytest.approx(29.5 / 30)
    assert bins.position(1000) == 4.5


def test_sign_of_a_bin_stays_before_two_units():
    with translation.override("ar"):
        assert Bins(width=25, number=4).label(4) == "\u200f≥ 1\xa0د 40\xa0ث"


@pytest.mark.parametrize(
    ("number", "positions"),
    [(1, [0]), (2, [0, 1]), (7, [0, 2, 4, 6]), (13, [0, 3, 6, 9, 12]), (30, [0, 7, 14, 22, 29])],
)
def test_ticks_are_equally_far_apart(number, positions):
    assert tick_positions(number) == positions
