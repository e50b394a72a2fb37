import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.conf import DEFAULT_MIN_CONVERSION, DEFAULT_RATE_LIMITS
from django_ding.guard.limits import ConversionRule, Rate, Scope, parse_conversion, parse_rates

# Rates


@pytest.mark.parametrize(
    ("text", "limit", "seconds", "scope"),
    [
        ("5/h/phone", 5, 3600, Scope.PHONE),
        ("1/30s/phone", 1, 30, Scope.PHONE),
        ("20/10m/ip", 20, 600, Scope.IP),
        ("10/d/user", 10, 86_400, Scope.USER),
        ("60/2h/prefix", 60, 7200, Scope.PREFIX),
        ("0/s/country", 0, 1, Scope.COUNTRY),
        ("10000/d/all", 10_000, 86_400, Scope.ALL),
    ],
)
def test_parse_rate(text, limit, seconds, scope):
    assert parse_rates(text) == (Rate(limit=limit, seconds=seconds, scope=scope),)


def test_parse_several_rates():
    assert [rate.scope for rate in parse_rates(DEFAULT_RATE_LIMITS)] == [
        "phone",
        "phone",
        "user",
        "ip",
        "prefix",
        "country",
        "all",
    ]


@pytest.mark.parametrize("text", ["", " ", ","])
def test_parse_no_rate(text):
    assert parse_rates(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "5/h",
        "5/phone",
        "h/phone",
        "-1/h/phone",
        "5/h/planet",
        "5/0s/phone",
        "5/w/phone",
        "٥/h/phone",
        "5/h/phone;",
    ],
)
def test_parse_invalid_rate_names_it(text):
    with pytest.raises(ImproperlyConfigured, match="isn't a rate") as caught:
        parse_rates(f"1/h/all, {text}")
    assert repr(text) in str(caught.value)


# Conversion rules


def rule(percent, sends, seconds=3600, scope=Scope.PREFIX):
    return ConversionRule(percent=percent, sends=sends, seconds=seconds, scope=scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20%/20/d/prefix", rule(20, 20, 86_400)),
        ("1%/1/h/country", rule(1, 1, 3600, Scope.COUNTRY)),
        ("100%/9999/121s/prefix", rule(100, 9999, 121)),
        ("5%/50/3m/prefix", rule(5, 50, 180)),
    ],
)
def test_parse_conversion(text, expected):
    assert parse_conversion(text) == (expected,)


def test_parse_several_rules():
    assert parse_conversion(DEFAULT_MIN_CONVERSION) == (rule(20, 20, 86_400), rule(10, 100, 3600, Scope.COUNTRY))


@pytest.mark.parametrize("text", ["", " ", ","])
def test_parse_no_rule(text):
    assert parse_conversion(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "20",
        "20%",
        "20/20/d/prefix",
        "20%/d/prefix",
        "20%/20/prefix",
        "20%/20/d/phone",
        "20%/20/d/all",
        "0%/20/d/prefix",
        "101%/20/d/prefix",
        "20%/0/d/prefix",
        "20%/10000/d/prefix",
        "20%/20/w/prefix",
        "20%/20/120s/prefix",
        "20%/20/2m/prefix",
        "٢٠%/20/d/prefix",
        "-20%/20/d/prefix",
        "20%/20/d/prefix;",
    ],
)
def test_parse_invalid_rule_names_it(text):
    with pytest.raises(ImproperlyConfigured, match="isn't a minimum conversion") as caught:
        parse_conversion(f"10%/9/h/country, {text}")
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("sends", "expected"),
    [(1, [1, 2, 3, 4]), (7, [1, 2, 3, 4]), (8, [2, 4]), (12, [3]), (20, [])],
)
def test_rule_is_due_each_quarter_of_its_sample(sends, expected):
    assert [count for count in range(1, 5) if rule(20, sends).is_due(count)] == expected


@pytest.mark.parametrize(
    ("percent", "sends", "required"),
    [(20, 20, 4), (10, 100, 10), (100, 3, 3), (1, 20, 1), (33, 3, 1), (34, 3, 2), (29, 100, 29), (100, 9999, 9999)],
)
def test_rule_requires_the_least_number_of_codes_that_is_not_below_its_share(percent, sends, required):
    assert rule(percent, sends).required == required
