"""The fixture ``ding_outbox``, there for every project that runs its tests with pytest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django_ding.testing import Outbox


@pytest.fixture
def ding_outbox() -> "Iterator[Outbox]":
    """Replace the provider by the sandbox in this test; the outbox holds the messages that it sent."""
    from django_ding.testing import sandbox  # Not earlier: the settings may not be ready when pytest loads plugins.

    with sandbox() as outbox:
        yield outbox
