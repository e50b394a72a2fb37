"""The contents of the wheel."""

from importlib import metadata

import pytest
from packaging.requirements import Requirement

from django_ding import __version__

PACKAGE = "django-ding"


@pytest.fixture(scope="module")
def files() -> set[str]:
    distribution = metadata.distribution(PACKAGE)
    if '"editable": true' in (distribution.read_text("direct_url.json") or ""):
        pytest.skip("an editable install has no wheel to check")
    return {str(file) for file in distribution.files or ()}


@pytest.mark.parametrize(
    "name",
    [
        "django_ding/py.typed",
        "django_ding/locale/ar/LC_MESSAGES/django.mo",
        "django_ding/locale/ar/LC_MESSAGES/django.po",
        "django_ding/locale/de/LC_MESSAGES/django.mo",
        "django_ding/locale/de/LC_MESSAGES/django.po",
        "django_ding/locale/es/LC_MESSAGES/django.mo",
        "django_ding/locale/es/LC_MESSAGES/django.po",
        "django_ding/locale/fr/LC_MESSAGES/django.mo",
        "django_ding/locale/fr/LC_MESSAGES/django.po",
        "django_ding/contrib/allauth/migrations/0001_initial.py",
        "django_ding/contrib/otp/migrations/0002_devices_of_verified_numbers.py",
        "django_ding/migrations/0001_initial.py",
        "django_ding/management/commands/ding_sandbox.py",
        "django_ding/sandbox/assets/inbox.css",
        "django_ding/sandbox/assets/inbox.js",
        "django_ding/static/django_ding/admin.css",
        "django_ding/static/django_ding/login.css",
        "django_ding/static/django_ding/login.js",
        "django_ding/templates/admin/django_ding/authentication/detail.html",
        "django_ding/static/django_ding/statistics.css",
        "django_ding/static/django_ding/theme.css",
        "django_ding/templates/admin/django_ding/statistics/page.html",
        "django_ding/templates/django_ding/login/base.html",
        "django_ding/jinja2/django_ding/login/widgets/country.html",
        "django_ding/templates/django_ding/login/widgets/country.html",
        "django_ding/templates/django_ding/sandbox/inbox.html",
        "django_ding/templates/django_ding/sms/code.txt",
        "django_ding/pytest_plugin.py",
    ],
)
def test_wheel_has_what_the_app_needs(files, name):
    assert name in files


def test_wheel_has_nothing_else(files):
    assert {name.split("/")[0] for name in files if ".dist-info" not in name} == {"django_ding"}
    assert not [name for name in files if "tests" in name or "example" in name]


def test_version_of_the_wheel_is_the_package_s():
    assert metadata.version(PACKAGE) == __version__


def test_runtime_dependencies_are_four():
    required = [Requirement(text) for text in metadata.requires(PACKAGE) or () if "extra ==" not in text]
    assert {requirement.name.lower() for requirement in required} == {
        "django",
        "djangorestframework",
        "requests",
        "phonenumbers",
    }
