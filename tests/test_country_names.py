import subprocess
import sys

import pytest

from django_ding.country_names import country_name


@pytest.mark.parametrize(
    ("region", "language", "name"),
    [
        ("DE", "fr", "Allemagne"),
        ("DE", "en", "Germany"),
        ("FR", "en", "France"),
        ("DE", "xx", ""),
        ("XK", "en", ""),
        ("ZZ", "en", ""),
    ],
)
def test_country_name(region, language, name):
    assert country_name(region, language) == name


def test_country_name_loads_no_geocoding():
    probe = (
        "import sys, phonenumbers; from django_ding.country_names import country_name; country_name('FR', 'de'); "
        "print(*sys.modules, sep=' ')"
    )
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert "phonenumbers" in loaded
    assert "phonenumbers.geodata" not in loaded
