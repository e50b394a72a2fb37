import pytest

from django_ding.admin.statistics.waiting import _Spans


@pytest.mark.parametrize(
    ("seconds", "width", "number"),
    [(0, 1, 2), (15, 1, 24), (16, 2, 13), (46, 5, 15), (600, 60, 16), (57_599, 3600, 24), (900_000, 3600, 24)],
)
def test_spans_are_round_and_few(seconds, width, number):
    assert _Spans.around(seconds) == _Spans(width=width, number=number)


def test_spans_have_names():
    spans = _Spans(width=30, number=4)
    assert [spans.name(place) for place in (0, 3, 4)] == ["< 30 s", "< 2 min", "≥ 2 min"]
    assert list(spans.ticks()) == [0, 1, 2, 3, 5]
    assert spans.place(29) == pytest.approx(29.5 / 30)
    assert spans.place(1000) == 4.5
