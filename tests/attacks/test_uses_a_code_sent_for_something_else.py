"""A code that was sent for a sign-up opens somebody else's login of the same number, or the other way around.

A provider that keeps one window per number takes the code of either for both.
"""

import pytest

from django_ding.models import PhoneNumber
from django_ding.services import check, send
from django_ding.testing import sandbox
from tests.stubs import OneCode, OneWindow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters", "clock")]

RIGHT, WRONG = OneCode.CODE, "654321"


@pytest.fixture(autouse=True)
def one_window():
    with sandbox(BACKENDS={"default": {"BACKEND": "tests.stubs.OneWindow"}}, RATE_LIMITS={}, MIN_CONVERSION=""):
        yield


@pytest.fixture
def owner(user, phone):
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    return user


def status(authentication, code=RIGHT):
    return check(authentication, code).status.value


@pytest.mark.parametrize(("first", "second"), [("login", "signup"), ("signup", "login"), ("login", "login")])
def test_code_is_for_the_newest_request_alone(clock, phone, first, second):
    older = send(phone, purpose=first, ip="192.0.2.1").authentication
    clock.shift(31)
    newer = send(phone, purpose=second, ip="192.0.2.2").authentication
    assert status(older) == "expired_auth"
    assert status(newer) == "valid"


def test_code_of_a_stranger_links_no_number(clock, other_user, phone):
    link = send(phone, purpose="link", user=other_user).authentication
    clock.shift(31)
    send(phone, purpose="login", ip="192.0.2.2")
    assert status(link) == "expired_auth"
    assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize("purpose", ["signup", "login"])
def test_stranger_does_not_end_a_second_factor(clock, owner, phone, purpose):
    second_factor = send(phone, purpose="second_factor", user=owner).authentication
    clock.shift(31)
    stranger = send(phone, purpose=purpose, ip="192.0.2.2").authentication
    assert status(stranger) == "expired_auth"
    assert status(second_factor) == "valid"


def test_user_does_not_end_the_second_factor_of_another(clock, owner, other_user, phone):
    """Nor take its place with one to a number that isn't theirs."""
    second_factor = send(phone, purpose="second_factor", user=owner).authentication
    clock.shift(31)
    stranger = send(phone, purpose="second_factor", user=other_user).authentication
    assert status(stranger) == "expired_auth"
    assert status(second_factor) == "valid"


def test_stranger_uses_up_no_check_of_the_owner(clock, owner, phone):
    """The provider counts the checks of a window, whoever they are of."""
    stranger = send(phone, purpose="signup", ip="192.0.2.2").authentication
    clock.shift(31)
    second_factor = send(phone, purpose="second_factor", user=owner).authentication
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneWindow, "check", lambda self, sent, code: pytest.fail("The provider was asked."))
        for _ in range(5):
            assert status(stranger, WRONG) == "expired_auth"
    assert status(second_factor) == "valid"


def test_number_that_was_verified_is_nobody_elses(clock, phone):
    login = send(phone, purpose="login", ip="192.0.2.1").authentication
    assert status(login) == "valid"
    clock.shift(31)
    assert status(send(phone, purpose="signup", ip="192.0.2.2").authentication) == "valid"
