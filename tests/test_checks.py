import re
from hashlib import sha256

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings
from django.test.utils import _TestState

import django_ding
from django_ding.apps import DjangoDingConfig
from django_ding.checks import (
    check_backends,
    check_functions,
    check_lookups,
    check_rate_limits,
    check_sandbox_urls,
    check_settings,
    check_test_numbers,
    check_transactions,
    check_webhooks,
)

DING = "django_ding.backends.ding.DingBackend"
SANDBOX = "django_ding.backends.sandbox.SandboxBackend"
SMS = "django_ding.backends.sms.SMSBackend"
CONSOLE = "django_ding.backends.sms.ConsoleGateway"
PRELUDE = "django_ding.backends.prelude.PreludeBackend"
CUSTOMER_UUID = "00000000-0000-4000-8000-000000000000"
KEY = "distinctive-7f3a91"

ACME = {"account": "a", "api_key": KEY, "webhook_secret": KEY, "base_url": "https://example.com"}


@pytest.fixture(autouse=True)
def no_test_run(monkeypatch):
    """As on a server, where no test environment is set up."""
    monkeypatch.delattr(_TestState, "saved_data")


def backend(path, **options):
    return {"BACKENDS": {"default": {"BACKEND": path, "OPTIONS": options}}}


def good_backend(**options):
    return backend(DING, **{"api_key": KEY, "customer_uuid": CUSTOMER_UUID, **options})


def messages(check, **settings):
    with override_settings(**settings):
        return check(None)


def ids(check, **settings):
    return [message.id for message in messages(check, **settings)]


# Settings


def test_each_wrong_key_is_reported_with_the_nearest_name():
    found = messages(
        check_settings, DING={"DEFAULT_REGIN": "FR", "MAX_CHECKS": "five", "RATE_LIMITS": {"sent": "1/h/all"}}
    )
    assert [(message.id, message.msg) for message in found] == [
        ("django_ding.E005", "DING has no key 'DEFAULT_REGIN'."),
        ("django_ding.E005", "DING[\"MAX_CHECKS\"] must be a whole number, 1 or more, not 'five'."),
        ("django_ding.E005", "DING[\"RATE_LIMITS\"] has no key 'sent'."),
    ]
    assert (found[0].hint, found[2].hint) == ("Did you mean 'DEFAULT_REGION'?", "Did you mean 'send'?")


@pytest.mark.parametrize(
    "ding",
    [
        ["BACKENDS"],
        {"BACKEND": {}},
        {"BACKENDS": {"default": "django_ding.backends.nowhere.Backend"}},
        {"RATE_LIMIT_CACHE": "nowhere"},
        {"RATE_LIMITS": "often/phone", "MAX_CHECKS": 5},
    ],
)
def test_wrong_setting_is_reported_once(ding):
    with override_settings(DING=ding):
        assert [message.id for message in run_checks(tags=["security"]) if "ding" in message.id] == ["django_ding.E005"]


def test_project_starts_in_spite_of_a_wrong_key():
    with override_settings(DING={"MAX_CHECK": 5}):
        DjangoDingConfig("django_ding", django_ding).ready()


# Backends


@pytest.mark.parametrize(
    "ding",
    [
        backend("django_ding.backends.nowhere.Backend"),
        good_backend(customer_uuid="not one"),
        good_backend(base_url="nowhere"),
        good_backend(api_kye=KEY),
        backend(SANDBOX) | {"SANDBOX": {"code_lenght": 4}},
        backend(SANDBOX) | {"SANDBOX": {"code_length": 99}},
    ],
)
def test_unusable_backend_is_an_error(ding):
    assert ids(check_backends, DING=ding) == ["django_ding.E001"]


def test_unknown_option_is_reported_with_the_nearest_name():
    (message,) = messages(check_backends, DING=good_backend(read_timout=1))
    assert message.hint == "Did you mean 'read_timeout'?"


@pytest.mark.parametrize("option", ["api_key", "customer_uuid"])
@pytest.mark.parametrize("value", ["", None])
def test_missing_option_is_an_error_of_its_own(option, value):
    (message,) = messages(check_backends, DING=good_backend(**{option: value}))
    assert message.id == "django_ding.E007"
    assert f"needs {option!r}: missing or empty." in message.msg
    assert KEY not in str(message)


def test_plain_http_is_a_warning():
    for debug in (True, False):
        (message,) = messages(check_backends, DING=good_backend(base_url="http://ding.example/v1"), DEBUG=debug)
        assert message.id == "django_ding.W004"
    assert "ding.example" not in str(message)


@pytest.mark.parametrize(
    "url", ["https://ding.example", "http://127.0.0.1:8000/v1", "http://[::1]/v1", "http://LOCALHOST:1"]
)
def test_plain_http_on_this_machine_passes(url):
    assert ids(check_backends, DING=good_backend(base_url=url)) == []


