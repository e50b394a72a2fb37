import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.views.debug import ExceptionReporter

from django_ding.conf import (
    DEFAULT_CHECK_LIMITS,
    DEFAULT_MIN_CONVERSION,
    DEFAULT_RATE_LIMITS,
    KEYS,
    check_known_keys,
    ding_settings,
)

BACKENDS = {"default": {"BACKEND": "a.b.C", "OPTIONS": {"api_key": "key"}}}

DEFAULTS = {
    "BACKENDS": {},
    "DEFAULT_REGION": None,
    "GUESS_COUNTRY": False,
    "MAX_CHECKS": 5,
    "MAX_RETRIES": 3,
    "RETRY_COOLDOWN": 30,
    "CODE_TIMEOUT": 600,
    "PURPOSES": ("link", "login", "signup", "second_factor"),
    "ANONYMOUS_PURPOSES": ("signup",),
    "WEBHOOK_BASE_URL": None,
    "PROOF_TIMEOUT": 1800,
    "RATE_LIMITS": {"send": DEFAULT_RATE_LIMITS, "check": DEFAULT_CHECK_LIMITS},
    "MIN_CONVERSION": DEFAULT_MIN_CONVERSION,
    "CONVERSION_BLOCK_SECONDS": 3600,
    "RATE_LIMIT_CACHE": "default",
    "DEFAULT_BACKEND": "default",
    "TRUSTED_PROXY_COUNT": 0,
    "ALLOWED_COUNTRIES": None,
    "BLOCKED_COUNTRIES": None,
    "BLOCKED_LINE_TYPES": (
        *("premium_rate", "shared_cost", "toll_free", "pager", "voice_mail", "fixed_line"),
        *("personal_number", "universal_access", "voip"),
    ),
    "CHANNELS": ("sms",),
    "LOOKUP_BEFORE_SEND": False,
    "LOOKUP_PURPOSES": (),
    "LOOKUP_POLICY": None,
    "RECENT_PORT_DAYS": 30,
    "LOOKUP_CACHE_SECONDS": 86_400,
    "CARRIER_NAMES": {},
    "TEST_NUMBERS": {},
    "LOGIN_CREATES_USER": False,
    "USER_FACTORY": "django_ding.services.create_user",
    "USER_PHONE_FIELD": None,
    "NUMBER_TAKEOVER_DAYS": None,
    "LAST_NUMBER": "warn",
    "TOKEN_ISSUER": "django_ding.api.tokens.session",
    "REST_EXCEPTION_HANDLER": "django_ding.api.responses.exception_handler",
    "REST_VERSIONING": False,
    "DEVICE_SIGNALS": "django_ding.services.get_device_signals",
    "REMEMBER_DEVICE_DAYS": 30,
    "STEP_UP_MAX_AGE": 900,
    "STEP_UP_CHECK": "django_ding.services.has_stepped_up",
    "STEP_UP_URL": "django_ding_login:step-up",
    "RETENTION_DAYS": {
        "authentications": None,
        "blocks": None,
        "lockouts": None,
        "recovery_codes": None,
        "refusals": None,
    },
    "SANDBOX": {},
    "RELEASE_CONNECTIONS": False,
}
OTHERS = {
    "BACKENDS": BACKENDS,
    "DEFAULT_REGION": "GB",
    "GUESS_COUNTRY": True,
    "MAX_CHECKS": 1,
    "MAX_RETRIES": 0,
    "RETRY_COOLDOWN": 0,
    "CODE_TIMEOUT": 60,
    "PURPOSES": ("payment",),
    "ANONYMOUS_PURPOSES": (),
    "WEBHOOK_BASE_URL": "https://example.com/shop",
    "PROOF_TIMEOUT": 1,
    "RATE_LIMITS": {"send": "1/s/all", "check": "9/phone"},
    "MIN_CONVERSION": "",
    "CONVERSION_BLOCK_SECONDS": 60,
    "RATE_LIMIT_CACHE": None,
    "DEFAULT_BACKEND": "prelude",
    "TRUSTED_PROXY_COUNT": 1,
    "ALLOWED_COUNTRIES": ("FR",),
    "BLOCKED_COUNTRIES": ("GB", "US", "+881"),
    "BLOCKED_LINE_TYPES": (),
    "CHANNELS": ("whatsapp", "voice"),
    "LOOKUP_BEFORE_SEND": True,
    "LOOKUP_PURPOSES": ("login",),
    "LOOKUP_POLICY": "django_ding.guard.porting.not_recently_ported",
    "RECENT_PORT_DAYS": 7,
    "LOOKUP_CACHE_SECONDS": 1,
    "CARRIER_NAMES": {"20801": "Orange", "310410": "AT&T"},
    "TEST_NUMBERS": {"+12025550100": "424242", "+33612345678": "0017"},
    "LOGIN_CREATES_USER": True,
    "USER_FACTORY": "people.create",
    "USER_PHONE_FIELD": "mobile",
    "NUMBER_TAKEOVER_DAYS": 0,
    "LAST_NUMBER": "keep",
    "TOKEN_ISSUER": "people.token",
    "REST_EXCEPTION_HANDLER": "people.exception_handler",
    "REST_VERSIONING": True,
    "DEVICE_SIGNALS": "people.signals",
    "REMEMBER_DEVICE_DAYS": 0,
    "STEP_UP_MAX_AGE": 0,
    "STEP_UP_CHECK": "people.has_stepped_up",
    "STEP_UP_URL": "account_reauthenticate",
    "RETENTION_DAYS": {"authentications": 90, "blocks": None, "lockouts": 365, "recovery_codes": 365, "refusals": 30},
    "SANDBOX": {"code_length": 4},
    "RELEASE_CONNECTIONS": True,
}


