import pytest
from django.test import override_settings
from django.utils import translation

from django_ding import phone
from django_ding.carriers import _CODES, _COUNTRIES, country_of, display_name


@pytest.mark.parametrize(
    ("network", "country"), [("20801", "FR"), ("310410", "US"), ("316011", "US"), ("90111", ""), ("99999", "")]
)
def test_country_of(network, country):
    assert country_of(network) == country


def test_table_has_each_code_once_and_only_regions():
    assert len(_CODES) == 2 * len(_COUNTRIES)
    assert [region for region in _COUNTRIES.values() if not phone.is_region(region)] == []


def test_name_is_the_code_and_its_country():
    assert display_name("20801") == "208-01 (France)"
    assert display_name("90111") == "901-11"
    with translation.override("de"):
        assert display_name("310410") == "310-410 (Vereinigte Staaten)"
    with translation.override("ar"):
        assert display_name("90111") == "\u2066901-11\u2069"


@override_settings(DING={"CARRIER_NAMES": {"20801": "Orange"}})
def test_name_of_the_settings():
    assert [display_name(network) for network in ("20801", "20810")] == ["Orange", "208-10 (France)"]
