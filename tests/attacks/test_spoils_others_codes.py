"""A stranger knows a number, and wants its owner's codes to be refused.

A provider that keeps one window per number takes a code for whoever asks about the number. So this app lets one request
enter it, and the stranger wants that to be theirs.
"""

import pytest

from django_ding.models import PhoneNumber
from django_ding.services import check, send
from django_ding.testing import outbox, sandbox
from tests.stubs import OneCode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters", "clock")]


@pytest.fixture(autouse=True)
def one_window():
    with sandbox(BACKENDS={"default": {"BACKEND": "tests.stubs.OneWindow"}}, RATE_LIMITS={}, MIN_CONVERSION=""):
        yield


@pytest.fixture
def owner(user, phone):
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    return user


def status(authentication):
    return check(authentication, OneCode.CODE).status.value


@pytest.mark.parametrize("purpose", ["second_factor", "signup", "login", "link"])
def test_account_of_a_stranger_does_not_end_a_second_factor(clock, owner, other_user, phone, purpose):
    """Whoever has a session can request a code for any number and purpose."""
    second_factor = send(phone, purpose="second_factor", user=owner).authentication
    clock.shift(31)
    send(phone, purpose=purpose, user=other_user)
    assert status(second_factor) == "valid"


@pytest.mark.parametrize("purpose", ["second_factor", "signup", "login", "link"])
def test_account_of_a_stranger_does_not_end_later_logins(clock, owner, other_user, phone, purpose):
    """A number that is not theirs gives them no precedence."""
    send(phone, purpose=purpose, user=other_user)
    clock.shift(31)
    assert status(send(phone, purpose="login", ip="192.0.2.1").authentication) == "valid"


def test_messages_of_strangers_do_not_use_up_a_second_factor(clock, owner, phone):
    """The provider sends four messages within a window, whoever requested them."""
    prelude = {"default": {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}}
    with sandbox(BACKENDS=prelude, RATE_LIMITS={}, MIN_CONVERSION=""):
        for n in range(4):
            send(phone, purpose="signup", ip=f"192.0.2.{n}")
            clock.shift(31)
        second_factor = send(phone, purpose="second_factor", user=owner).authentication
        assert check(second_factor, outbox.to(phone)[-1].code).status == "valid"
