"""A stranger finds a site with dependencies whose holes are known, because this package was content with them."""

import tomllib

import pytest
from packaging.requirements import Requirement

from tests.helpers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
REQUIREMENTS = {requirement.name: requirement for requirement in map(Requirement, [*PROJECT["dependencies"], *EXTRAS])}


@pytest.mark.parametrize(
    ("name", "vulnerable", "mended"),
    [
        # The security releases of 3 November 2026.
        ("django", "5.2.18", "5.2.19"),
        ("django", "6.0.9", "6.0.10"),
        ("django", "6.1.2", "6.1.3"),
        ("djangorestframework", "3.17.1", "3.18.0"),  # CVE-2026-73228: bodies without bounds.
        ("requests", "2.32.5", "2.33.0"),  # CVE-2026-25645; CVE-2024-47081 before.
        ("cryptography", "49.0.0", "50.0.0"),  # CVE-2026-69247.
        ("redis", "4.5.4", "5.1.0"),  # CVE-2023-28859. Since 5.1, it needs hiredis 3 or later.
        ("tqdm", "4.66.2", "4.66.3"),  # CVE-2024-34062.
    ],
)
def test_vulnerable_release_is_refused(name, vulnerable, mended):
    assert vulnerable not in REQUIREMENTS[name].specifier
    assert mended in REQUIREMENTS[name].specifier


@pytest.mark.parametrize("series", ["6.0", "6.1"])
def test_no_release_before_the_mended_one_is_left(series):
    allowed = [n for n in range(20) if REQUIREMENTS["django"].specifier.contains(f"{series}.{n}")]
    assert allowed[0] == {"6.0": 10, "6.1": 3}[series]


@pytest.mark.parametrize("version", ["3.16.1", "3.17.2"])
def test_rest_framework_that_cannot_be_imported_on_the_newest_django_is_refused(version):
    assert version not in REQUIREMENTS["djangorestframework"].specifier
