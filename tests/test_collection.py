"""Which tests a run collects."""

import pytest

from tests.conftest import has_no_test_of


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "test_module.py"
    path.write_text("pytestmark = [pytest.mark.slow, pytest.mark.django_db]\n")
    return path


@pytest.mark.parametrize("marker", ["browser", "hosts"])
def test_module_without_the_only_marker_is_not_imported(module, marker):
    assert has_no_test_of(module, marker)


@pytest.mark.parametrize("markers", ["slow", "not slow", "slow or browser", "not browser and not hosts", ""])
def test_module_that_may_have_tests_is_imported(module, markers):
    assert not has_no_test_of(module, markers)


def test_what_tests_share_is_imported(module):
    assert not has_no_test_of(module.rename(module.with_name("helpers.py")), "browser")
