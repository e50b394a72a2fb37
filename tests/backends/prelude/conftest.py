import pytest

from django_ding.backends.prelude import PreludeBackend
from tests.backends.servers import Provider

API_KEY = "key-of-the-tests"


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


@pytest.fixture
def make_backend(provider):
    def make(**options):
        return PreludeBackend("default", **{"api_key": API_KEY, "base_url": provider.url, **options})

    return make


@pytest.fixture
def backend(make_backend):
    return make_backend()
