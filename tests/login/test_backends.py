import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import aauthenticate, authenticate
from django.db import connections

from django_ding.models import PhoneNumber
from django_ding.services import check, send

pytestmark = pytest.mark.django_db

PATH = "django_ding.login.backends.PhoneBackend"


@pytest.fixture(autouse=True)
def backends(settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", PATH]


@pytest.fixture
def proven(user, phone, outbox):
    """A validated login with Alice's number."""
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    authentication = send(phone, purpose="login").authentication
    check(authentication, outbox[-1].code)
    return authentication


def test_authenticate_returns_the_owner_once(proven, user):
    assert authenticate(None, authentication=proven) == user
    assert authenticate(None, authentication=proven) is None


def test_authenticate_tells_its_backend(proven):
    assert authenticate(None, authentication=proven).backend == PATH


def test_authenticate_without_an_account(proven):
    PhoneNumber.objects.all().delete()
    assert authenticate(None, authentication=proven) is None


def test_authenticate_without_an_authentication(proven):
    assert authenticate(None, authentication=None) is None


def test_authenticate_with_a_password_is_left_to_others(user):
    user.set_password("secret")
    user.save()
    assert authenticate(None, username="alice", password="secret").backend.endswith(".ModelBackend")


@pytest.mark.django_db(transaction=True)
def test_aauthenticate_returns_the_owner(proven, user):
    async def log_in():
        try:
            return await aauthenticate(None, authentication=proven)
        finally:
            await sync_to_async(connections.close_all)()  # The thread that the services ran in stays.

    assert asyncio.run(log_in()) == user
