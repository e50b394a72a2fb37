"""A stranger finds a site whose settings are the example's, with nothing but a provider configured."""

import os
import runpy

import pytest
from django.core.checks import Tags, run_checks
from django.test import override_settings

from django_ding.conf import DEFAULT_CHECK_LIMITS, DEFAULT_MIN_CONVERSION, DEFAULT_RATE_LIMITS, DingSettings
from django_ding.guard.limits import Scope, parse_rates
from tests.helpers import ROOT

EXAMPLE = ROOT / "example_project"
PREFIXES = ("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DING_", "PRELUDE_", "REDIS_URL", "SECRET_KEY", "TRUSTED_PROXY")
SECRET_KEY = "of-the-site-and-nobody-elses-" + "0123456789abcdef" * 2


@pytest.fixture
def read(monkeypatch):
    """Return a function that reads the example's settings with environment variables."""
    monkeypatch.syspath_prepend(str(EXAMPLE))

    def read(**env):
        with pytest.MonkeyPatch.context() as patch:
            for name in filter(lambda name: name.startswith(PREFIXES), list(os.environ)):
                patch.delenv(name)
            for name, value in env.items():
                patch.setenv(name, value)
            return runpy.run_path(str(EXAMPLE / "example" / "settings.py"))

    return read


@pytest.fixture
def copied(read):
    return read(SECRET_KEY=SECRET_KEY, PRELUDE_BASE_URL="https://api.prelude.dev", PRELUDE_API_KEY="key")


def test_needs_a_secret_key(read):
    with pytest.raises(KeyError, match="SECRET_KEY"):
        read()


def test_has_nothing_that_is_for_the_demo_only(copied):
    ding = DingSettings(copied["DING"])
    assert copied["DEBUG"] is False
    assert copied["REST_FRAMEWORK"]["DEFAULT_AUTHENTICATION_CLASSES"] == [
        # A password alone opens nothing.
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ]
    assert ding.RATE_LIMITS == {"send": DEFAULT_RATE_LIMITS, "check": DEFAULT_CHECK_LIMITS}
    assert ding.MIN_CONVERSION == DEFAULT_MIN_CONVERSION
    assert ding.SANDBOX["enabled"] is False
    assert ding.TRUSTED_PROXY_COUNT == 0
    assert "SECURE_PROXY_SSL_HEADER" not in copied


def test_has_no_sandbox_without_a_provider_either(read):
    assert read(SECRET_KEY=SECRET_KEY)["DING"]["SANDBOX"]["enabled"] is False


def test_passes_the_checks_of_a_deployment(copied):
    names = ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "MIDDLEWARE", "AUTH_PASSWORD_VALIDATORS")
    chosen = {
        name: value
        for name, value in copied.items()
        if name in names or name.startswith(("SECURE_", "SESSION_", "CSRF_"))
    }
    with override_settings(**chosen):
        found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    # Only the site knows whether all its subdomains have HTTPS. The others are about the tests' own DING.
    assert {message.id for message in found if message.id.startswith("security.")} == {"security.W005", "security.W021"}
    assert len(copied["AUTH_PASSWORD_VALIDATORS"]) == 4


def test_demo_counts_by_number_too(read):
    rates = parse_rates(read(DEBUG="1")["DING"]["RATE_LIMITS"]["send"])
    assert {rate.scope for rate in rates} >= {Scope.PHONE, Scope.IP, Scope.ALL}