@pytest.mark.parametrize("path", [SANDBOX, SANDBOX.replace("SandboxBackend", "PreludeSandboxBackend")])
def test_sandbox_outside_debug_is_an_error(path):
    assert ids(check_backends, DING=backend(path), DEBUG=False) == ["django_ding.E002"]
    assert ids(check_backends, DING=backend(SANDBOX), DEBUG=True) == []


@pytest.mark.parametrize("debug", [True, False])
def test_test_run_needs_nothing_of_production(monkeypatch, debug):
    """Whatever ``DEBUG`` is: Django's runner turns it off, and the settings of a test run often do so, too."""
    monkeypatch.undo()
    ding = backend(SANDBOX) | {"TEST_NUMBERS": {"+12025550123": "987654"}, "SANDBOX": {"enabled": True}}
    ding["BACKENDS"]["other"] = {"BACKEND": DING}
    with override_settings(DING=ding, CACHES=LOCAL, DEBUG=debug, SILENCED_SYSTEM_CHECKS=[]):
        assert [message for message in run_checks(tags=["security"]) if "ding" in message.id] == []


def test_missing_option_is_reported_once():
    ding = good_backend(api_key="") | {"WEBHOOK_BASE_URL": "https://example.com"}
    assert ids(check_webhooks, DING=ding) == []


@pytest.mark.parametrize(
    ("sandbox", "debug", "found"),
    [
        ({}, False, []),
        ({}, True, []),
        ({"enabled": True}, True, []),
        ({"enabled": True}, False, ["django_ding.W006"]),
        ({"enabled": "yes"}, True, ["django_ding.E012"]),
        ({"code_lenght": 4}, True, ["django_ding.E012"]),
    ],
)
def test_mounted_sandbox(sandbox, debug, found):
    found_messages = messages(check_sandbox_urls, DING={"SANDBOX": sandbox}, DEBUG=debug)
    assert [message.id for message in found_messages] == found
    assert all("'sandbox/'" in message.msg for message in found_messages)


def test_mounted_sandbox_without_urls():
    assert ids(check_sandbox_urls, DING={"SANDBOX": {"enabled": True}}, ROOT_URLCONF=None) == []
    assert ids(check_sandbox_urls, DING={"SANDBOX": {"enabled": True}}, ROOT_URLCONF="tests.broken_urls") == []


def test_good_settings_pass():
    assert ids(check_backends, DING=good_backend()) == []


def test_no_default_backend_is_a_warning():
    other = {"BACKENDS": {"other": backend(DING)["BACKENDS"]["default"]}}
    assert ids(check_backends, DING={}) == ["django_ding.W001"]
    assert ids(check_backends, DING=other) == ["django_ding.W001", "django_ding.E007"]


# Rate limits


def cache(path):
    return {"default": {"BACKEND": path, "LOCATION": "checks"}}


LOCAL = cache("django.core.cache.backends.locmem.LocMemCache")


class Uninstalled:
    """A cache whose library is not installed."""

    def __init__(self, location, params):
        raise ModuleNotFoundError("No module named 'memcached'")


def test_unreadable_rate_is_an_error():
    assert ids(check_rate_limits, DING={"RATE_LIMITS": {"send": "often/phone"}}) == ["django_ding.E003"]
    assert ids(check_rate_limits, DING={"MIN_CONVERSION": "few/prefix"}) == ["django_ding.E003"]


@pytest.mark.parametrize("path", ["django.core.cache.backends.nowhere.Cache", "tests.test_checks.Uninstalled"])
def test_cache_that_does_not_exist_is_an_error(path):
    assert ids(check_rate_limits, DING={}, CACHES=cache(path)) == ["django_ding.E004"]


@pytest.mark.parametrize("name", ["dummy.DummyCache", "db.DatabaseCache", "filebased.FileBasedCache"])
def test_cache_without_atomic_incr_is_a_warning(name, monkeypatch, tmp_path):
    caches = {"default": {"BACKEND": f"django.core.cache.backends.{name}", "LOCATION": str(tmp_path)}}
    (message,) = messages(check_rate_limits, DING={}, CACHES=caches)
    assert (message.id, message.is_serious()) == ("django_ding.W030", False)
    assert name.partition(".")[2] in message.msg
    assert ids(check_rate_limits, DING={"RATE_LIMIT_CACHE": None}, CACHES=caches) == []
    assert ids(check_rate_limits, DING={"RATE_LIMITS": {}, "MIN_CONVERSION": ""}, CACHES=caches) == []
    monkeypatch.undo()
    assert ids(check_rate_limits, DING={}, CACHES=caches) == []


