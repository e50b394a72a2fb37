from decimal import Decimal

import pytest
from django.utils import translation

from django_ding.admin.statistics import formats
from django_ding.backends.types import Price
from django_ding.humanize import isolated


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (65, "1 min 5 s"), (3600, "1 h"), (7505, "2 h 5 min")],
)
def test_duration_has_two_units_at_most(seconds, text):
    assert formats.format_seconds(seconds) == text


@pytest.mark.parametrize(("language", "name"), [("en", "Germany"), ("fr", "Allemagne"), ("pt-br", "Alemanha")])
def test_countries_have_names(language, name):
    with translation.override(language):
        assert formats.format_country("DE") == name
        assert formats.format_country("XX") == "XX"


def test_what_is_not_known_is_shown_as_it_is():
    assert formats.format_channel("sms") == "SMS"
    assert formats.format_channel("voice") == "Phone call"
    assert formats.format_channel("pigeon") == formats.format_reason("pigeon") == "pigeon"
    assert formats.format_channel("") == "Not reported"
    assert formats.format_country("") == "Unknown country"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("12.3456", "EUR", "€12.35"), ("1234.5", "USD", "$1,234.50"), ("0", "CHF", "0.00 CHF"), ("2", "", "2.00")],
)
def test_cost_is_written_as_in_a_timeline(amount, currency, text):
    assert formats.format_price(Price(amount=Decimal(amount), currency=currency)) == isolated(text)


def test_reasons_are_those_of_the_timelines():
    assert formats.format_reason("connection_failed") == "Could not connect to the provider"
    assert formats.format_reason("http_503") == "The provider responded with an error"
    assert formats.format_reason("invalid_line") == "This type of number can't receive a code"
