"""A project that moves from Ding v1 to Prelude v2 by a setting, and back: every code is checked where it was sent."""

import pytest

from django_ding.backends import get_backend
from django_ding.backends.types import CheckStatus, RetryStatus
from django_ding.models import Authentication
from django_ding.services import check, feedback, lookup, retry, send
from tests.backends.helpers import CUSTOMER_UUID
from tests.backends.servers import Provider, answer

pytestmark = pytest.mark.django_db

UUID, ID = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f", "vrf_01jc0t6fwwfgfsq1md24mhyztj"


@pytest.fixture
def v1():
    with Provider() as provider:
        yield provider


@pytest.fixture
def v2():
    with Provider() as provider:
        yield provider


@pytest.fixture
def move(settings, v1, v2):
    """Make a backend the one that sends new codes."""
    ding = {"api_key": "key", "customer_uuid": CUSTOMER_UUID, "base_url": v1.url}
    prelude = {"api_key": "key", "base_url": v2.url}
    backends = {
        "default": {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": ding},
        "prelude": {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": prelude},
    }

    def move(alias):
        settings.DING = {"BACKENDS": backends, "DEFAULT_BACKEND": alias, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}

    move("default")
    return move


def test_a_code_of_v1_is_checked_there_after_the_move(move, v1, v2, phone):
    v1.will(answer({"authentication_uuid": UUID, "status": "pending"}))
    row = send(phone).authentication
    move("prelude")
    v1.will(answer({"authentication_uuid": UUID, "status": "valid"}))
    assert check(Authentication.objects.get(pk=row.pk), "123456").status is CheckStatus.VALID
    assert [request.path for request in v1.requests] == ["/authentication", "/check"]
    assert not v2.requests


def test_a_code_of_v2_is_checked_there_after_the_way_back(move, v1, v2, phone):
    move("prelude")
    v2.will(answer({"id": ID, "status": "success"}))
    row = send(phone).authentication
    move("default")
    v2.will(answer({"id": ID, "status": "success"}))
    assert check(Authentication.objects.get(pk=row.pk), "123456").status is CheckStatus.VALID
    assert not v1.requests


def test_a_retry_stays_where_the_code_was_sent(move, v1, v2, phone, clock):
    v1.will(answer({"authentication_uuid": UUID, "status": "pending"}))
    row = send(phone).authentication
    move("prelude")
    clock.shift(31)
    v1.will(answer({"authentication_uuid": UUID, "status": "approved"}))
    assert retry(row).status is RetryStatus.APPROVED
    assert not v2.requests


def test_a_new_request_after_the_move_is_another_authentication(move, v1, v2, phone):
    v1.will(answer({"authentication_uuid": UUID, "status": "pending"}))
    row = send(phone, ip="192.0.2.1").authentication
    move("prelude")
    v2.will(answer({"id": ID, "status": "success"}))
    other = send(phone, ip="192.0.2.1").authentication
    assert (row.backend, other.backend) == ("default", "prelude")
    assert other.pk != row.pk


def test_everything_without_an_alias_goes_to_the_default_backend(move, v1, v2, phone):
    assert get_backend().alias == "default"
    move("prelude")
    assert get_backend().alias == "prelude"
    v2.will(answer({"line_type": "mobile"}))
    assert lookup(phone).line_type == "mobile"
    v1.will(answer({"uuid": UUID}))
    assert feedback(phone, "onboarded", backend="default").uuid == UUID