class ShardClient:
    def get_client(self, write=True):
        raise NotImplementedError


class ShardedCache(LocMemCache):
    """Like django-redis' with its ``ShardClient``."""

    client = ShardClient()


def test_cache_of_several_servers_is_a_warning():
    (message,) = messages(check_rate_limits, DING={}, CACHES=cache("tests.test_checks.ShardedCache"))
    assert message.id == "django_ding.W030"
    assert "ShardClient" in message.msg


def hashed_key(key, prefix, version):
    return sha256(f"{prefix}{key}".encode()).hexdigest()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, []),
        ({"KEY_PREFIX": "shop"}, []),
        ({"KEY_PREFIX": "{shop}"}, []),
        ({"KEY_PREFIX": "}{"}, []),
        ({"KEY_PREFIX": "shop{}"}, ["django_ding.W031"]),
        ({"KEY_FUNCTION": f"{__name__}.hashed_key"}, ["django_ding.W031"]),
    ],
)
def test_keys_in_redis_that_a_cluster_scatters_are_a_warning(options, found):
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    assert ids(check_rate_limits, DING={}, CACHES={"default": redis | options}) == found


def test_rate_limits_per_process_are_a_warning():
    assert ids(check_rate_limits, DING={}, CACHES=LOCAL, DEBUG=False) == ["django_ding.W002"]
    assert ids(check_rate_limits, DING={}, CACHES=LOCAL, DEBUG=True) == []
    assert ids(check_rate_limits, DING={"RATE_LIMITS": {}}, CACHES=LOCAL, DEBUG=False) == ["django_ding.W002"]
    assert ids(check_rate_limits, DING={"RATE_LIMITS": {}, "MIN_CONVERSION": ""}, CACHES=LOCAL, DEBUG=False) == []
    assert ids(check_rate_limits, DING={"RATE_LIMIT_CACHE": None}, CACHES=LOCAL, DEBUG=False) == []


# Numbers


def lookup_ids(*paths, **ding):
    backends = {f"backend{index}": {"BACKEND": path} for index, path in enumerate(paths)}
    with override_settings(DING={"BACKENDS": backends, **ding}):
        return [message.id for message in check_lookups(None)]


def test_backend_without_the_required_lookup_is_an_error():
    assert lookup_ids("tests.stubs.Plain", SANDBOX, LOOKUP_BEFORE_SEND=True) == ["django_ding.E006"]
    assert lookup_ids("tests.stubs.Plain", LOOKUP_PURPOSES=["login"]) == ["django_ding.E006"]
    assert lookup_ids(SANDBOX, LOOKUP_BEFORE_SEND=True) == []
    assert lookup_ids("tests.stubs.Plain") == []


def test_unusable_backend_is_reported_once():
    assert lookup_ids("nowhere.Backend", LOOKUP_BEFORE_SEND=True) == []


def test_lookup_policy_that_is_never_asked_is_a_warning():
    policy = {"LOOKUP_POLICY": "django_ding.guard.porting.not_recently_ported"}
    assert lookup_ids(SANDBOX, **policy) == ["django_ding.W008"]
    assert lookup_ids(SANDBOX, **policy, LOOKUP_PURPOSES=["login"]) == []
    assert lookup_ids(SANDBOX, **policy, LOOKUP_BEFORE_SEND=True) == []


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        (SMS, {"gateway": CONSOLE, "code_length": 4}, ["django_ding.W007"]),
        (SMS, {"gateway": CONSOLE, "code_length": 5}, ["django_ding.W007"]),
        (SMS, {"gateway": CONSOLE}, []),
        (PRELUDE, {"api_key": KEY, "code_size": 4}, ["django_ding.W007"]),
        (PRELUDE, {"api_key": KEY, "code_size": 6}, []),
        (PRELUDE, {"api_key": KEY}, []),
        ("tests.acme_verify.backend.AcmeBackend", ACME, ["django_ding.W007"]),
    ],
)
def test_codes_of_few_digits_are_a_warning(path, options, expected):
    assert ids(check_backends, DING=backend(path, **options)) == expected


def test_test_number_with_a_short_code_is_only_a_test_number():
    with override_settings(DING=good_backend() | {"TEST_NUMBERS": {"+12025550123": "1234"}}):
        assert check_backends(None) == []


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


# Functions


@pytest.mark.parametrize("key", ["TOKEN_ISSUER", "REST_EXCEPTION_HANDLER", "USER_FACTORY", "LOOKUP_POLICY"])
@pytest.mark.parametrize("path", ["nowhere.issue", "django_ding.nowhere", "django_ding.conf.ding_settings"])
def test_function_that_does_not_exist_is_an_error(key, path):
    assert ids(check_functions, DING={key: path}) == ["django_ding.E011"]


