from collections.abc import Callable, Iterator
from typing import Any

import pytest

from django_ding.sandbox import Options, Simulator

from .helpers import Client, Clock, V2Client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(clock: Clock) -> Iterator[Callable[..., Client]]:
    """Return a function that makes a client of a simulator with some options."""
    made: list[Simulator] = []

    def _make(**options: Any) -> Client:
        simulator = Simulator(Options(**options), clock=clock, background=False)
        made.append(simulator)
        return Client(simulator)

    yield _make
    for simulator in made:
        simulator.close()


@pytest.fixture
def client(make: Callable[..., Client]) -> Client:
    return make()


@pytest.fixture
def simulator(client: Client) -> Simulator:
    return client.simulator


@pytest.fixture
def make_v2(make: Callable[..., Client]) -> Callable[..., V2Client]:
    """Return a function that makes a client of version 2 of a simulator with some options."""
    return lambda **options: V2Client(make(**options).simulator)


@pytest.fixture
def v2(simulator: Simulator) -> V2Client:
    return V2Client(simulator)
