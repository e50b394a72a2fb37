"""A stranger has the provider refuse number after number, which costs the site a call each."""

import pytest

from django_ding.exceptions import BackendUnavailable, DingError, RateLimited
from django_ding.services import retry, send
from django_ding.testing import sandbox, script

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

RATES = {"ip": "5/h/ip", "user": "5/h/user"}
NUMBERS = [f"+336123457{n:02}" for n in range(20)]


def outcomes(numbers, **requester):
    """Return the code of each refusal."""
    codes = []
    for number in numbers:
        with pytest.raises(DingError) as caught:
            send(number, **requester)
        codes.append(caught.value.code)
    return codes


@pytest.mark.parametrize("refusal", ["invalid_phone_number", "negative_balance"])
@pytest.mark.parametrize("scope", RATES)
def test_refused_numbers_are_counted_for_who_tries_them(simulator, user, refusal, scope):
    with sandbox(RATE_LIMITS={"send": RATES[scope]}):
        script("send", *[refusal] * 20)
        seen = outcomes(NUMBERS, ip="192.0.2.1", user=user if scope == "user" else None)
    assert seen == [refusal] * 5 + ["rate_limited"] * 15
    assert simulator.calls["send"] == 5


def test_refused_lookups_are_counted_for_who_tries_them(simulator):
    with sandbox(RATE_LIMITS={"send": "5/h/ip"}, LOOKUP_BEFORE_SEND=True):
        script("lookup", *["invalid_phone_number"] * 20)
        seen = outcomes(NUMBERS, ip="192.0.2.1")
    assert seen == ["invalid_phone_number"] * 5 + ["rate_limited"] * 15
    assert simulator.calls["lookup"] == 5


def test_refused_retries_are_counted_for_who_tries_them(simulator, clock, phone):
    with sandbox(RATE_LIMITS={"send": "5/h/ip"}):
        script("retry", *["negative_balance"] * 20)
        authentication = send(phone, ip="192.0.2.1").authentication
        for _ in range(10):
            clock.shift(31)
            with pytest.raises(DingError):
                retry(authentication)
    assert simulator.calls["retry"] == 4


def test_refused_number_is_not_counted_for_itself(phone):
    """Its owner is not to be locked out by what was never sent."""
    with sandbox(RATE_LIMITS={"send": "1/h/phone,1/h/prefix,1/h/country,1/h/all"}):
        script("send", *["negative_balance"] * 3)
        assert outcomes([phone] * 3, ip="192.0.2.1") == ["negative_balance"] * 3
        assert send(phone).is_new


def test_unreached_provider_counts_for_nobody(phone):
    nowhere = {
        "api_key": "key",
        "customer_uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
        "base_url": "http://127.0.0.1:1",
    }
    backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": nowhere}
    with sandbox(BACKENDS={"default": backend}, RATE_LIMITS={"send": "1/h/ip"}):
        for _ in range(3):
            with pytest.raises(BackendUnavailable):
                send(phone, ip="192.0.2.1")
    with sandbox(RATE_LIMITS={"send": "1/h/ip"}):
        assert send(phone, ip="192.0.2.1").is_new
        with pytest.raises(RateLimited):
            send("+33612345799", ip="192.0.2.1")