@pytest.fixture(autouse=True)
def nothing_configured():
    with override_settings(DING={}):
        yield


def error_of(value, key=None):
    """Return the only error, which reading the key must raise as well."""
    with override_settings(DING={key: value} if key else value):
        [error] = ding_settings.errors()
        with pytest.raises(ImproperlyConfigured) as raised:
            getattr(ding_settings, key if key in KEYS else "SANDBOX")
    assert str(raised.value) == str(error)
    return str(error)


def test_every_key_is_tested():
    assert set(DEFAULTS) == set(OTHERS) == KEYS


@pytest.mark.parametrize("key", DEFAULTS)
def test_default(key):
    assert getattr(ding_settings, key) == DEFAULTS[key]


@pytest.mark.parametrize("key", OTHERS)
def test_override_and_restore(key):
    with override_settings(DING={key: OTHERS[key]}):
        assert getattr(ding_settings, key) == OTHERS[key]
        assert ding_settings.errors() == []
    assert getattr(ding_settings, key) == DEFAULTS[key]


def test_no_setting_at_all(settings):
    del settings.DING
    assert ding_settings.MAX_CHECKS == 5
    assert ding_settings.errors() == []


def test_every_error_is_found_once():
    wrong = {"MAX_CHECK": 1, "MAX_RETRIES": "3", "DEFAULT_REGION": "FR", "ZZZ": 1, "RATE_LIMIT_CACHE": "nowhere"}
    with override_settings(DING=wrong):
        errors = [str(error) for error in ding_settings.errors()]
    assert all(
        name in text for name, text in zip(("MAX_CHECK", "MAX_RETRIES", "ZZZ", "RATE_LIMIT_CACHE"), errors, strict=True)
    )


def test_anonymous_purposes_may_be_a_list():
    with override_settings(DING={"ANONYMOUS_PURPOSES": ["signup", "guest"]}):
        assert ding_settings.ANONYMOUS_PURPOSES == ("signup", "guest")


@pytest.mark.parametrize("value", [None, [], "BACKENDS"])
def test_setting_must_be_a_dict(value):
    assert error_of(value) == f"DING must be a dict, not {type(value).__name__}."


@pytest.mark.parametrize("key", ["BACKENDS", "RETENTION_DAYS", "SANDBOX"])
def test_key_must_be_a_dict(key):
    assert error_of([], key) == f'DING["{key}"] must be a dict, not list.'


@pytest.mark.parametrize("backend", ["a.b.C", None, {}, {"BACKEND": object}])
def test_backend_must_be_a_dict_with_a_path(backend):
    assert error_of({"a": backend}, "BACKENDS") == (
        'DING["BACKENDS"][\'a\'] must be a dict with "BACKEND", the dotted path of a backend class.'
    )


def test_backend_has_no_other_key():
    assert error_of({"a": {"BACKEND": "a.b.C", "OPTION": {}}}, "BACKENDS") == (
        "DING[\"BACKENDS\"]['a'] has no key 'OPTION'. Did you mean 'OPTIONS'?"
    )


@pytest.mark.parametrize("region", ["UK", "fr", "FRA", "", "001", 33, ["FR"]])
def test_region_must_be_a_country(region):
    assert error_of(region, "DEFAULT_REGION") == (
        'DING["DEFAULT_REGION"] must be the ISO 3166-1 alpha-2 code of a country, such as "FR" or "GB", '
        f"or None, not {region!r}."
    )


