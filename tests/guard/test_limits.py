import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.conf import DEFAULT_CONVERSION
from django_ding.guard.rates import Scope
from django_ding.guard.rules import Rule, parse


def rule(percent, sends, seconds=3600, scope=Scope.PREFIX):
    return Rule(percent=percent, sends=sends, seconds=seconds, scope=scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20%/20/d/prefix", rule(20, 20, 86_400)),
        ("1%/1/h/country", rule(1, 1, 3600, Scope.COUNTRY)),
        ("100%/9999/121s/prefix", rule(100, 9999, 121)),
        ("5%/50/3m/prefix", rule(5, 50, 180)),
    ],
)
def test_parse_rule(text, expected):
    assert parse(text) == (expected,)


def test_parse_several():
    assert parse(DEFAULT_CONVERSION) == (rule(20, 20, 86_400), rule(10, 100, 3600, Scope.COUNTRY))


@pytest.mark.parametrize("text", ["", " ", ","])
def test_parse_nothing(text):
    assert parse(text) == ()


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
def test_parse_unreadable_rule_is_named(text):
    with pytest.raises(ImproperlyConfigured, match="can't be read") as caught:
        parse(f"10%/9/h/country, {text}")
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("sends", "expected"),
    [(1, [1, 2, 3, 4]), (7, [1, 2, 3, 4]), (8, [2, 4]), (12, [3]), (20, [])],
)
def test_rule_is_due_each_quarter_of_its_sample(sends, expected):
    assert [count for count in range(1, 5) if rule(20, sends).is_due(count)] == expected


@pytest.mark.parametrize(
    ("percent", "sends", "validated", "broken"),
    [
        (20, 20, 4, False),
        (20, 20, 3, True),
        (100, 3, 3, False),
        (100, 3, 2, True),
        (1, 20, 0, True),
        (1, 20, 1, False),
        (33, 3, 1, False),
        (34, 3, 1, True),
    ],
)
def test_rule_is_broken_below_its_share_only(percent, sends, validated, broken):
    assert rule(percent, sends).is_broken(validated) is broken
