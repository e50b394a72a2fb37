import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_ding.backends import get_backend
from django_ding.backends.sandbox import SandboxBackend
from django_ding.backends.types import SendRequest
from django_ding.exceptions import BackendRejected
from django_ding.sandbox import default_simulator
from tests.backends.ding_contract import DingContract
from tests.backends.helpers import CUSTOMER_UUID

SANDBOX_BACKEND = {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}


def configured(**options):
    return override_settings(DING={"BACKENDS": SANDBOX_BACKEND, "SANDBOX": options})


class TestSandboxBackend(DingContract):
    def make_backend(self, **options):
        return SandboxBackend("default", **options)


def test_options_of_the_settings_are_used(phone):
    with configured(code_length=4):
        get_backend().send(SendRequest(phone_number=phone))
        assert len(default_simulator().messages(phone)[0].code) == 4


def test_credentials_of_the_settings_are_used(phone):
    with configured(api_key="key", customer_uuid=CUSTOMER_UUID):
        assert get_backend().send(SendRequest(phone_number=phone)).authentication_uuid


def test_other_customer_uuid_is_an_account_error(phone):
    backend = SandboxBackend("default")
    with configured(customer_uuid=CUSTOMER_UUID), pytest.raises(BackendRejected) as raised:
        backend.send(SendRequest(phone_number=phone))
    assert raised.value.code == "account_invalid"


def test_unknown_option_names_the_nearest():
    with configured(code_lenght=4), pytest.raises(ImproperlyConfigured, match="Did you mean 'code_length'"):
        get_backend()


def test_impossible_option_says_where():
    with configured(code_length=99), pytest.raises(ImproperlyConfigured, match=r'DING\["SANDBOX"\]: code_length'):
        get_backend()


def test_option_of_wrong_type_says_where():
    with configured(channels=7), pytest.raises(ImproperlyConfigured, match=r'DING\["SANDBOX"\]: '):
        get_backend()


def test_read_timeout_is_validated():
    with pytest.raises(ImproperlyConfigured, match="read_timeout must be a number of seconds"):
        SandboxBackend("default", read_timeout=0)
