"""``PreludeBackend`` against the sandbox over HTTP, and the backend that needs none."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.prelude import PreludeBackend
from django_ding.backends.sandbox import PreludeSandboxBackend
from django_ding.sandbox import Simulator
from django_ding.sandbox.server import SandboxServer
from tests.backends.helpers import API_KEY
from tests.backends.prelude_contract import PreludeContract


@pytest.fixture(scope="module")
def sandbox_server():
    simulator = Simulator()
    with SandboxServer(simulator) as server:
        yield server
    simulator.close()


class TestPreludeBackend(PreludeContract):
    @pytest.fixture
    def simulator(self, sandbox_server):
        self.url = sandbox_server.url
        sandbox_server.simulator.reset()
        return sandbox_server.simulator

    def make_backend(self, **options):
        switched_on = {"supports_status": True, "supports_feedback": True}
        return PreludeBackend("default", api_key=API_KEY, base_url=self.url, **switched_on, **options)


class TestPreludeSandboxBackend(PreludeContract):
    def make_backend(self, **options):
        return PreludeSandboxBackend("default", **options)


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(ImproperlyConfigured, match="code_size"):
        PreludeSandboxBackend("default", code_sise=4)
