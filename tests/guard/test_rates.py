import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.conf import DEFAULT_RATES
from django_ding.guard.rates import Rate, Scope, parse


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
    assert parse(text) == (Rate(limit=limit, seconds=seconds, scope=scope),)


def test_parse_several():
    assert [rate.scope for rate in parse(DEFAULT_RATES)] == ["phone", "phone", "user", "ip", "prefix", "country", "all"]


@pytest.mark.parametrize("text", ["", " ", ","])
def test_parse_nothing(text):
    assert parse(text) == ()


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
def test_parse_unreadable_rate_is_named(text):
    with pytest.raises(ImproperlyConfigured, match="can't be read") as caught:
        parse(f"1/h/all, {text}")
    assert repr(text) in str(caught.value)
