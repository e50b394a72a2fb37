"""A thief has a number ported, or another SIM made for it, and requests the code of its owner's login."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from django.core.cache import caches
from django.utils import timezone

from django_ding.backends.types import LineType, LookupResponse
from django_ding.exceptions import InputError
from django_ding.models import Authentication, Refusal
from django_ding.services import send
from tests.stubs import Plain, using

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

NUMBER = "+12025550100"
POLICY = "django_ding.guard.porting.not_recently_ported"
DAY = 86_400
HOME = LookupResponse(line_type=LineType.MOBILE, number_ported=False, mcc="310", mnc="26", caller_name="Alice")
PORTED = replace(HOME, number_ported=True, mnc="41")


class Knowing(Plain):
    """Answers lookups with ``known``, and keeps the numbers that it was asked about."""

    supports_lookup = True
    known: ClassVar[LookupResponse] = HOME
    asked: ClassVar[list[str]] = []

    def lookup(self, phone_number, *, caller_name=False):
        self.asked.append(phone_number)
        return self.known


@pytest.fixture(autouse=True)
def provider(clock, monkeypatch):
    monkeypatch.setattr(Knowing, "asked", [])
    with using(Knowing, LOOKUP_PURPOSES=["login", "second_factor"], LOOKUP_POLICY=POLICY):
        yield Knowing


def knows(monkeypatch, lookup):
    monkeypatch.setattr(Knowing, "known", lookup)


def refusal(purpose="login"):
    try:
        send(NUMBER, purpose=purpose)
    except InputError as error:
        return error.code
    return None


@pytest.mark.parametrize("purpose", ["login", "second_factor"])
def test_port_between_two_logins_is_noticed(clock, monkeypatch, purpose):
    assert refusal(purpose) is None
    clock.shift(20 * DAY)
    knows(monkeypatch, PORTED)
    assert refusal(purpose) == "untrusted_number"
    clock.shift(29 * DAY)
    assert refusal(purpose) == "untrusted_number"
    clock.shift(2 * DAY)
    assert refusal(purpose) is None
    assert Refusal.objects.filter(reason="untrusted_number").count() == 2


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (PORTED, replace(PORTED, mnc="12"), "untrusted_number"),  # To yet another network.
        (PORTED, HOME, "untrusted_number"),  # Back to the first.
        (PORTED, PORTED, None),
        (HOME, replace(HOME, mnc="12"), None),  # The network has another name.
        (PORTED, replace(PORTED, mnc=None), None),
        (replace(HOME, number_ported=None), PORTED, None),
        (HOME, replace(HOME, ported_at=timezone.now() - timedelta(days=9999)), None),
    ],
)
def test_what_is_a_port(clock, monkeypatch, before, after, code):
    knows(monkeypatch, before)
    assert refusal() is None
    clock.shift(2 * DAY)
    knows(monkeypatch, after)
    assert refusal() == code
    clock.shift(60)
    assert refusal() == code, "The cached answer decides the same."


@pytest.mark.parametrize(("days", "code"), [(29, "untrusted_number"), (31, None)])
def test_date_of_the_provider_decides(monkeypatch, days, code):
    knows(monkeypatch, replace(PORTED, ported_at=timezone.now() - timedelta(days=days)))
    assert refusal() == code


def test_number_that_was_ported_at_some_time_is_no_suspect(monkeypatch):
    knows(monkeypatch, PORTED)
    assert refusal() is None


def test_voip_number_gets_no_login_code(monkeypatch):
    knows(monkeypatch, replace(HOME, line_type=LineType.VOIP))
    assert refusal() == "invalid_line"


def test_other_purposes_are_not_looked_up(monkeypatch, provider):
    knows(monkeypatch, replace(PORTED, ported_at=timezone.now()))
    assert refusal("signup") is None
    assert provider.asked == []


def test_policy_is_asked_for_every_purpose_that_is_looked_up(monkeypatch, provider):
    knows(monkeypatch, replace(PORTED, ported_at=timezone.now()))
    with using(Knowing, LOOKUP_BEFORE_SEND=True, LOOKUP_POLICY=POLICY):
        assert [refusal("signup"), refusal("login")] == [None, "untrusted_number"]
    assert provider.asked == [NUMBER]


def only_home(lookup, purpose):
    assert (lookup.phone_number, lookup.caller_name, purpose) == (NUMBER, None, "login")
    return lookup.number_ported is False


@pytest.mark.parametrize(("known", "code"), [(HOME, None), (PORTED, "untrusted_number")])
def test_projects_policy_knows_what_the_lookup_told(monkeypatch, known, code):
    knows(monkeypatch, replace(known, caller_name=None))  # The name has to be asked for.
    with using(Knowing, LOOKUP_PURPOSES=["login"], LOOKUP_POLICY=f"{__name__}.only_home"):
        assert refusal() == code
        Authentication.objects.all().delete()
        assert refusal() == code


def test_cache_holds_nothing_personal():
    refusal()
    assert not any(text in str(caches["default"]._cache) for text in (NUMBER[1:], "Alice"))


def test_without_a_policy_nothing_has_changed(clock, monkeypatch):
    with using(Knowing, LOOKUP_BEFORE_SEND=True):
        assert refusal() is None
        clock.shift(2 * DAY)
        knows(monkeypatch, replace(PORTED, ported_at=timezone.now()))
        assert refusal() is None
