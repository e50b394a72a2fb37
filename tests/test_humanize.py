from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from django_ding import humanize


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0.03", "EUR", "€0.03"),
        ("0.030000", "USD", "$0.03"),
        ("0.009", "GBP", "£0.009"),
        ("12", "CHF", "12.00 CHF"),
        ("0.5", "", "0.50"),
        ("100", "EUR", "€100.00"),
    ],
)
def test_price(amount, currency, text):
    assert humanize.price(Decimal(amount), currency) == text


def test_no_price():
    assert humanize.price(None, "EUR") == ""


def test_price_is_written_as_the_language_has_it():
    with translation.override("fr"):
        assert "0,03" in humanize.price(Decimal("0.03"), "CHF")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (349_200, "4 d 1 h"),
    ],
)
def test_duration(seconds, text):
    assert humanize.short_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "June 1, 2026, 12:00:07\u00a0UTC"),
        ("en", "America/New_York", "June 1, 2026, 08:00:07\u00a0EDT"),
        ("de", "Europe/Berlin", "14:00:07\u00a0CEST"),
        ("ar", "Asia/Riyadh", "\u206615:00:07\u00a0+03\u2069"),
    ],
)
def test_exact_time(clock, language, zone, text):
    clock.shift(7)
    with translation.override(language), timezone.override(zone):
        assert humanize.exact_time(timezone.now()).endswith(text)


def test_elapsed_is_what_two_clocks_show():
    start = datetime(2026, 6, 1, 12, 0, 0, 900_000, tzinfo=UTC)
    assert humanize.offset(start, start + timedelta(seconds=3.2)) == "+4 s"


@pytest.mark.parametrize(("language", "text"), [("en", "+12 s"), ("ar", "\u200e+12\u00a0ث")])
def test_sign_stays_before_its_number(language, text):
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with translation.override(language):
        assert humanize.offset(start, start + timedelta(seconds=12)) == text


@pytest.mark.parametrize(
    ("language", "number", "percentage"),
    [("en", "12,345.68", "66.7\u202f%"), ("fr", "12\u202f345,68", "66,7\u202f%"), ("de", "12.345,68", "66,7\u202f%")],
)
def test_numbers_are_rounded_and_written_as_usual(language, number, percentage):
    with translation.override(language):
        assert humanize.number(Decimal("12345.678"), decimals=2).replace("\xa0", "\u202f") == number
        assert humanize.percentage(2 / 3) == percentage
        assert humanize.percentage(None) == "–"


@pytest.mark.parametrize(("language", "text"), [("en", "SMS, RCS"), ("ar", "SMS، RCS")])
def test_list_has_the_comma_of_the_language(language, text):
    with translation.override(language):
        assert humanize.listed(["SMS", "RCS"]) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        ({"seconds": -5}, "just now"),
        ({"seconds": 59}, "just now"),
        ({"minutes": 1}, "1 minute ago"),
        ({"minutes": 59}, "59 minutes ago"),
        ({"hours": 1}, "1 hour ago"),
        ({"hours": 23}, "23 hours ago"),
        ({"days": 1}, "1 day ago"),
        ({"days": 364}, "364 days ago"),
        ({"days": 365}, "1 year ago"),
        ({"days": 800}, "2 years ago"),
    ],
)
def test_age(clock, ago, text):
    assert humanize.age(timezone.now() - timedelta(**ago)) == text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
@pytest.mark.parametrize("total", [1, 30, 90, 91, 600, 5401, 86_400])
def test_countdown_says_what_duration_says(language, total):
    with translation.override(language):
        steps = humanize.countdown(total)
        for left in range(total, 0, -1 if total < 6000 else -97):
            unit, text = next((unit, text) for longest, unit, text in reversed(steps) if left <= longest)
            assert text.replace("{count}", str(-(-left // unit))) == humanize.duration(left)


def test_countdown_of_more_than_a_day_is_none():
    assert humanize.countdown(86_401) == []
