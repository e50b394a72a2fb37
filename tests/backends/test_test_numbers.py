import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_ding.backends import get_backend
from django_ding.backends.test_numbers import TestNumberBackend
from django_ding.backends.types import CheckStatus, RetryStatus
from django_ding.conf import TEST_NUMBERS_ALIAS
from django_ding.exceptions import BackendRejected, UnsupportedOperation
from django_ding.testing import BackendContract
from tests.backends.helpers import make_sent, send

NUMBERS = {"+12025550100": "424242", "+12025550101": "0017"}
FIRST, SECOND = NUMBERS


@pytest.fixture(autouse=True)
def listed():
    with override_settings(DING={"TEST_NUMBERS": NUMBERS}):
        yield


@pytest.fixture
def backend():
    return TestNumberBackend("default")


class TestTheTestNumberBackend(BackendContract):
    phone_number, other_phone_number = FIRST, SECOND

    def make_backend(self):
        return TestNumberBackend("default")

    def valid_code(self, sent):
        return NUMBERS[sent.phone_number]


def test_backend_needs_no_configuration():
    backend = get_backend(TEST_NUMBERS_ALIAS)
    assert isinstance(backend, TestNumberBackend)
    assert backend.alias == TEST_NUMBERS_ALIAS
    assert get_backend(TEST_NUMBERS_ALIAS) is backend


def test_alias_is_reserved():
    mine = {TEST_NUMBERS_ALIAS: {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}
    with override_settings(DING={"BACKENDS": mine}), pytest.raises(ImproperlyConfigured, match="'test-numbers'"):
        get_backend()


def test_each_number_has_its_own_code(backend):
    first, second = send(backend, FIRST), send(backend, SECOND)
    assert backend.check(second, "0017").status is CheckStatus.VALID
    assert backend.check(second, "424242").status is CheckStatus.INVALID
    assert backend.check(first, "0017").status is CheckStatus.INVALID


def test_zeros_in_front_count(backend):
    assert backend.check(send(backend, SECOND), "17").status is CheckStatus.INVALID


def test_uuid_is_another_each_time_and_hides_the_number(backend):
    uuid = send(backend, FIRST).authentication_uuid
    assert send(backend, FIRST).authentication_uuid != uuid
    assert FIRST[-8:] not in uuid


def test_another_process_knows_what_was_sent(backend):
    sent = send(backend, FIRST)
    assert TestNumberBackend("default").check(sent, "424242").status is CheckStatus.VALID


def test_number_that_is_not_listed_gets_nothing(backend, phone):
    with pytest.raises(BackendRejected) as caught:
        send(backend, phone)
    assert caught.value.code == "no_test_number"
    assert phone not in str(caught.value)


def test_number_that_is_listed_no_more_is_over(backend):
    sent = send(backend, FIRST)
    with override_settings(DING={"TEST_NUMBERS": {SECOND: "424242"}}):
        assert backend.check(sent, "424242").status is CheckStatus.EXPIRED_AUTH
        assert backend.retry(sent).status is RetryStatus.EXPIRED_AUTH


def test_nothing_else_is_supported(backend):
    assert not any([backend.supports_status, backend.supports_feedback, backend.supports_lookup])
    for call in (lambda: backend.status(make_sent()), lambda: backend.lookup(FIRST)):
        with pytest.raises(UnsupportedOperation):
            call()
