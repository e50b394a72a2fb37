import pytest

from django_ding.admin.statistics.queries import percentile


@pytest.mark.parametrize(
    ("counts", "ratio", "value"),
    [
        ({}, 0.5, None),
        ({7: 1}, 0.5, 7),
        ({1: 1, 2: 1}, 0.5, 1),
        ({3: 1, 1: 1, 2: 1}, 0.5, 2),
        ({1: 19, 60: 1}, 0.95, 1),
        ({1: 18, 60: 2}, 0.95, 60),
        ({1: 1, 2: 1}, 1, 2),
    ],
)
def test_percentile_is_the_nearest_rank(counts, ratio, value):
    assert percentile(counts, ratio) == value
