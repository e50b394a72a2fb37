import pytest

from django_ding.admin.statistics.charts import columns, ranking, scale


@pytest.mark.parametrize(
    ("most", "steps"),
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
def test_scale_has_few_round_steps(most, steps):
    assert scale(most) == pytest.approx(steps)


def drawn(values, **changed):
    told = {"name": "days", "title": "Days", "description": "", "ticks": {0.5: "first"}, "level": "{:g}".format}
    return columns(values, [str(value) for value in values], **told | changed)


def test_columns_fill_the_plot():
    chart = drawn([0, 50, 100], lines={"entered": [0, 25, 100]}, is_unfinished=True)
    assert chart.span == 30
    assert [(bar.x, bar.y, bar.height) for bar in chart.bars] == [
        ("0.0", "1000.0", "0.0"),
        ("10.0", "500.0", "500.0"),
        ("20.0", "0.0", "1000.0"),
    ]
    assert [bar.is_unfinished for bar in chart.bars] == [False, False, True]
    assert chart.lines[0].points == "5.0,1000.0 15.0,750.0 25.0,0.0"
    assert [(level.text, level.line_y) for level in chart.levels] == [("50", "106.0"), ("100", "16.0")]


def test_columns_of_nothing():
    assert [bar.height for bar in drawn([0, 0]).bars] == ["0.0", "0.0"]


def test_ticks_keep_inside_and_leave_room():
    ticks = {n + 0.5: str(n) for n in range(5)}
    assert [(tick.anchor, tick.need) for tick in drawn([1] * 5, ticks=ticks).ticks] == [
        ("start", "edge"),
        ("middle", "spare"),
        ("middle", "middle"),
        ("middle", "spare"),
        ("end", "edge"),
    ]


def test_marks_have_a_line_each_and_their_names_beside_it():
    marks = drawn([1] * 10, marks={2: "median", 8: "most"}).marks
    assert [(mark.x, mark.y, mark.anchor, mark.dx) for mark in marks] == [
        ("20.00%", "16", "start", "5"),
        ("80.00%", "32", "end", "-5"),
    ]


def test_ranking_is_to_scale():
    rows = [("France", "80 %", 0.8), ("Spain", "20 %", 0.2)]
    told = {"name": "countries", "title": "", "description": ""}
    assert [row.width for row in ranking(rows, most=1, **told).rows] == ["80.00%", "20.00%"]
    assert [row.width for row in ranking(rows, **told).rows] == ["100.00%", "25.00%"]
    assert ranking([("none", "0", 0)], **told).rows[0].width == "0.00%"
