from uuid import uuid4

import pytest
from django.core import signing

from django_ding.models import PhoneNumber, RememberedDevice
from django_ding.services import (
    find_device,
    forget_device,
    forget_devices,
    get_devices,
    is_remembered_device,
    remember_device,
    remove_number,
)
from django_ding.signals import device_remembered
from django_ding.testing import sandbox
from tests.helpers import Statements, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def text(user):
    """What Alice's device keeps."""
    return remember_device(user, name="Firefox")


def test_device_is_remembered(user, text):
    assert is_remembered_device(user, text)
    assert str(RememberedDevice.objects.get()) == "Firefox"


def test_device_is_remembered_with_one_statement(user, text):
    with Statements() as statements:
        is_remembered_device(user, text)
    assert len(statements) == 1


def test_device_of_another_user_is_not(user, other_user, text):
    assert not is_remembered_device(other_user, text)
    other_user.password = user.password  # As where passwords are kept elsewhere.
    assert not is_remembered_device(other_user, text)


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "\x00", "é" * 1000])
def test_device_forged_costs_no_statement(user, text, forged):
    with Statements() as statements:
        assert not is_remembered_device(user, forged)
        assert not is_remembered_device(user, text[:-1])
    assert not statements


def test_device_signed_for_something_else_is_not_remembered(user, text):
    assert not is_remembered_device(user, signing.dumps(signing.loads(text, salt="django_ding.device"), salt="else"))


def test_device_for_thirty_days(clock, user):
    text = remember_device(user)
    clock.shift(30 * 86400 - 1)
    assert is_remembered_device(user, text)
    clock.shift(1)
    assert not is_remembered_device(user, text)


def test_device_days_are_a_setting(clock, user):
    text = remember_device(user)
    clock.shift(86401)
    with sandbox(REMEMBER_DEVICE_DAYS=1):
        assert not is_remembered_device(user, text)


def test_device_never(user):
    with sandbox(REMEMBER_DEVICE_DAYS=0):
        assert not is_remembered_device(user, remember_device(user))


def test_device_after_a_new_password(user, text):
    user.set_password("another")
    user.save()
    assert not is_remembered_device(user, text)


def test_device_after_a_new_secret_key(user, text, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new"
    assert is_remembered_device(user, text)


def test_device_key_is_not_kept(text):
    key = signing.loads(text, salt="django_ding.device")
    assert key not in str(RememberedDevice.objects.values().get())


def test_device_name_is_made_fit(user):
    remember_device(user, name="\x00" + "x" * 200)
    assert RememberedDevice.objects.get().name == "x" * 100


def test_forget_devices_forgets_all_of_one_user(user, other_user, text):
    remember_device(user)
    theirs = remember_device(other_user)
    assert forget_devices(user) == 2
    assert not is_remembered_device(user, text)
    assert is_remembered_device(other_user, theirs)


def test_remember_device_deletes_expired_ones(clock, user):
    remember_device(user)
    clock.shift(30 * 86400)
    remember_device(user)
    assert RememberedDevice.objects.count() == 1


def test_devices_are_forgotten_with_a_number(user, other_user, phone, text):
    theirs = remember_device(other_user)
    remove_number(PhoneNumber.objects.create(user=user, phone_number=phone))
    assert not is_remembered_device(user, text)
    assert is_remembered_device(other_user, theirs)


def test_device_of_a_number_that_is_there(user, phone):
    number = PhoneNumber.objects.create(user=user, phone_number=phone)
    assert is_remembered_device(user, remember_device(user, number=str(number.public_id)))


def test_device_of_a_number_that_was_removed_is_not_remembered(user, other_user, phone):
    theirs = PhoneNumber.objects.create(user=other_user, phone_number=phone)
    for gone in (uuid4(), theirs.public_id):
        with pytest.raises(PhoneNumber.DoesNotExist):
            remember_device(user, number=gone)
    assert not RememberedDevice.objects.exists()


def test_device_sends_a_signal(user, django_capture_on_commit_callbacks):
    with received(device_remembered) as heard, django_capture_on_commit_callbacks(execute=True):
        remember_device(user)
    assert [(each["sender"], each["device"].user) for each in heard] == [(RememberedDevice, user)]


def test_devices_are_listed_the_newest_first(clock, user, other_user, text):
    clock.shift(86400)
    remember_device(other_user)
    newest = find_device(user, remember_device(user, name="Safari"))
    assert [device.name for device in get_devices(user)] == ["Safari", "Firefox"]
    clock.shift(29 * 86400)
    assert list(get_devices(user)) == [newest]


def test_device_forgotten_leaves_the_others(user, text):
    other = remember_device(user)
    device = find_device(user, text)
    forget_device(device)
    forget_device(device)
    assert not is_remembered_device(user, text)
    assert is_remembered_device(user, other)
