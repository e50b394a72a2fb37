"""Accounts for new numbers: what a factory may do, and what happens when it fails."""

import logging

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import OperationalError

from django_ding.exceptions import AccountNotCreated, NoAccount
from django_ding.models import PhoneNumber
from django_ding.services import check, create_user, redeem_login, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

User = get_user_model()
calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


@pytest.fixture
def newcomer(phone):
    """Log in with an unknown number, whose user a function of this module creates."""

    def newcomer(factory, **ding):
        path = factory if isinstance(factory, str) else f"{__name__}.{factory.__name__}"
        with sandbox(LOGIN_CREATES_USER=True, USER_FACTORY=path, **ding) as outbox:
            authentication = send(phone, purpose="login").authentication
            check(authentication, outbox[-1].code)
            return redeem_login(authentication)

    return newcomer


def create_twin(authentication):
    calls.append(authentication)
    return User.objects.create_user("alice")


def create_none(authentication):
    calls.append(authentication)


def create_unsaved(authentication):
    calls.append(authentication)
    return User(username="unsaved")


def create_in_a_deadlock(authentication):
    calls.append(authentication)
    raise OperationalError(f"deadlock about {authentication.phone_number}")


def refuse(authentication):
    calls.append(authentication)
    raise PermissionDenied


def refuse_politely(authentication):
    calls.append(authentication)
    raise NoAccount


def find(authentication):
    return User.objects.get(username="alice")


@pytest.mark.parametrize("factory", [create_twin, create_none, create_unsaved, create_in_a_deadlock])
def test_failure_is_logged_once_and_the_factory_called_once(newcomer, user, phone, factory, caplog):
    with pytest.raises(AccountNotCreated) as raised:
        newcomer(factory)
    assert str(raised.value) == "We couldn't create your account. Contact support."
    assert len(calls) == 1
    [record] = [record for record in caplog.records if record.ding_event == "sign_up_failed"]
    assert record.levelno == logging.ERROR
    assert type(raised.value.__cause__).__name__ in logging.Formatter().format(record)
    assert phone not in logging.Formatter().format(record)
    assert list(User.objects.all()) == [user]
    assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize(("factory", "error"), [(refuse, PermissionDenied), (refuse_politely, NoAccount)])
def test_factory_may_refuse(newcomer, factory, error, caplog):
    with pytest.raises(error):
        newcomer(factory)
    assert len(calls) == 1
    assert "sign_up_failed" not in [record.ding_event for record in caplog.records]


def test_factory_may_find_a_user(newcomer, user, phone):
    user.ding_phone_numbers.create(phone_number="+12025550101", is_primary=True)
    assert newcomer(find) == user
    assert not user.ding_phone_numbers.get(phone_number=phone).is_primary


def test_number_becomes_the_name(newcomer, phone):
    user = newcomer("django_ding.services.create_user_with_number")
    assert user.username == phone
    assert not user.has_usable_password()


def test_number_goes_into_a_field(newcomer, phone):
    user = newcomer("django_ding.services.create_user_with_number", USER_PHONE_FIELD="last_name")
    assert user.last_name == phone
    assert user.username.startswith("user-")


def test_number_that_is_another_users_name_is_not_their_account(newcomer, phone):
    """Whoever registered with a number that is not theirs would share the account of its owner."""
    User.objects.create_user(phone, password="theirs")
    with pytest.raises(AccountNotCreated):
        newcomer("django_ding.services.create_user_with_number")


def test_create_user_does_not_make_up_a_number(monkeypatch, phone, user):
    monkeypatch.setattr(User, "USERNAME_FIELD", "phone")
    monkeypatch.setattr(User, "phone", None, raising=False)
    field = User._meta.get_field("username")
    monkeypatch.setattr(field, "name", "phone")
    monkeypatch.setattr(User._meta, "get_field", lambda name: field)
    with pytest.raises(ImproperlyConfigured, match="phone, is a phone number"):
        create_user(None)
