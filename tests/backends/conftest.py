from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from django_ding.backends.ding import DingBackend
from tests.backends.helpers import API_KEY, CUSTOMER_UUID
from tests.backends.servers import Provider

settings.register_profile("tests", deadline=None, database=None, max_examples=50)
settings.load_profile("tests")

MakeBackend = Callable[..., DingBackend]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture
def make_backend(provider) -> MakeBackend:
    """Return a function that makes a backend which talks to ``provider``, with further options."""

    def make(**options):
        return DingBackend(
            "default",
            **{"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID, "base_url": f"{provider.url}/v1", **options},
        )

    return make


@pytest.fixture
def backend(make_backend) -> DingBackend:
    return make_backend()
