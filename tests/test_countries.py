import pytest
from django.utils import translation

from django_ding.countries import flag, localized_name


@pytest.mark.parametrize(("language", "name"), [("en", "Germany"), ("fr", "Allemagne"), ("fr-ca", "Allemagne")])
def test_name(language, name):
    with translation.override(language):
        assert localized_name("DE") == name


def test_name_of_an_unknown_country_is_its_code():
    assert localized_name("ZZ") == "ZZ"


def test_name_without_translations():
    with translation.override(None):
        assert localized_name("FR") == "France"


def test_name_of_a_network_without_a_country():
    assert localized_name("+870") == "Satellite or global network \u2066+870\u2069"


def test_flag():
    assert flag("FR") == "🇫🇷"
    assert flag("+870") == "🌐"
    assert flag("") == ""
