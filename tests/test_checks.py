import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_ding.apps import DjangoDingConfig
from django_ding.checks import check_backends, check_lookups, check_rates, check_test_numbers


def ids(**settings):
    with override_settings(**settings):
        return [message.id for message in check_backends(None)]


def backend(path, **options):
    return {"BACKENDS": {"default": {"BACKEND": path, "OPTIONS": options}}}


DING = "django_ding.backends.ding.DingBackend"
SANDBOX = "django_ding.backends.sandbox.SandboxBackend"
CUSTOMER_UUID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "settings",
    [
        {"DING": backend("django_ding.backends.nowhere.Backend")},
        {"DING": backend(DING)},
        {"DING": backend(DING, api_key="k", customer_uuid="not one")},
        {"DING": backend(DING, api_key="k", customer_uuid=CUSTOMER_UUID, base_url="nowhere")},
        {"DING": backend(DING, api_key="k", customer_uuid=CUSTOMER_UUID, apikey="k")},
        {"DING": backend(SANDBOX) | {"SANDBOX": {"code_lenght": 4}}},
        {"DING": backend(SANDBOX) | {"SANDBOX": {"code_length": 99}}},
    ],
)
def test_unusable_backend_is_an_error(settings):
    assert ids(**settings) == ["django_ding.E001"]


def test_sandbox_outside_debug_is_an_error():
    assert ids(DING=backend(SANDBOX), DEBUG=False) == ["django_ding.E002"]
    assert ids(DING=backend(SANDBOX), DEBUG=True) == []


def test_good_settings_pass():
    assert ids(DING=backend(DING, api_key="k", customer_uuid=CUSTOMER_UUID)) == []


def test_no_backend_is_a_warning():
    assert ids(DING={}) == ["django_ding.W001"]


def test_checks_are_registered():
    assert "django_ding.E002" in [message.id for message in run_checks(tags=["security"])]


@pytest.mark.parametrize("ding", [{"DEFAULT_REGIN": "FR"}, {"MAX_CHECKS": "five"}, ["BACKENDS"]])
def test_unusable_setting_stops_the_project(ding):
    import django_ding

    with override_settings(DING=ding), pytest.raises(ImproperlyConfigured, match="DING"):
        DjangoDingConfig("django_ding", django_ding).ready()


def rate_ids(**settings):
    with override_settings(**settings):
        return [message.id for message in check_rates(None)]


def cache(path):
    return {"default": {"BACKEND": f"django.core.cache.backends.{path}", "LOCATION": "checks"}}


LOCAL = cache("locmem.LocMemCache")


def test_unreadable_rate_is_an_error():
    assert rate_ids(DING={"RATES": {"send": "often/phone"}}) == ["django_ding.E003"]


@pytest.mark.parametrize("path", ["dummy.DummyCache", "db.DatabaseCache"])
def test_cache_that_cannot_count_is_an_error(path):
    assert rate_ids(DING={}, CACHES=cache(path)) == ["django_ding.E004"]


def test_counters_of_one_process_are_a_warning():
    assert rate_ids(DING={}, CACHES=LOCAL, DEBUG=False) == ["django_ding.W002"]
    assert rate_ids(DING={}, CACHES=LOCAL, DEBUG=True) == []
    assert rate_ids(DING={"RATES": {}}, CACHES=LOCAL, DEBUG=False) == []
    assert rate_ids(DING={"COUNTERS": "database"}, CACHES=LOCAL, DEBUG=False) == []


def lookup_ids(*paths, **ding):
    backends = {f"backend{index}": {"BACKEND": path} for index, path in enumerate(paths)}
    with override_settings(DING={"BACKENDS": backends, **ding}):
        return [message.id for message in check_lookups(None)]


def test_backend_without_the_lookup_that_is_asked_for_is_an_error():
    assert lookup_ids("tests.stubs.Plain", SANDBOX, LOOKUP_BEFORE_SEND=True) == ["django_ding.E006"]
    assert lookup_ids(SANDBOX, LOOKUP_BEFORE_SEND=True) == []
    assert lookup_ids("tests.stubs.Plain") == []


def test_backend_that_cannot_be_made_is_told_once():
    assert lookup_ids("nowhere.Backend", LOOKUP_BEFORE_SEND=True) == []


def test_live_test_numbers_are_a_warning():
    with override_settings(DING={"TEST_NUMBERS": {"+12025550123": "987654"}}):
        with override_settings(DEBUG=True):
            assert check_test_numbers(None) == []
        (warning,) = check_test_numbers(None)
    assert warning.id == "django_ding.W003"
    assert "+1********23" in warning.msg
    assert not any(secret in str(warning) for secret in ("5550123", "987654"))


def test_no_test_numbers_are_fine():
    assert check_test_numbers(None) == []


@pytest.mark.parametrize(
    "ding", [{"TEST_NUMBERS": {"+12025550100": "424242"}}, backend("tests.stubs.Plain") | {"LOOKUP_BEFORE_SEND": True}]
)
def test_checks_of_numbers_are_registered(ding):
    with override_settings(DING=ding):
        ids = {message.id for message in run_checks(tags=["security"])}
    assert ids & {"django_ding.W003", "django_ding.E006"}