@pytest.mark.parametrize("value", [-1, 1.5, "5", True, None])
@pytest.mark.parametrize(
    ("key", "least"),
    [
        ("MAX_CHECKS", 1),
        ("MAX_RETRIES", 0),
        ("RETRY_COOLDOWN", 0),
        ("CODE_TIMEOUT", 1),
        ("PROOF_TIMEOUT", 1),
        ("LOOKUP_CACHE_SECONDS", 1),
        ("CONVERSION_BLOCK_SECONDS", 1),
    ],
)
def test_count_must_be_a_whole_number(key, least, value):
    assert error_of(value, key) == f'DING["{key}"] must be a whole number, {least} or more, not {value!r}.'


@pytest.mark.parametrize("key", ["MAX_CHECKS", "CODE_TIMEOUT", "PROOF_TIMEOUT", "LOOKUP_CACHE_SECONDS"])
def test_count_must_not_be_zero(key):
    assert error_of(0, key).startswith(f'DING["{key}"] must be a whole number, 1 or more')


@pytest.mark.parametrize("key", ["PURPOSES", "ANONYMOUS_PURPOSES"])
@pytest.mark.parametrize("value", ["signup", [""], ["x" * 33], ["two words"], ["é"], [7], {"signup"}, 7, None])
def test_purposes_must_be_names(key, value):
    assert error_of(value, key) == (
        f'DING["{key}"] must be a list of names of at most 32 letters, digits, "_" and "-", not {value!r}.'
    )


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("BACKEND", "BACKENDS"),
        ("backends", "BACKENDS"),
        ("DEFAULT_REGIO", "DEFAULT_REGION"),
        ("MAX_CHECK", "MAX_CHECKS"),
        ("RETRY_COLDOWN", "RETRY_COOLDOWN"),
    ],
)
def test_unknown_key_names_the_nearest(key, nearest):
    assert error_of(1, key) == f"DING has no key {key!r}. Did you mean {nearest!r}?"


def test_unknown_key_far_from_all_lists_them():
    assert error_of(1, "ZZZ") == f"DING has no key 'ZZZ'. Known keys: {', '.join(sorted(KEYS))}."


def test_unknown_key_is_an_error_for_every_key():
    with override_settings(DING={"MAX_CHECK": 1}), pytest.raises(ImproperlyConfigured):
        assert ding_settings.SANDBOX


def test_unknown_key_may_be_anything():
    with pytest.raises(ImproperlyConfigured, match=r"^Here has no key 7\. Known keys: none\.$"):
        check_known_keys([7], [], "Here")


@pytest.mark.parametrize("value", [None, "1/h/phone", {"send": 1}, ["1/h/phone"]])
def test_rate_limits_must_be_a_dict_of_strings(value):
    assert (
        error_of(value, "RATE_LIMITS")
        == 'DING["RATE_LIMITS"] must be a dict such as {"send": "1/30s/phone,5/h/phone"}.'
    )


def test_rate_limits_of_an_unknown_action():
    assert "Did you mean 'send'" in error_of({"sent": "1/h/phone"}, "RATE_LIMITS")


@pytest.mark.parametrize("value", [None, 20, {"send": "20%/20/d/prefix"}])
def test_min_conversion_must_be_a_string(value):
    assert error_of(value, "MIN_CONVERSION") == (
        f'DING["MIN_CONVERSION"] must be a string such as "20%/20/d/prefix", or "" for no minimum, not {value!r}.'
    )


@pytest.mark.parametrize("value", ["elsewhere", "database", 1])
def test_rate_limit_cache_must_exist(value):
    assert (
        error_of(value, "RATE_LIMIT_CACHE")
        == f'DING["RATE_LIMIT_CACHE"] must be a key of CACHES, or None to count in the database, not {value!r}.'
    )


@pytest.mark.parametrize("key", ["ALLOWED_COUNTRIES", "BLOCKED_COUNTRIES"])
@pytest.mark.parametrize("value", ["FR", ["UK"], ["fr"], ["+33"], [1], {"FR"}])
def test_countries_must_exist(key, value):
    expected = 'a list of codes such as ["FR", "GB", "+881"], or None'
    assert error_of(value, key) == f'DING["{key}"] must be {expected}, not {value!r}.'


@pytest.mark.parametrize("key", ["LOGIN_CREATES_USER", "LOOKUP_BEFORE_SEND"])
@pytest.mark.parametrize("value", [1, None, "yes"])
def test_flag_must_be_true_or_false(value, key):
    assert error_of(value, key) == f'DING["{key}"] must be True or False, not {value!r}.'


