from datetime import UTC, datetime

import pytest

from django_ding.backends import parsing

MOMENT = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2023-11-07T05:31:56Z",
        "2023-11-07T05:31:56+00:00",
        "2023-11-07T05:31:56+0000",
        "2023-11-07T07:31:56+02:00",
        "2023-11-07 05:31:56",
        "2023-11-07T05:31:56.000000000Z",
        "2023-11-07t05:31:56z",
        "2023-11-07T05:31:56.000z",
    ],
)
def test_time(value):
    assert parsing.time(value) == MOMENT
    assert parsing.time(value).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        *["", "soon", "2023-13-07T05:31:56Z", "2023-11-07T05:31:56zz", 1699335116, None, [], {}],
        *["0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
    ],
)
def test_time_unusable(value):
    assert parsing.time(value) is None


@pytest.mark.parametrize("value", ["", "a\x00b", "a\nb", "\ud800", "x" * 256, 7, None, [], {}])
def test_text_unusable(value):
    assert parsing.text(value) is None


@pytest.mark.parametrize("value", ["Télécom", "a\xa0b", "x" * 255])
def test_text(value):
    assert parsing.text(value) == value


@pytest.mark.parametrize(("length", "usable"), [(64, True), (65, False)])
def test_identifier_has_at_most_64_characters(length, usable):
    assert (parsing.identifier("x" * length) is not None) is usable


@pytest.mark.parametrize(
    ("value", "read"), [(0, 0), (32767, 32767), (32768, None), (-1, None), (True, None), (1.0, None), ("1", None)]
)
def test_integer(value, read):
    assert parsing.integer(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0.009, 0.009),
        (-1, -1.0),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("1", None),
    ],
    ids=["price", "negative", "huge", "infinite", "nan", "boolean", "text"],
)
def test_number(value, read):
    assert parsing.number(value) == read
