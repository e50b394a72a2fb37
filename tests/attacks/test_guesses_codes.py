"""A stranger guesses codes day after day: no more than 100 in a row (NIST SP 800-63B-4, 3.2.2)."""

import pytest
from django.core.cache import cache

from django_ding.conf import DEFAULT_CHECK_LIMITS, DEFAULT_RATE_LIMITS, ding_settings
from django_ding.exceptions import BackendUnavailable, LockedOut, RateLimited
from django_ding.guard.limits import parse_check_limits, parse_rates
from django_ding.models import Authentication, Lockout, PhoneNumber
from django_ding.services import check, lift_lockout, send
from django_ding.signals import locked_out
from django_ding.testing import sandbox
from tests.helpers import REDIS_IS_DOWN, Statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

RIGHT, WRONG = "123456", "654321"


@pytest.fixture(autouse=True)
def limits(clock):
    """Seven wrong codes in a row, at most."""
    with having("1/30s/phone,5/h/phone"):
        yield


def having(send, check="7/phone,7/user", **ding):
    """Have these limits, and one code for everybody."""
    one_code = {"default": {"BACKEND": "tests.stubs.OneCode"}}
    return sandbox(BACKENDS=one_code, RATE_LIMITS={"send": send, "check": check}, MIN_CONVERSION="", **ding)


@pytest.fixture
def owner(user, phone):
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    return user


@pytest.fixture
def guess(clock, phone):
    """Return a function that enters wrong codes as fast as the rates let it, until none is accepted any more."""

    def guess(*, tries=100, **request):
        checked = 0
        for _ in range(tries):
            clock.shift(15 * 60)
            try:
                authentication = send(phone, **request).authentication
                for _ in range(ding_settings.MAX_CHECKS):
                    check(authentication, WRONG)
                    checked += 1
            except LockedOut:
                return checked
            except RateLimited:
                continue
        return checked

    return guess


REQUESTS = {
    "sign-up": {"purpose": "signup"},
    "login": {"purpose": "login"},
    "link": {"purpose": "link"},
    "second factor": {"purpose": "second_factor"},
}