@pytest.mark.parametrize(
    "value",
    [
        None,
        ["+12025550100"],
        {"+12025550100": 424242},
        {"+12025550100": "424"},
        {"+12025550100": "424242424"},
        {"+12025550100": "42424a"},
        {"+12025550100": "٤٢٤٢٤٢"},
        {"+12025550100": "424242\n"},
        {"12025550100": "424242"},
        {"+1 202 555 0100": "424242"},
        {"+10000000000": "424242"},
        {"": "424242"},
        {12025550100: "424242"},
        {"424242": "+12025550100"},
    ],
)
def test_test_numbers_must_exist_and_have_codes(value):
    assert error_of(value, "TEST_NUMBERS") == (
        'DING["TEST_NUMBERS"] must be a dict such as {"+12025550100": "424242"}: '
        "valid numbers in E.164, each with a code of 4 to 8 digits as a string."
    )


@pytest.mark.parametrize("value", [["20801"], {"208": "Orange"}, {"20801": ""}, {20801: "Orange"}, {"20801": None}])
def test_carrier_names_are_of_networks(value):
    assert error_of(value, "CARRIER_NAMES").startswith(
        'DING["CARRIER_NAMES"] must be a dict such as {"20801": "Orange"}'
    )


def test_test_numbers_are_not_in_an_error_report():
    with override_settings(DING={"TEST_NUMBERS": {"+12025550123": "987654", "x": "1234"}}):
        with pytest.raises(ImproperlyConfigured) as raised:
            ding_settings.TEST_NUMBERS  # noqa: B018
        report = ExceptionReporter(None, raised.type, raised.value, raised.tb)
        variables = repr(
            [frame["vars"] for frame in report.get_traceback_frames() if "/django_ding/" in frame["filename"]]
        )
    assert not any(secret in variables + str(raised.value) for secret in ("5550123", "987654"))


@pytest.mark.parametrize("value", ["voip", ["Voip"], [1]])
def test_line_types_must_exist(value):
    assert error_of(value, "BLOCKED_LINE_TYPES").endswith(f"voice_mail, voip, vpn, not {value!r}.")


@pytest.mark.parametrize(
    "url",
    [
        *("", 5, "example.com", "ftp://example.com", "https://", "https://example.com:0", "https://example.com:99999"),
        *("https://[::1", "https://example.com/?x=1", "https://example.com?", "https://example.com/#", "https://a b"),
        *("https://alice:wonder@example.com", "https://exämple.com", "https://example.com\n", "https://example.com\\"),
    ],
)
def test_webhook_base_url_must_be_one_to_add_a_path_to(url):
    message = error_of(url, "WEBHOOK_BASE_URL")
    assert "WEBHOOK_BASE_URL" in message
    assert "wonder" not in message


def test_webhook_base_url_ends_without_a_slash():
    with override_settings(DING={"WEBHOOK_BASE_URL": "https://example.com/shop/"}):
        assert ding_settings.WEBHOOK_BASE_URL == "https://example.com/shop"


@pytest.mark.parametrize("key", ["USER_FACTORY", "TOKEN_ISSUER"])
@pytest.mark.parametrize("value", ["create", "", None, print])
def test_path_must_be_dotted(key, value):
    assert error_of(value, key) == f'DING["{key}"] must be the dotted path of a function, not {value!r}.'


@pytest.mark.parametrize("value", [-1, "90", True])
def test_takeover_must_be_days(value):
    assert error_of(value, "NUMBER_TAKEOVER_DAYS").startswith(
        'DING["NUMBER_TAKEOVER_DAYS"] must be a whole number, 0 or more'
    )


@pytest.mark.parametrize("days", [0, -1, 1.5, "90", True, 36_501])
def test_retention_must_be_days(days):
    assert error_of({"blocks": days}, "RETENTION_DAYS") == (
        f"DING[\"RETENTION_DAYS\"]['blocks'] must be a whole number of days, 1 to 36500, or None, not {days!r}."
    )


def test_retention_of_an_unknown_key():
    assert "Did you mean 'blocks'?" in error_of({"block": 90}, "RETENTION_DAYS")


def test_retention_has_every_key():
    with override_settings(DING={"RETENTION_DAYS": {"blocks": 1}}):
        assert {**DEFAULTS["RETENTION_DAYS"], "blocks": 1} == ding_settings.RETENTION_DAYS


@pytest.mark.parametrize("value", ["ask", "", None, True, [], {}])
def test_last_number_is_one_of_two_words(value):
    assert error_of(value, "LAST_NUMBER").startswith('DING["LAST_NUMBER"] must be "warn" or "keep"')
