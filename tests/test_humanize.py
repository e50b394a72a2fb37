from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from django_ding.admin import wording


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
    assert wording.price(Decimal(amount), currency) == text


def test_no_price():
    assert wording.price(None, "EUR") == ""


def test_price_is_written_as_the_language_has_it():
    with translation.override("fr"):
        assert "0,03" in wording.price(Decimal("0.03"), "CHF")


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
    assert wording.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(("language", "text"), [("en", "+12 s"), ("ar", "\u200e+12\u00a0ث")])
def test_sign_stays_before_its_number(language, text):
    with translation.override(language):
        assert wording.since_start(timedelta(seconds=12)) == text
