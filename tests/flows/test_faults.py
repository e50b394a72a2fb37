"""Whatever goes wrong on the way to the provider, nothing is called sent or valid that is not known to be."""

import pytest

from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import check, retry, send
from tests.backends.faults import FAULTS, REFUSALS, read_timeout
from tests.backends.helpers import API_KEY, CUSTOMER_UUID
from tests.backends.servers import Provider, answer

pytestmark = pytest.mark.django_db

SENT = answer({"status": "pending", "authentication_uuid": "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"})
every_fault = pytest.mark.parametrize("name", FAULTS)


@pytest.fixture
def provider(settings, name):
    with Provider() as server:
        options = {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID, "base_url": server.url}
        options["read_timeout"] = read_timeout(name)
        backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
        settings.DING = {"BACKENDS": {"default": backend}, "RATE_LIMITS": {}}
        yield server


@pytest.fixture
def sent(clock, provider, user, phone):
    """An authentication that may be checked and retried."""
    provider.will(SENT)
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    return authentication


def fails(name, service, *args, **kwargs):
    with pytest.raises(DingError) as raised:
        service(*args, **kwargs)
    assert (type(raised.value), raised.value.code) == FAULTS[name][1:]


@every_fault
def test_send_that_fails_is_not_called_sent(provider, user, phone, name):
    provider.will(FAULTS[name][0])
    fails(name, send, phone, user=user)
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == ("failed", FAULTS[name][2])


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - REFUSALS))
def test_send_that_may_have_been_executed_is_not_repeated(provider, user, phone, name):
    provider.will(FAULTS[name][0])
    fails(name, send, phone, user=user)
    with pytest.raises(BackendUnavailable):
        send(phone, user=user)
    assert provider.connections == 1
    assert Authentication.objects.count() == 1


@every_fault
def test_check_that_fails_proves_nothing(provider, sent, name):
    provider.will(FAULTS[name][0])
    fails(name, check, sent, "123456")
    row = Authentication.objects.get()
    assert (row.status, row.validated_at, row.check_count) == ("pending", None, 1)
    assert not PhoneNumber.objects.exists()


@every_fault
def test_retry_that_fails_is_no_attempt(provider, sent, name):
    provider.will(FAULTS[name][0])
    fails(name, retry, sent)
    row = Authentication.objects.get()
    assert (row.status, row.retry_count) == ("pending", 0 if name in REFUSALS else 1)
    assert list(row.events.order_by("pk").values_list("type", flat=True)) == ["authentication", "error"]