def test_functions_of_this_app_exist():
    assert ids(check_functions, DING={}) == []


# Webhooks


def webhooks_at(url):
    sandbox = {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}
    return {"WEBHOOK_BASE_URL": url, "BACKENDS": sandbox}


def test_webhooks_that_are_not_mounted_are_an_error():
    unmounted = {"ROOT_URLCONF": "django_ding.api.urls"}
    (message,) = messages(check_webhooks, DING=webhooks_at("https://example.com"), **unmounted)
    assert message.id == "django_ding.E010"
    assert "django_ding.webhooks.urls" in message.msg
    assert ids(check_webhooks, DING={}, **unmounted) == []


def test_webhooks_that_are_mounted_pass():
    assert ids(check_webhooks, DING=webhooks_at("https://example.com")) == []


def test_webhooks_in_a_broken_urlconf_are_left_to_django():
    ding = webhooks_at("https://example.com")
    assert ids(check_webhooks, DING=ding, ROOT_URLCONF="tests.broken_urls") == []


@pytest.mark.parametrize("url", ["http://example.com", "http://10.0.0.1"])
def test_webhooks_by_plain_http_are_a_warning(url):
    assert ids(check_webhooks, DING=webhooks_at(url)) == ["django_ding.W005"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"])
def test_webhooks_by_plain_http_on_this_machine_pass(url):
    assert ids(check_webhooks, DING=webhooks_at(url)) == []


# Transactions


@pytest.fixture
def atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


def test_views_that_lost_their_exemption_are_errors(atomic_requests):
    found = messages(check_transactions, ROOT_URLCONF="tests.unmarked_urls")
    assert [message.id for message in found] == ["django_ding.E008"] * 5
    assert [re.match(r"(\w+) at '(\S*)' ", message.msg).groups() for message in found] == [
        ("CheckView", "opaque/"),
        ("RetryView", "twice/"),
        ("SendView", "partial/"),
        ("Careless", "^(?P<language>..)/inner/careless/"),
        ("OwnView", "^(?P<language>..)/inner/own/"),
    ]


def test_views_that_lost_their_exemption_do_no_harm_without_atomic_requests():
    assert ids(check_transactions, ROOT_URLCONF="tests.unmarked_urls") == []


def test_views_with_their_exemption_pass(atomic_requests):
    assert ids(check_transactions) == []


@pytest.mark.parametrize("urlconf", ["", None, "tests.nowhere", "tests.settings", "tests.broken_urls"])
def test_broken_urlconf_is_left_to_django(atomic_requests, urlconf):
    assert ids(check_transactions, ROOT_URLCONF=urlconf) == []


def test_no_urlconf_at_all(atomic_requests, settings):
    del settings.ROOT_URLCONF
    assert check_transactions(None) == []


def test_database_without_autocommit_is_an_error(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "AUTOCOMMIT", False)
    assert ids(check_transactions) == ["django_ding.E009"]


class RevisionMiddleware:
    """Like django-reversion's."""

    atomic = True
    using = None


class NonAtomicRevisionMiddleware(RevisionMiddleware):
    atomic = False


class OtherRevisionMiddleware(RevisionMiddleware):
    using = "other"


def test_middleware_that_opens_a_transaction_is_an_error():
    path = f"{__name__}.RevisionMiddleware"
    (message,) = messages(check_transactions, MIDDLEWARE=[path])
    assert message.id == "django_ding.E030"
    assert path in message.msg


@pytest.mark.parametrize("name", ["NonAtomicRevisionMiddleware", "OtherRevisionMiddleware", "Missing"])
def test_middleware_that_opens_none_here_passes(name):
    middleware = ["django.contrib.messages.middleware.MessageMiddleware", f"{__name__}.{name}"]
    assert ids(check_transactions, MIDDLEWARE=middleware) == []


# All of them


def test_checks_are_registered():
    ding = good_backend(base_url="http://ding.example")
    ding |= {"TEST_NUMBERS": {"+12025550123": "987654"}, "TOKEN_ISSUER": "nowhere.issue"}
    ding |= {"WEBHOOK_BASE_URL": "http://ding.example"}
    with override_settings(DING=ding, CACHES=LOCAL, DEBUG=False):
        found = {message.id for message in run_checks(tags=["security"])}
    warnings = {f"django_ding.W00{number}" for number in (2, 3, 4, 5)}
    assert warnings | {"django_ding.E011"} <= found


@pytest.mark.parametrize("ding", [good_backend(customer_uuid="one"), good_backend() | {"MAX_CHECK": 1}])
def test_output_shows_no_key(ding):
    with override_settings(DING=ding), pytest.raises(SystemCheckError) as raised:
        call_command("check", tags=["security"])
    assert KEY not in str(raised.value)
