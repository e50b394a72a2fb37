from decimal import Decimal

import pytest
from django.utils import translation

from django_ding.admin.statistics import words
from django_ding.admin.statistics.reading import quantile


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (65, "1 min 5 s"), (3600, "1 h"), (7505, "2 h 5 min")],
)
def test_duration_has_two_units_at_most(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("language", "number", "share"),
    [("en", "12,345.68", "66.7\u202f%"), ("fr", "12\u202f345,68", "66,7\u202f%"), ("de", "12.345,68", "66,7\u202f%")],
)
def test_numbers_are_rounded_and_written_as_usual(language, number, share):
    with translation.override(language):
        assert words.number(Decimal("12345.678"), decimals=2).replace("\xa0", "\u202f") == number
        assert words.share(2 / 3) == share
        assert words.share(None) == "–"


@pytest.mark.parametrize(("language", "name"), [("en", "Germany"), ("fr", "Allemagne"), ("pt-br", "Alemanha")])
def test_countries_have_names(language, name):
    with translation.override(language):
        assert words.country("DE") == name
        assert words.country("XX") == "XX"


def test_what_is_not_known_is_shown_as_it_is():
    assert words.channel("text") == "SMS"
    assert words.channel("pigeon") == words.reason("pigeon") == words.guard_reason("pigeon") == "pigeon"
    assert words.channel("") == "Not reported"
    assert words.country("") == "No country"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("12.3456", "EUR", "€12.35"), ("1234.5", "USD", "$1,234.50"), ("0", "CHF", "0.00 CHF"), ("2", "", "2.00")],
)
def test_money_is_written_as_in_a_story(amount, currency, text):
    assert words.money(Decimal(amount), currency) == words.left_to_right(text)


def test_reasons_are_those_of_the_stories():
    assert words.reason("connection_failed") == "No connection to the provider came about"
    assert words.reason("http_503") == "The provider answered with an error"
    assert words.guard_reason("invalid_line") == "This kind of line gets no codes"


@pytest.mark.parametrize(
    ("counts", "part", "value"),
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
def test_quantile_is_the_nearest_rank(counts, part, value):
    assert quantile(counts, part) == value