LOCKOUTS = {
    "sign-up": [("phone", None, 7)],
    "login": [("phone", None, 7)],
    "link": [("phone", None, 7), ("user", "bob", 7)],
    "second factor": [("user", "alice", 7)],
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_guesses_end(guess, owner, other_user, phone, kind):
    of_user = {"link": other_user, "second factor": owner}
    assert guess(user=of_user.get(kind), **REQUESTS[kind]) == 7
    found = Lockout.objects.values_list("scope", "user__username", "wrong_codes")
    assert sorted(found) == LOCKOUTS[kind]
    with pytest.raises(LockedOut):
        send(phone, user=of_user.get(kind), **REQUESTS[kind])


@pytest.mark.parametrize("purpose", ["link", "reset"])
def test_guesses_of_many_users_at_one_number_end(guess, django_user_model, purpose):
    """None of them has entered seven wrong codes."""
    crowd = django_user_model.objects.bulk_create(django_user_model(username=f"mallory-{n}") for n in range(3))
    with having("1/30s/phone,1/9d/user", MAX_CHECKS=3):
        assert [guess(user=mallory, purpose=purpose, tries=1) for mallory in crowd] == [3, 3, 1]


def test_the_last_guess_says_so(phone):
    authentication = send(phone, purpose="login").authentication
    with having("9/h/phone", check="3/phone"):
        results = [check(authentication, WRONG) for _ in range(3)]
        assert [result.is_locked_out for result in results] == [False, False, True]
        assert [result.remaining_checks for result in results] == [4, 3, 0]
        with pytest.raises(LockedOut) as caught:
            check(authentication, RIGHT)
    assert caught.value.scope == "phone"


def test_guesses_at_a_login_lock_nothing_else(guess, owner, phone):
    guess(purpose="login")
    assert check(send(phone, purpose="signup").authentication, RIGHT).status == "valid"
    assert check(send(phone, purpose="second_factor", user=owner).authentication, RIGHT).status == "valid"


def test_live_code_is_locked_as_well(guess, clock, phone):
    first = send(phone, purpose="login", ip="192.0.2.9").authentication
    for _ in range(5):
        check(first, WRONG)
    second = send_later(clock, phone, "192.0.2.8")
    third = send_later(clock, phone, "192.0.2.7")
    for _ in range(2):
        check(second, WRONG)
    for authentication in (second, third):
        with pytest.raises(LockedOut):
            check(authentication, RIGHT)
    assert third.check_count == 0


def send_later(clock, phone, ip):
    clock.shift(31)
    return send(phone, purpose="login", ip=ip).authentication


def test_right_code_ends_a_row(clock, phone):
    for _ in range(3):
        clock.shift(15 * 60)
        authentication = send(phone, purpose="login").authentication
        for _ in range(4):
            check(authentication, WRONG)
        assert check(authentication, RIGHT).status == "valid"
    assert not Lockout.objects.exists()


@pytest.mark.parametrize("kind", ["login", "second factor"])
def test_right_codes_of_another_number_and_user_end_none(guess, clock, owner, other_user, kind):
    """A stranger has a number of their own, and enters the codes to it between two guesses."""
    requests = {"login": {"purpose": "login"}, "second factor": {"purpose": "second_factor", "user": owner}}
    checked = 0
    for _ in range(3):
        checked += guess(tries=1, **requests[kind])
        own = send("+12025550100", user=None if kind == "login" else other_user, purpose=requests[kind]["purpose"])
        assert check(own.authentication, RIGHT).status == "valid"
    assert checked == 7
    assert Lockout.objects.get().scope == ("phone" if kind == "login" else "user")


def test_number_that_is_proven_another_way_is_open_again(guess, clock, owner, phone):
    guess(purpose="login")
    clock.shift(60)
    assert check(send(phone, purpose="second_factor", user=owner).authentication, RIGHT).status == "valid"
    clock.shift(60)
    assert check(send(phone, purpose="login").authentication, RIGHT).status == "valid"
    assert Lockout.objects.get().lifted_at is not None


def test_support_lifts_a_lockout(guess, clock, phone):
    guess(purpose="login")
    assert lift_lockout(Lockout.objects.get()) is True
    assert lift_lockout(Lockout.objects.get()) is False
    assert guess(purpose="login") == 7
    assert Lockout.objects.count() == 2


def test_lift_without_counters_changes_nothing(guess, settings):
    guess(purpose="login")
    settings.CACHES = REDIS_IS_DOWN
    with pytest.raises(BackendUnavailable):
        lift_lockout(Lockout.objects.get())
    assert Lockout.objects.get().lifted_at is None


def test_lockout_outlives_the_counters(guess, phone):
    """A store that was emptied lets one more message through, and its code isn't accepted."""
    guess(purpose="login")
    cache.clear()
    authentication = send(phone, purpose="login", ip="192.0.2.9").authentication
    with pytest.raises(LockedOut):
        check(authentication, RIGHT)
    with pytest.raises(LockedOut):
        send(phone, purpose="login", ip="192.0.2.8")


def test_counter_without_a_lockout_is_forgotten(guess, clock, phone):
    guess(purpose="login")
    clock.shift(60)
    Lockout.objects.all().delete()
    Authentication.objects.all().delete()
    assert send(phone, purpose="login", ip="192.0.2.1").is_new
    clock.shift(60)
    with Statements() as statements:
        assert send(phone, purpose="login", ip="192.0.2.2").is_new
    assert not [line for line in statements.sql if "lockout" in line]


def test_lockout_needs_no_counters(guess, settings, phone):
    authentication = send(phone, purpose="login", ip="192.0.2.9").authentication
    Authentication.objects.filter(pk=authentication.pk).update(check_count=4)
    with having("1/30s/phone", check="5/phone"):
        settings.CACHES = REDIS_IS_DOWN
        assert check(authentication, WRONG).status == "invalid"
    assert Lockout.objects.get().wrong_codes == 5


def test_lockout_is_signalled_once(guess, phone):
    heard = []

    def receiver(sender, lockout, **kwargs):
        heard.append((sender, lockout))

    locked_out.connect(receiver)
    guess(purpose="login")
    locked_out.disconnect(receiver)
    assert heard == [(Lockout, Lockout.objects.get())]


def test_no_limit_where_none_is_wanted(guess):
    with having("1/30s/phone", check=""):
        assert guess(purpose="login") == 500


def test_default_allows_no_more_than_a_hundred():
    """With those that the default rates let be under way at once."""
    messages = {rate.scope: rate.limit for rate in parse_rates(DEFAULT_RATE_LIMITS)}  # The last one of each scope.
    limits = parse_check_limits(DEFAULT_CHECK_LIMITS)
    assert {scope: limits[scope] + messages[scope] * 5 for scope in limits} == {"phone": 100, "user": 100}
